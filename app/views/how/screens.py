"""The six screens: each one sentence, one live figure, one thing to try."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st

from app.engine.checkpoint import default_task, example_task, suite_of
from app.engine.example import shipped_example
from app.engine.failures import failure_of
from app.engine.networks import Network
from app.engine.progress import Waiting, film_of, follow, replay_of, sampling_label
from app.engine.request import PAGE_PARAMETERS, one_form
from app.engine.services import services
from app.views.how.networks import network
from app.widgets.links import literally
from app.widgets.robot import RobotPlace
from app.widgets.sequence.sequence import show_sequence
from app.widgets.weights.weights import show_pair, show_weights
from app.widgets.words import in_words
from nnit.alignment.matching import weight_matching
from nnit.alignment.metrics import correlation
from nnit.alignment.permute import shuffle
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MAX_WIDTH, MIN_WIDTH, PartialArchitecture
from nnit.request import SampleRequest

_REACH = 0.15  # metres around the usual place of the hand


@dataclass(frozen=True)
class Screen:
    """One step of the walk.

    Attributes:
        title: one sentence.
        text: two or three more; a function where numbers of the suite belong into them.
        attempt: one thing to try.
        figure: draws what is live.
    """

    title: str
    text: str | Callable[[], str]
    attempt: str
    figure: Callable[[], None]

    @property
    def said(self) -> str:
        """The text."""
        return self.text if isinstance(self.text, str) else self.text()


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


def _function() -> None:
    policy = shipped_example().network.policy
    observation = _hand_sliders(policy)
    _actions([("action", policy)], observation)
    show_weights(policy, shuffle(policy, 0), 16)


def _shuffled() -> None:
    policy = shipped_example().network.policy
    seed = int(st.number_input("Order of neurons, number", 1, 99, 1, key="how_order", width=220))
    twin = shuffle(policy, seed)
    observation = np.array(policy.observation_mean, np.float32)
    _actions([("as generated", policy), ("shuffled", twin)], observation)
    show_weights(policy, twin, 16)


def _apart() -> None:
    first, second = network("scratch-0"), network("scratch-1")
    matched = st.toggle("Match the second network's neurons to the first's", key="how_match")
    if matched:
        second = weight_matching(first, second).apply(second)
    st.markdown(f"Correlation, position by position: **{correlation(first, second):.2f}**")
    titles = ("Trained once", "Trained again" + (", matched" if matched else ""))
    show_pair((first, second), titles, 16)


def _one_order() -> None:
    narrow, wide = network("ghn-narrow"), network("ghn-wide")
    shuffled = st.toggle("Shuffle the second network's neurons", key="how_shuffle")
    if shuffled:
        wide = shuffle(wide, 1)
    st.markdown(
        f"Correlation, position by position, where both have neurons: **{correlation(narrow, wide):.2f}**"
    )
    titles = (str(narrow.architecture), str(wide.architecture) + (", shuffled" * shuffled))
    show_pair((narrow, wide), titles, 16)


def _sequence() -> None:
    columns = st.columns(2)
    widths = tuple(
        int(column.slider(f"Layer {i + 1}, neurons", MIN_WIDTH, 80, start, key=f"how_width_{i}"))
        for i, (column, start) in enumerate(zip(columns, (27, 45), strict=True))
    )
    patch = shipped_example().network.patch
    chips = ["task", "depth", *(f"width {width}" for width in widths)]
    html = "".join(f'<span class="token said">{chip}</span>' for chip in chips)
    total = len(chips)
    for number, (rows, columns_) in enumerate(
        suite_of(example_task()).architecture(widths).shapes, 1
    ):
        down, across = -(-rows // patch), -(-columns_ // patch)
        biases = down
        for row in range(down):
            for column in range(across):
                html += f'<span class="token w{number}">W{number} {row},{column}</span>'
        html += f'<span class="token bias">b{number}</span>' * biases
        total += down * across + biases
    st.html(
        f'<div class="tokens" role="img" aria-label="A sequence of about {total} tokens">{html}</div>'
    )
    st.caption(
        f"Patches of {patch}\u00d7{patch} cells: {total} tokens for {widths[0]}-{widths[1]}. Tokens of style, budget "
        f"and latent, which the model has as well, are left out here. Any width from {MIN_WIDTH} to {MAX_WIDTH} works."
    )


def _written() -> None:
    most = int(PAGE_PARAMETERS["seed"].high)
    seed = int(st.number_input("Which network, number", 0, most, 0, key="how_seed", width=220))
    status = st.empty()
    job = services().sequence(one_form(SampleRequest(default_task(), PartialArchitecture(), seed)))
    follow([Waiting(job, sampling_label)], status)
    if (wrong := failure_of(job.future)) is not None:
        status.error(f"Nothing was written: {literally(wrong)}.")
        return
    status.empty()
    sequence = job.future.result()
    left, right = st.columns([7, 4], gap="large")
    with left:
        show_sequence(sequence)
    with right, st.container(key="robot"):
        _robot(sequence.trace.predicted[-1])
        st.page_link("views/noise/page.py", label="Watch a network form out of noise")
        st.page_link("views/generate/page.py", label="Generate one of your own")
        st.page_link("views/widths/page.py", label="See for which widths it works")
        st.page_link(
            "views/alignment/page.py", label="Take alignment apart, with your networks too"
        )


def _robot(network: Network) -> None:
    """The robot that a network drives, once its episode is recorded and filmed."""
    place, note = RobotPlace("how"), st.empty()
    replay = replay_of(network, [place], "Recording the robot")
    films = [] if place.wants_replay else [film_of(network, [place], "Filming the robot")]
    follow([replay, *films], note)
    if (wrong := failure_of(replay.job.future)) is not None:
        note.caption(f"The episode was not recorded: {literally(wrong)}.")
        return
    recording = replay.job.future.result()
    outcome = "Success" if recording.success else "No success"
    note.caption(
        f"{outcome} in {recording.steps} steps. The network moves the arm; nobody steers it."
    )


def _numbers() -> str:
    suite = suite_of(example_task())
    return (
        f"{suite.observation_size} numbers that describe the scene go in, {in_words(suite.action_size)} that "
        "move the gripper come out. Between them stand three matrices; a cell is one weight."
    )


SCREENS = (
    Screen(
        "A network is a function, and its matrices are pictures.",
        _numbers,
        "Move the hand and see the action change; then point at a cell.",
        _function,
    ),
    Screen(
        "Put its hidden neurons in another order, and the function stays the same.",
        "Swap rows of one matrix and the same columns of the next: the pictures are scrambled, every action "
        "is what it was.",
        "Choose another order. The pictures change, the two lines of actions do not.",
        _shuffled,
    ),
    Screen(
        "So two networks that were trained apart look unrelated.",
        "Each training ends in an order of its own. A patch at one place means something else in each of them, and a "
        "model of patches has nothing to learn.",
        "Match the neurons: some likeness comes back, never all of it.",
        _apart,
    ),
    Screen(
        "A graph hypernetwork writes all of them in one order.",
        "It draws each matrix as one smooth field and crops it: neuron 5 means much the same at every width.",
        "Compare the top left corners of both networks, then shuffle one of them.",
        _one_order,
    ),
    Screen(
        "Cut into patches, a network of any width becomes a sequence.",
        "First come words about the task and the shape, then one token for each patch. A transformer reads "
        "sequences of any length.",
        "Change the widths and count the tokens.",
        _sequence,
    ),
    Screen(
        "A diffusion transformer writes the sequence, and a robot moves.",
        "Nobody gave it a shape here: it fills in the words on depth and widths itself, one after another, then all "
        "patches at once, out of noise. It never sees a robot; the network runs as it is.",
        "Scrub through the stages. Then take another number: another shape, and another network for the same task.",
        _written,
    ),
)
