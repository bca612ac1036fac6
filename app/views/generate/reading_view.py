"""One result of a task that classifies pictures: a pad to draw on, what networks read there, their first layers."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from app.engine.networks import Network, Trial
from app.engine.progress import View
from app.engine.services import services
from app.views.generate import words
from app.views.generate.results import Facts
from app.widgets.neurons.neurons import FirstLayer, show_neurons
from app.widgets.reading.reading import Reader, show_reading
from app.widgets.weights.weights import ALIGNED_TITLE, UNALIGNED_TITLE
from nnit.request import SampleRequest


class Accuracy(View):
    """How many test pictures one network reads right; there is no robot to show."""

    def __init__(self, network: Network, title: str) -> None:
        """Lay its line out here."""
        self._title, self._task = title, network.policy.task
        self._place = st.empty()
        known = services().known_trial(network)
        if known is None:
            self.say_trial("test pictures to read")
        else:
            self.show_trial(known)

    def say_trial(self, text: str) -> None:
        """How far it is."""
        self._show(f'<span class="quiet">{escape(text)}</span>')

    def show_trial(self, trial: Trial) -> None:
        """The accuracy."""
        self._show(escape(words.reached(self._task, trial)))

    def show_no_trial(self, reason: str) -> None:
        """Why there is none."""
        self._show(f"not tested: {escape(reason)}")

    def _show(self, text: str) -> None:
        head = f"<b>{escape(self._title)}</b>: " if self._title else ""
        self._place.html(f'<p class="rate">{head}{text}</p>')


class ReadingView:
    """The places of one result.

    Attributes:
        accuracies: of each network that is shown, in the order given.
        facts: of the first; None where two are compared.
    """

    def __init__(
        self, request: SampleRequest, networks: Sequence[tuple[str, Network]], *, compared: bool
    ) -> None:
        """Lay the places out and show what needs no test.

        Args:
            request: what is shown.
            networks: one, or two side by side, each with its title.
            compared: whether the second is another one of the request's, not what the other model wrote.
        """
        first = networks[0][1]
        with st.container(key="result"):
            show_reading([Reader(network.policy, title) for title, network in networks])
            self.accuracies = [Accuracy(network, title) for title, network in networks]
            st.markdown("#### What the first layer's neurons look for")
            st.caption(
                "A neuron of the first layer has one weight for each pixel, so its weights are a picture: "
                "orange where ink speaks for it, blue where ink speaks against it."
            )
            show_neurons(
                _layers(networks, first, compared=compared),
                request.task,
                name=f"{request.task} {first.policy.architecture}",
                hint="Point at a picture to mark its place in every row.",
            )
            self.facts: Facts | None = None
            if not compared:
                st.markdown("#### The network")
                self.facts = Facts(request, first)


def _layers(
    networks: Sequence[tuple[str, Network]], first: Network, *, compared: bool
) -> list[FirstLayer]:
    rows = [
        FirstLayer(network.policy.weights[0], title or "As generated")
        for title, network in networks
    ]
    if not compared:
        twin = FirstLayer(
            first.shuffled.weights[0],
            "The first network, its neurons shuffled",
            "The same pictures at other places: it reads the same.",
        )
        rows.insert(1, twin)
    return rows


def titles_of(contrast: Network | None) -> tuple[str, str]:
    """What a network and what the other model wrote are called; the first has no title where it is alone."""
    return ("" if contrast is None else ALIGNED_TITLE, UNALIGNED_TITLE)
