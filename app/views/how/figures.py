"""What the screens show beside their question, and with its answer."""

from html import escape
from typing import Any

import numpy as np
import streamlit as st

from app.engine.checkpoint import default_task, suite_of
from app.engine.example import load_example_recording, shipped_example
from app.engine.failures import failure_of
from app.engine.jobs import Job
from app.engine.networks import Network
from app.engine.progress import Waiting, film_of, follow, replay_of, sampling_label
from app.engine.request import PAGE_PARAMETERS, one_form
from app.engine.services import services
from app.views.how.cutting import show_cutting
from app.views.how.networks import (
    as_network,
    half_shuffled,
    network,
    noise_like,
    ours,
    out_of_noise,
)
from app.widgets.choice import shown_kind
from app.widgets.links import literally
from app.widgets.robot import RobotPlace
from app.widgets.sequence.sequence import show_sequence
from app.widgets.weights.weights import Picture, show_pictures, shuffled_order
from nnit.alignment.matching import weight_matching
from nnit.alignment.metrics import correlation
from nnit.alignment.permute import shuffle
from nnit.errors import UserError
from nnit.mlp.patches import token_layout
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MAX_WIDTH, MIN_WIDTH, PartialArchitecture
from nnit.request import SampleRequest

_REACH = 0.15  # metres around the usual place of the hand
_SHUFFLE = 1  # seed of the shuffles that the screens begin with
_WIDEST = 128  # of the sliders; any width of `MIN_WIDTH` to `MAX_WIDTH` works


def patch() -> int:
    """Side of a patch of our network, in cells."""
    return shipped_example().network.patch


def _actions(policies: list[tuple[str, Policy]], observation: np.ndarray) -> None:
    """A table of what networks do in one state."""
    names = suite_of(policies[0][1].task).action_names
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    rows = ""
    for title, policy in policies:
        cells = "".join(f"<td>{value:+.4f}</td>" for value in policy.act(observation))
        rows += f"<tr><th>{escape(title)}</th>{cells}</tr>"
    st.html(f'<table class="actions"><tr><td></td>{head}</tr>{rows}</table>')


def _hand_sliders(policy: Policy) -> np.ndarray:
    """A usual state of the scene, with the hand where the visitor puts it, if it is part of the state."""
    observation = np.array(policy.observation_mean, np.float32)
    tracked = suite_of(policy.task).tracked
    if tracked is None:
        return observation
    columns = st.columns(3)
    for axis, (column, name) in enumerate(zip(columns, ("x", "y", "z"), strict=True)):
        moved = column.slider(
            f"Hand, {name} (cm)",
            -100 * _REACH,
            100 * _REACH,
            0.0,
            1.0,
            "%.0f",
            key=f"how_hand_{name}",
        )
        observation[tracked[0] + axis] += moved / 100
    return observation


def show_our_robot() -> None:
    """The robot of our network, from what ships."""
    example = shipped_example()
    place = RobotPlace("how", example.request.task)
    if example.film is not None:
        place.show_film(example.film)
    if place.wants_live:
        place.show_live(example.network, 0)
    if place.wants_replay:
        try:
            place.show_replay(load_example_recording())
        except UserError as error:
            place.show_no_replay(str(error))
    st.caption(f"Our network, {ours().architecture}, drives this robot; nobody steers it.")


def _show_robot(network: Network, name: str, what: str) -> None:
    """The robot that a network drives, once its episode is recorded, and filmed if a film is wanted."""
    place, note = RobotPlace(name, network.policy.task), st.empty()
    if place.wants_live:
        place.show_live(network, 0)
        note.caption(f"{what} drives this robot.")
        return
    replay = replay_of(network, [place], "Recording the robot")
    films = [] if place.wants_replay else [film_of(network, [place], "Filming the robot")]
    follow([replay, *films], note)
    if (wrong := failure_of(replay.job.future)) is not None:
        note.caption(f"The episode was not recorded: {literally(wrong)}.")
        return
    recording = replay.job.future.result()
    outcome = "Success" if recording.success else "No success"
    note.caption(f"{what}: {outcome.lower()} in {recording.steps} steps of the robot.")


