"""Several networks as a row of cards: which one is shown, and which one it is compared with."""

import streamlit as st

from app.engine.film import Film
from app.engine.networks import Network, Trial
from app.engine.progress import View
from app.views.generate import words
from app.views.generate.pair import title
from app.widgets import choice as chosen
from app.widgets.choice import Choice, robot_kind


class Card(View):
    """One network, small."""

    def __init__(self, network: Network, choice: Choice) -> None:
        """Lay the card out; it is a button that shows its network."""
        self._network = network
        index = network.index
        shown, beside = index == choice.shown, index == choice.beside
        kind = "shown" if shown else "beside" if beside else "other"
        with st.container(key=f"card_{index}"):
            with st.container(key=f"{kind}_{index}"):
                # In 3D a page has room for one or two views, and films are made only where they are asked for.
                self._film = st.empty() if robot_kind() == "film" else None
                self._text = st.empty()
                st.button(
                    f"Show {title(network)}",
                    key=f"show_{index}",
                    on_click=chosen.show,
                    args=(choice.request, index),
                )
            if not shown:
                st.button(
                    "Stop comparing" if beside else "Compare",
                    key=f"compare_{index}",
                    on_click=chosen.compare,
                    args=(choice.request, None if beside else index),
                    type="tertiary",
                    help=None if beside else "See it beside the network that is shown.",
                )
        self._show_text(None, "", "trying")

    def show_waiting(self) -> None:
        """Hold the film's place."""
        if self._film is not None:
            self._film.html('<div class="film-place"></div>')

    def say_trial(self, text: str) -> None:
        """How far its trial is."""
        self._show_text(None, "", text)

    def show_film(self, film: Film) -> None:
        """The film, without sound or buttons."""
        if self._film is None:
            return
        # The text tells it from the large player of the same film: no two may be the same.
        self._film.video(
            film.video, autoplay=True, muted=True, loop=True, alt=f"Robot of {title(self._network)}"
        )

    def show_no_film(self, reason: str) -> None:
        """An empty place; the reason is beside the network that is shown."""
        if self._film is not None:
            self._film.html('<div class="film-place none">no film</div>')

    def show_trial(self, trial: Trial) -> None:
        """How many episodes succeed."""
        self._show_text(trial, words.rate(trial), words.interval(trial))

    def show_no_trial(self, reason: str) -> None:
        """Say that there is no result."""
        self._show_text(None, "", "not tried")

    def _show_text(self, trial: Trial | None, rate: str, sure: str) -> None:
        network = self._network
        parameters = words.count(network.policy.architecture.parameter_count, "parameter")
        self._text.html(
            f'<div class="card-text"><div><b>{title(network)}</b><b>{rate}</b></div>'
            f'{words.dots(trial)}<span class="quiet">{sure}</span>'
            f'<span class="quiet">{parameters}</span><span class="quiet">{words.size(network)}</span></div>'
        )


def show_cards(networks: tuple[Network, ...], choice: Choice) -> list[Card]:
    """A row of cards, one a network."""
    with st.container(key="cards"):
        return [Card(network, choice) for network in networks]
