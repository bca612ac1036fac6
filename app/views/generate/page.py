"""Generate: choose a task and a shape; two models write a network for it, and one sees both robots."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from app.engine.checkpoint import checkpoint_version, has_contrast, suite_of
from app.engine.example import example_for
from app.engine.failures import failure_of
from app.engine.jobs import Job
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
from app.engine.request import contrast_request
from app.engine.services import services
from app.views.generate import controls, words
from app.views.generate.cards import show_cards
from app.views.generate.my_class import show_my_class
from app.views.generate.numbers import show_story
from app.views.generate.pair import heading_of_two, show_two, title
from app.views.generate.reading_view import ReadingView, titles_of
from app.views.generate.results import Heading, Places, Result, ResultView, show_heading
from app.views.generate.small_map import show_small_map
from app.widgets.choice import choice_of, robot_kind, shown_kind
from app.widgets.classroom import add_to_class
from app.widgets.controls import task_picker
from app.widgets.links import carry, literally
from app.widgets.replay.replay import load_ahead
from app.widgets.robot import robot_kind_control
from nnit.errors import UserError
from nnit.request import SampleRequest


def example_result() -> Result | None:
    """What ships; None where it is missing or damaged."""
    try:
        example = example_for(st.session_state.chosen_task)
    except UserError as error:
        st.info(f"There is no example to show: {error}.")
        return None
    return Result(example.request, (example.network,), example.contrast, example=True)


def ships(request: SampleRequest) -> bool:
    """Whether the example is what the checkpoint writes for this."""
    try:
        example = example_for(request.task)
    except UserError:
        return False
    whole = example.contrast is not None or not has_contrast(request.task)
    version = checkpoint_version(request.task)
    return whole and example.request == request and example.network.version == version


def made(request: SampleRequest, places: Places) -> tuple[Result | None, str]:
    """The networks of a request; or none, and what went wrong."""
    state = st.session_state
    shown = state.get("shown_name")
    if shown is not None:
        shown = words.name_beside(request, state.on_screen, shown)

    def wait_for(
        job: "Job[tuple[Network, ...]]", meanwhile: "Job[tuple[Network, ...]] | None" = None
    ) -> str | None:
        def say(text: str) -> None:
            places.heading.say(words.making(request, text, shown))
            if shown is None:
                places.rest.html(words.PLACES)

        later = [] if meanwhile is None else [Waiting(meanwhile, sampling_label)]
        follow([Waiting(job, sampling_label, say=say)], places.rest, meanwhile=later)
        return failure_of(job.future)

    chosen = choice_of(request).shown
    known = not words.is_chosen(request)
    contrast: Job[tuple[Network, ...]] | None = None
    job = services().networks(request)
    if known and has_contrast(
        request.task
    ):  # both at once: the second is written while the first is shown
        contrast = services().networks(_beside(request, chosen), "unaligned")
    if (wrong := wait_for(job, contrast)) is not None:
        return None, wrong
    networks = job.future.result()
    if contrast is None and has_contrast(request.task):
        asked = contrast_request(request, networks[chosen].policy.architecture)
        contrast = services().networks(_beside(asked, chosen), "unaligned")
    if contrast is None:
        return Result(request, networks), ""
    if (wrong := wait_for(contrast)) is not None:
        places.error.warning(f"The second model wrote nothing: {literally(wrong)}.")
        return Result(request, networks), ""
    return Result(request, networks, contrast.future.result()[chosen]), ""


def _beside(request: SampleRequest, index: int) -> SampleRequest:
    """What the other model is asked for: as many networks as it takes to have the one of this number."""
    return replace(request, count=index + 1, max_parameters=None)


def show_result(result: Result, places: Places) -> None:
    """One network beside what the other model wrote, or two of the model; above them all as cards, if several."""
    request, networks = result.request, result.networks
    choice = choice_of(request)
    shown = networks[choice.shown]
    reads = suite_of(request.task).classifies
    st.session_state.on_screen = request
    st.session_state.shown_name = words.name_of(request.task, shown.policy.architecture)
    places.rest.empty()
    views: dict[str, list[View]] = {network.digest: [] for network in networks}
    if len(networks) > 1:
        for network, card in zip(networks, show_cards(networks, choice), strict=True):
            views[network.digest].append(card)
    first = [shown]
    if reads:
        first = show_reading_result(result, places, views)
    elif choice.beside is None:
        view = ResultView(request, shown, result.contrast, choice)
        # Last: until all that is below is of this network, it says that it is not.
        show_heading(places.heading, request, shown, example=result.example)
        views[shown.digest] += [view.robot, view.facts]
        if view.contrast is not None and result.contrast is not None:
            views[result.contrast.digest] = [view.contrast]
            first.append(result.contrast)
    else:
        beside = networks[choice.beside]
        sides = show_two(request, shown, beside)
        places.heading.show(heading_of_two(request.task))
        views[shown.digest].append(sides[0])
        views[beside.digest].append(sides[1])
        first.append(beside)
    # A class counts what its visitors asked for, not the example.
    counted = networks if st.session_state.get("requested") == request else ()
    others = [n for n in networks if n not in first]
    if not reads:
        follow_robots(first, others, views, choice.goal)
    follow_trials([*first, *others], views, counted)


def show_reading_result(
    result: Result, places: Places, views: dict[str, list[View]]
) -> list[Network]:
    """One network beside what the other model wrote, or two of the model, and a pad to draw on.

    Args:
        result: what is shown.
        places: of the page.
        views: of each network, by its digest; those made here are added.

    Returns:
        The networks that are shown whole.
    """
    request, networks = result.request, result.networks
    choice = choice_of(request)
    shown = networks[choice.shown]
    compared = choice.beside is not None
    if choice.beside is not None:
        pairs = [(title(one), one) for one in (shown, networks[choice.beside])]
        places.heading.show(heading_of_two(request.task))
    else:
        mine, theirs = titles_of(result.contrast)
        pairs = [(mine, shown)]
        if result.contrast is not None:
            pairs.append((theirs, result.contrast))
        show_heading(places.heading, request, shown, example=result.example)
    view = ReadingView(request, pairs, compared=compared)
    for (_, network), accuracy in zip(pairs, view.accuracies, strict=True):
        views.setdefault(network.digest, []).append(accuracy)
    if view.facts is not None:
        views[shown.digest].append(view.facts)
    return [network for _, network in pairs]


def follow_robots(
    first: list[Network],
    others: list[Network],
    views: dict[str, list[View]],
    goal: int,
) -> None:
    """Fill the robots in that are looked at.

    Args:
        first: whose robots are looked at.
        others: of which there are cards.
        views: of each network, by its digest.
        goal: with which the robots are seen.
    """
    nowhere = st.empty()  # each says in its own place how far it is

    def robots(make: Callable[..., Waiting], networks: list[Network], label: str) -> list[Waiting]:
        return [make(n, views[n.digest], label, goal) for n in networks]

    kind = shown_kind(first[0].policy.task)
    if kind == "3d":
        follow(robots(replay_of, first, "Running the robot"), nowhere)
    elif kind == "film":
        films = robots(film_of, first, "Filming")
        failed = [one.job for one in films]
        rest = [film_of(n, views[n.digest], "Filming") for n in others]
        follow(films, nowhere, meanwhile=rest)
        # Without a film the same episode in 3D, which needs no OpenGL here.
        again = [
            network
            for network, job in zip(first, failed, strict=True)
            if failure_of(job.future) is not None
        ]
        follow(robots(replay_of, again, "Running the robot"), nowhere, meanwhile=rest)
        follow(rest, nowhere)


def follow_trials(
    tried: list[Network], views: dict[str, list[View]], counted: Sequence[Network]
) -> None:
    """Fill in how each network does, one after the other.

    Args:
        tried: the networks.
        views: of each network, by its digest.
        counted: those that the map of the visitor's class counts.
    """
    nowhere = st.empty()  # each says in its own place how far it is
    trials = [trial_of(n, views[n.digest], f"Trying {words.tries(n.policy.task)}") for n in tried]
    # One after the other: the server tries one at a time, and its queue is not this visitor's.
    while trials:
        now = trials.pop(0)
        follow([now], nowhere, meanwhile=trials)
        network, outcome = tried.pop(0), now.job.future
        if network in counted and failure_of(outcome) is None:
            add_to_class(network, outcome.result())


def show(request: SampleRequest | None, places: Places) -> None:
    """The result of a request; where it fails, what was there before it, or the example."""
    state = st.session_state
    result: Result | None = None
    if request is not None and not ships(request):
        result, wrong = made(request, places)
        if result is None:
            places.error.error(f"No network was generated: {literally(wrong)}.")
            before = state.get("shown")
            if before is not None and before != request and not ships(before):
                result, _ = made(before, places)
        else:
            state.shown = request
    elif request is not None:
        state.shown = request
    if result is None:
        result = example_result()
    if result is not None:
        show_result(result, places)


def asked_for(current: SampleRequest | None, *, pressed: bool) -> SampleRequest | None:
    """What is to be shown: what is set, as soon as anything was changed or a button pressed."""
    state = st.session_state
    if current is not None:
        if pressed or current != state.setdefault("settled", current):
            state.requested = current
        state.settled = current
    requested: SampleRequest | None = state.get("requested")
    return requested


state = st.session_state
first_time = not controls.is_open()
from_link = controls.read_address()
if from_link is not None:
    state.requested = state.settled = from_link

if robot_kind() != "film" and not suite_of(state.chosen_task).classifies:
    load_ahead()
story = st.container(key="story")
if first_time:
    with story:
        show_story()
controls.show_problems()
tasks = st.container(key="tasks")
with st.container(key="work"):
    left, right = st.columns([3, 10], gap="large")
with right:
    with st.container(horizontal=True, vertical_alignment="center", key="heading"):
        heading = Heading()
        if not suite_of(state.chosen_task).classifies:
            robot_kind_control("large")
    places = Places(heading, st.empty(), st.empty())
    results = st.container()


def show_controls() -> SampleRequest | None:
    """The controls; what is asked for with them."""
    with tasks:
        task = task_picker()
    with left, st.container(key="controls"):
        current, buttons = controls.request_controls(task)
        with buttons:
            pressed = controls.generate_buttons(ready=current is not None)
        if current is not None:
            show_small_map(task, current.architecture)
        show_my_class(task)
    if not first_time:
        with story:  # of the task that was chosen just now
            show_story()
    request = asked_for(current, pressed=pressed)
    if request is not None:
        controls.write_address(request)
        carry(request)
    # Until something is asked for, the example is what is there, if it is what would be made.
    there = current if current == state.get("on_screen") else None
    controls.remember(request or (there if there is not None and ships(there) else None))
    return request


# The example needs no controls: it is drawn while the browser still waits for them.
if first_time and from_link is None:
    with results:
        show(None, places)
    request = show_controls()
else:
    request = show_controls()
    with results:
        show(request, places)
services().warm_up(state.chosen_task)
