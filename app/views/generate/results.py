"""One result: the robots of both models, their matrices with the slider that shuffles, and what is known."""

from dataclasses import dataclass, replace
from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.engine.networks import Network, Trial
from app.engine.progress import View
from app.engine.request import FLOW_STEPS, to_query
from app.engine.services import services
from app.views.generate import words
from app.views.generate.downloads import (
    film_downloads,
    network_downloads,
    robot_download,
    show_commands,
)
from app.views.generate.robot_view import RobotView
from app.widgets.choice import Choice
from app.widgets.weights.weights import (
    ALIGNED_TITLE,
    UNALIGNED_TITLE,
    show_contrast,
    show_weights,
)
from nnit.request import SampleRequest


@dataclass(frozen=True, eq=False)
class Result:
    """Networks that are there.

    Attributes:
        request: what they were made for.
        networks: of the model.
        contrast: what the model trained on shuffled networks wrote for the one that is shown; None where it was
            not asked, or could not.
        example: whether it ships.
    """

    request: SampleRequest
    networks: tuple[Network, ...]
    contrast: Network | None = None
    example: bool = False


class Heading:
    """Where the page says what it makes, and then what it shows: three places, one above the other, used in turn.

    What a run writes to a place is sent in the turn of what it wrote there before, unless that has been sent already.
    So a heading that is written last, to a place that was emptied first, could arrive before what it is the heading
    of. It goes to a place that the run has not written to.
    """

    _PLACES = 3

    def __init__(self) -> None:
        """Lay the places out here, and empty the one that the last run wrote to."""
        with st.container(gap=None, key="heading_places"):
            self._places = [st.container() for _ in range(self._PLACES)]
        self._last: int = st.session_state.get("heading_place", 0)
        self._places[self._last].empty()
        self._making: DeltaGenerator | None = None

    def say(self, text: str) -> None:
        """Write what is being made, in place of what was said before."""
        if self._making is None:
            self._making = self._next().empty()
        self._making.html(text)

    def show(self, text: str) -> None:
        """Write what is shown, once all of it is there."""
        if self._making is not None:
            self._making.empty()
            self._making = None
        self._next().html(text)

    def _next(self) -> DeltaGenerator:
        self._last = (self._last + 1) % self._PLACES
        st.session_state.heading_place = self._last
        return self._places[self._last]


@dataclass(frozen=True)
class Places:
    """Where the page says what it shows, and what went wrong."""

    heading: Heading
    error: DeltaGenerator
    rest: DeltaGenerator


def _flow_query(request: SampleRequest, network: Network) -> dict[str, str] | None:
    """The address of the flow that wrote this network, where "Noise to robot" can show it."""
    if network.index or request.max_parameters is not None or request.steps > FLOW_STEPS.high:
        return None
    return to_query(replace(request, architecture=network.policy.architecture, count=1))


class Facts(View):
    """What is known of a network, and what can be taken away of it; its twin's outcome comes with the trial."""

    def __init__(self, request: SampleRequest, network: Network) -> None:
        """Lay it out, and show what needs no simulation."""
        self._request, self._network = request, network
        self._facts = st.empty()
        known = services().known_trial(network)
        self._show("trying" if known is None else words.twin(known))
        with (
            st.popover("Download", key="download", icon=":material/download:"),
            st.container(key="menu", gap=None),
        ):
            network_downloads(request, network)
            robot_download(request, network)
            film_downloads(request, network)
        show_commands(request, network)
        flow = _flow_query(request, network)
        if flow is not None:
            st.page_link(
                "views/noise/page.py",
                label="Watch it form out of noise",
                icon=":material/animation:",
                query_params=flow,
            )

    def show_trial(self, trial: Trial) -> None:
        """What the twin with shuffled neurons does."""
        self._show(words.twin(trial))

    def show_no_trial(self, reason: str) -> None:
        """Nobody knows."""
        self._show("not tried")

    def _show(self, twin: str) -> None:
        self._facts.html(words.facts_html(words.facts(self._request, self._network, twin)))


class ResultView:
    """The places of one result.

    Attributes:
        robot: of the network.
        contrast: the robot of what the other model wrote, if it is there.
        facts: of the network.
    """

    def __init__(
        self, request: SampleRequest, network: Network, contrast: Network | None, choice: Choice
    ) -> None:
        """Lay the places out, in their final size, and show what needs no simulation."""
        self.contrast: RobotView | None = None
        with st.container(key="result"):
            left, right = st.columns(2, gap="medium")
            if contrast is None:
                with left:
                    self.robot = RobotView(network, choice, name="aligned", title=None)
                with right:
                    self.facts = Facts(request, network)
                with st.container(key="matrices"):
                    show_weights(network.policy, network.shuffled, network.patch)
                return
            with left:
                self.robot = RobotView(network, choice, name="aligned", title=ALIGNED_TITLE)
            with right:
                self.contrast = RobotView(contrast, choice, name="unaligned", title=UNALIGNED_TITLE)
            with st.container(key="matrices"):
                show_contrast(network.policy, contrast.policy, network.shuffled, network.patch)
            with st.container(key="known"):
                facts, goals = st.columns([7, 5], gap="large")
                with facts:
                    st.markdown("#### The network on the left")
                    self.facts = Facts(request, network)
                with goals:
                    st.markdown("#### Where the goals are")
                    st.caption("Choose one, here or under a robot: both robots are shown with it.")
                    for view in (self.robot, self.contrast):
                        st.html(f'<p class="whose">{escape(view.title)}</p>')
                        with st.container(key=f"where_{view.name}"):
                            view.place_of_goals(st.empty())


def show_heading(
    place: Heading, request: SampleRequest, network: Network, *, example: bool
) -> None:
    """What is shown below: task, architecture, number of parameters."""
    tag = ""
    if example:
        tag = '<span class="tag">example, made earlier</span>'
    elif words.is_chosen(request):
        tag = '<span class="tag">the model chose the architecture</span>'
    parameters = words.count(network.policy.architecture.parameter_count, "parameter")
    name = escape(words.name_of(request.task, network.policy.architecture))
    of = f"{request.task} {network.policy.architecture}"
    place.show(
        f'<div class="shown" data-of="{of}"><h2>{name}</h2><span class="quiet">{parameters}</span>{tag}</div>'
    )