def noise_or_network() -> None:
    """Two pictures without names."""
    policy = ours()
    show_pictures((Picture(noise_like(policy), "A"), Picture(policy, "B")), policy, patch())


def function() -> None:
    """The same with names, and what the network does in a state that the visitor sets."""
    policy = ours()
    hand, action = st.columns([3, 2], gap="medium", vertical_alignment="center")
    with hand:
        observation = _hand_sliders(policy)
    with action:
        _actions([("action", policy)], observation)
    show_pictures(
        (
            Picture(noise_like(policy), "A: noise", "Independent random numbers."),
            Picture(
                policy, "B: our network", "Stripes and blocks: some inputs and neurons weigh more."
            ),
        ),
        policy,
        patch(),
    )


def _two_shuffles(seed: int) -> tuple[Policy, Policy]:
    policy = ours()
    return half_shuffled(policy, seed), shuffle(policy, seed)


def which_shuffle() -> None:
    """Two shuffled networks without names."""
    half, whole = _two_shuffles(_SHUFFLE)
    show_pictures(
        (Picture(half, "A"), Picture(whole, "B", neurons=shuffled_order(whole))), ours(), patch()
    )


def shuffled() -> None:
    """The same with names, and what both do."""
    policy = ours()
    order, actions = st.columns([1, 2], gap="medium", vertical_alignment="center")
    seed = int(order.number_input("Order, number", 1, 99, _SHUFFLE, key="how_order"))
    half, whole = _two_shuffles(seed)
    observation = np.array(policy.observation_mean, np.float32)
    with actions:
        _actions([("ours", policy), ("A", half), ("B", whole)], observation)
    show_pictures(
        (
            Picture(half, "A: rows alone", "W2 still reads the old places."),
            Picture(
                whole,
                "B: rows and columns",
                "Every neuron keeps what it reads, and who reads it.",
                shuffled_order(whole),
            ),
        ),
        policy,
        patch(),
    )


def broken_robot() -> None:
    """The robot of the network of which only the rows were shuffled."""
    _show_robot(as_network(half_shuffled(ours(), _SHUFFLE)), "broken", "Network A")


def prepare_broken_robot() -> None:
    """Record and film it while the question is asked, so that nobody waits with the answer."""
    broken = as_network(half_shuffled(ours(), _SHUFFLE))
    with st.container(key="ahead"):  # is not seen
        said = st.empty()
    kind = shown_kind(broken.policy.task)
    jobs: list[Job[Any]] = [] if kind == "live" else [services().replay(broken)]
    if kind == "film":
        jobs.append(services().film(broken))
    follow([Waiting(job, lambda _: "Getting the answer ready") for job in jobs], said)
    said.empty()


def _strangers(*, matched: bool) -> tuple[Policy, Policy]:
    """Our network in another order, and one trained apart; both matched to ours or not."""
    policy = ours()
    twin, other = shuffle(policy, _SHUFFLE), network("scratch-0")
    if matched:
        return tuple(weight_matching(policy, one).apply(one) for one in (twin, other))  # type: ignore[return-value]
    return twin, other


def which_is_ours() -> None:
    """Our network in another order and a stranger, without names."""
    twin, other = _strangers(matched=False)
    show_pictures((Picture(twin, "A"), Picture(other, "B")), ours(), patch())


def apart() -> None:
    """The same with names, as they are or matched to ours."""
    matched = st.toggle("Match the neurons of both to ours", key="how_match")
    policy = ours()
    twin, other = _strangers(matched=matched)
    st.markdown(
        f"Correlation with ours, place by place: **A {correlation(policy, twin):.2f}**, "
        f"**B {correlation(policy, other):.2f}**"
    )
    state = "matched" if matched else "in another order"
    show_pictures(
        (
            Picture(
                twin,
                f"A: ours, {state}",
                "Matching finds the order again." if matched else "Nothing looks like ours.",
            ),
            Picture(
                other,
                "B: trained apart" + (", matched" if matched else ""),
                "Some likeness comes back, never all of it."
                if matched
                else "Nothing looks like ours here either.",
            ),
        ),
        policy,
        patch(),
    )


