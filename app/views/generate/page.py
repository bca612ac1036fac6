"""Generate: choose a task and a shape, get networks and see their robots."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.engine.example import load_example_recording, shipped_example
from app.engine.failures import failure_of
from app.engine.networks import Network
from app.engine.progress import (
    View,
    Waiting,
    film_of,
    follow,
    replay_of,
    sampling_label,
    trial_of,
)
from app.engine.request import default_request
from app.engine.services import services
from app.views.generate import controls
from app.views.generate.cards import show_cards
from app.views.generate.pair import show_two
from app.views.generate.results import ResultView
from app.widgets.choice import choice_of, robot_kind
from app.widgets.controls import task_picker
from nnit.errors import UserError
from nnit.request import SampleRequest


def show_example() -> None:
    """The shipped example, which needs no model."""
    try:
        example = shipped_example()
    except UserError as error:
        st.info(f"There is no example to show: {error}.")
        return
    view = ResultView(example.request, example.network, example=True)
    view.show_film(example.film)
    view.show_trial(example.trial)
    if robot_kind() == "3d":
        try:
            view.show_replay(load_example_recording())
        except UserError as error:
            view.show_no_replay(str(error))


def show_networks(
    request: SampleRequest, networks: tuple[Network, ...], status: DeltaGenerator
) -> None:
    """One network whole or two side by side, above them all of them as cards, if there are several."""
    choice = choice_of(request)
    views: dict[int, list[View]] = {network.index: [] for network in networks}
    if len(networks) > 1:
        for network, card in zip(networks, show_cards(networks, choice), strict=True):
            views[network.index].append(card)
    shown = networks[choice.shown]
    if choice.beside is None:
        views[choice.shown].append(ResultView(request, shown))
        first = [shown]
    else:
        beside = networks[choice.beside]
        sides = show_two(request, shown, beside)
        views[choice.shown].append(sides[0])
        views[choice.beside].append(sides[1])
        first = [shown, beside]
    # What is looked at comes first, its film before all trials: they would slow it down.
    ordered = [*first, *(network for network in networks if network not in first)]
    replays = [replay_of(n, views[n.index], f"Recording {_which(n, networks)}") for n in first]
    films = [film_of(n, views[n.index], f"Filming {_which(n, networks)}") for n in ordered]
    rest = films[len(first) :]
    follow([*replays, *films[: len(first)]], status, meanwhile=rest)
    trials = [trial_of(n, views[n.index], f"Trying {_which(n, networks)}") for n in ordered]
    follow([*trials[: len(first)], *rest, *trials[len(first) :]], status)


def _which(network: Network, networks: tuple[Network, ...]) -> str:
    if len(networks) == 1:
        return "the robot"
    return f"network {network.index + 1} of {len(networks)}"


def sampled(
    request: SampleRequest, status: DeltaGenerator
) -> tuple[tuple[Network, ...], str | None]:
    """The networks of a request, or what went wrong."""
    job = services().networks(request)
    follow([Waiting(job, sampling_label)], status)
    wrong = failure_of(job.future)
    return (() if wrong else job.future.result()), wrong


def show(
    request: SampleRequest | None, status: DeltaGenerator, error_place: DeltaGenerator
) -> None:
    """The result of a request; where it fails, what was there before it."""
    state = st.session_state
    if request is not None:
        networks, wrong = sampled(request, status)
        if wrong is None:
            state.shown = request
            show_networks(request, networks, status)
            status.empty()
            return
        status.empty()
        error_place.error(f"No network was generated: {wrong}.")
    previous = state.get("shown")
    if previous is not None:
        networks, wrong = sampled(previous, status)
        if wrong is None:
            show_networks(previous, networks, st.empty())
            return
    show_example()


state = st.session_state
from_link = controls.read_address()
if from_link is not None:
    state.requested = from_link

st.html(
    '<p class="lead">A diffusion transformer writes the weights of a small neural network, for a shape '
    "it was never trained on. The network then drives the robot.</p>"
)
controls.show_problems()
task = task_picker()
left, right = st.columns([3, 10], gap="large")
with left, st.container(key="controls"):
    current = controls.request_controls(task)
    pressed = controls.generate_buttons(ready=current is not None)
    with st.container(key="status"):
        status, error_place = st.empty(), st.empty()
if current is not None:
    if pressed:
        state.requested = current
    if pressed or state.get("requested") or current != default_request():
        controls.write_address(current)
with right:
    show(state.get("requested"), status, error_place)
services().warm_up(task)