def _wider() -> tuple[Policy, Policy]:
    wide = network("ghn-wide")
    return shuffle(wide, _SHUFFLE), wide


def which_order() -> None:
    """Ours beside a wider network in two orders, without names."""
    policy = ours()
    mixed, wide = _wider()
    show_pictures(
        (Picture(policy, f"Ours, {policy.architecture}"), Picture(mixed, "A"), Picture(wide, "B")),
        policy,
        patch(),
    )


def one_order() -> None:
    """The same with names and numbers."""
    policy = ours()
    mixed, wide = _wider()
    st.markdown(
        "Correlation with ours, place by place, where both have neurons: "
        f"**A {correlation(policy, mixed):.2f}**, **B {correlation(policy, wide):.2f}**"
    )
    show_pictures(
        (
            Picture(policy, f"Ours, {policy.architecture}", "Look at the top left corners."),
            Picture(mixed, f"A: {wide.architecture}, shuffled", "No corner looks like ours."),
            Picture(
                wide,
                f"B: {wide.architecture}, as written",
                "The same bands in the same places, then more of them.",
            ),
        ),
        policy,
        patch(),
    )


def whole() -> None:
    """Our network, alone."""
    policy = ours()
    show_pictures((Picture(policy, f"Our network, {policy.architecture}"),), policy, patch())


def cut() -> None:
    """Our network, cut into patches that line up; and the number of tokens for any widths."""
    show_cutting(ours(), patch())
    start = ours().architecture.hidden
    columns = st.columns(len(start))
    widths = tuple(
        int(
            column.slider(
                f"Layer {i + 1}, neurons", MIN_WIDTH, _WIDEST, width, key=f"how_width_{i}"
            )
        )
        for i, (column, width) in enumerate(zip(columns, start, strict=True))
    )
    architecture = suite_of(ours().task).architecture(widths)
    tokens = len(token_layout(architecture, patch()))
    st.caption(
        f"{architecture}: {tokens} tokens of weights and biases. Any width from {MIN_WIDTH} to {MAX_WIDTH} works."
    )


def on_the_way() -> None:
    """Our network on its way out of noise."""
    stages = out_of_noise()
    show_pictures([Picture(policy, title) for title, policy in stages], stages[-1][1], patch())


def written() -> Network | None:
    """A sequence as the model writes it; its network, or None where the model cannot write."""
    most = int(PAGE_PARAMETERS["seed"].high)
    label, number = st.columns([1, 1], vertical_alignment="center")
    label.markdown("Which network, number")
    seed = int(
        number.number_input(
            "Which network, number", 0, most, 0, key="how_seed", label_visibility="collapsed"
        )
    )
    status = st.empty()
    job = services().sequence(one_form(SampleRequest(default_task(), PartialArchitecture(), seed)))
    follow([Waiting(job, sampling_label)], status)
    if (wrong := failure_of(job.future)) is not None:
        status.error(f"Nothing was written: {literally(wrong)}.")
        return None
    status.empty()
    sequence = job.future.result()
    show_sequence(sequence)
    return sequence.trace.predicted[-1]


def new_robot(new: Network) -> None:
    """The robot of the network that was just written, and where to go on."""
    _show_robot(new, "new", f"The new network, {new.policy.architecture}")
    with st.container(key="onwards"):
        st.page_link("views/noise/page.py", label="Watch a network form out of noise")
        st.page_link("views/generate/page.py", label="Generate one of your own")
        st.page_link("views/widths/page.py", label="See for which widths it works")
        st.page_link(
            "views/alignment/page.py", label="Take alignment apart, with your networks too"
        )
