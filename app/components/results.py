"""One network and what its robot does: the robot, the facts, the weights."""

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from app.components.request import Request
from app.components.services import EPISODES, Network, Trial
from app.components.weights import show_weights
from nnit.architecture import (
    MAX_TRAINED_WIDTH,
    MIN_TRAINED_WIDTH,
    RESERVED_WIDTHS,
    MLPArchitecture,
    split_of,
)
from nnit.tasks import get_task
from nnit.tasks.base import STEPS_PER_SECOND

if TYPE_CHECKING:
    from nnit.render import Clip


@dataclass(frozen=True, eq=False)
class Film:
    """The part of a `Clip` that is shown."""

    success: bool
    steps: int
    fast_after: float | None
    video: bytes

    @classmethod
    def of(cls, clip: "Clip") -> "Film":
        """What is shown of a clip."""
        return cls(clip.success, clip.steps, clip.fast_after, clip.video)


def seen_in_training(architecture: MLPArchitecture) -> str:
    """In plain words, whether training ever saw this architecture."""
    match split_of(architecture):
        case "seen":
            return "had networks of exactly these widths"
        case "recombined":
            return (
                "never saw this architecture: its widths occur in other networks, this list of "
                "widths in none"
            )
        case "new-width":
            widths = sorted(RESERVED_WIDTHS & set(architecture.hidden))
            listed = " or ".join(map(str, widths))
            return f"never saw this architecture: no network had a layer of {listed} neurons"
        case "new-depth":
            return f"never saw this architecture: no network had {architecture.depth} hidden layers"
        case _:
            return (
                "never saw this architecture, and it is outside the range it learned from "
                f"({MIN_TRAINED_WIDTH} to {MAX_TRAINED_WIDTH} neurons a layer)"
            )


class ResultView:
    """The places of one result on the page, to be filled as its parts become ready."""

    def __init__(self) -> None:
        """Lay the places out; they have their final size while they are empty."""
        self._heading = st.empty()
        with st.container(key="result"):
            robot, facts = st.columns([5, 6], gap="large")
            with robot, st.container(key="robot"):
                self._film, self._film_caption = st.empty(), st.empty()
            with facts:
                self._outcome, self._facts = st.empty(), st.empty()
                with st.container(horizontal=True, gap="small"):
                    self._policy_download, self._film_download = st.empty(), st.empty()
                self._commands = st.empty()
        self._weights = st.container(key="matrices")

    def show_network(self, request: Request, network: Network, *, example: bool) -> None:
        """Heading, weights and what is known without a simulation."""
        task = get_task(request.task)
        tag = '<span class="tag">example, made earlier</span>' if example else ""
        self._heading.html(
            f'<h2 style="margin:0;font-size:1.35rem">{escape(task.title)}, with a network of '
            f"{escape(str(request.architecture))}{tag}</h2>"
        )
        with self._weights:
            show_weights(network.policy, network.shuffled, task, network.patch)
        self.show_facts(request, network, None)
        self.show_downloads(request, network)

    def show_facts(self, request: Request, network: Network, trial: Trial | None) -> None:
        """The list of facts."""
        self._show_facts(request, network, "trying" if trial is None else _twin(trial))

    def _show_facts(self, request: Request, network: Network, twin: str) -> None:
        count = f"{request.architecture.parameter_count:,}"
        digits = 1 if network.seconds >= 0.1 else 2
        sampled = (
            f"{network.seconds:.{digits}f} s, {_count(request.steps, 'step')}, on {network.device}"
        )
        facts = [
            ("Success means", get_task(request.task).success),
            ("Parameters", f"{count}, every one of them generated"),
            ("Training", seen_in_training(request.architecture)),
            ("Generated in", sampled),
            ("Neurons shuffled", twin),
        ]
        items = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in facts)
        self._facts.html(f'<dl class="facts">{items}</dl>')

    def show_outcome(self, success: bool, steps: int, trial: Trial | None) -> None:
        """Success or failure of the filmed episode, and how many of the trial's succeeded."""
        kind, text = _outcome(success, steps)
        self._show_outcome(kind, text, _TO_TRY if trial is None else _marks(trial))

    def show_no_trial(self, request: Request, network: Network, film: Film | None) -> None:
        """Say where the results of the trial would be that there are none."""
        self._show_facts(request, network, "not tried")
        if film is None:
            self._show_outcome("quiet", "Not tried", "")
        else:
            kind, text = _outcome(film.success, film.steps)
            self._show_outcome(kind, text, _no_marks("other goals not tried"))

    def _show_outcome(self, kind: str, text: str, marks: str) -> None:
        self._outcome.html(
            f'<p class="outcome {kind}">{text}</p><p style="margin:0 0 10px">{marks}</p>'
        )

    def show_waiting(self) -> None:
        """Hold the places of the film and of the outcome."""
        self._film.html('<div class="film-place"></div>')
        self._film_caption.caption("Filming.")
        self._film_download.empty()
        self._show_outcome("quiet", "Running the robot", _TO_TRY)

    def show_film(self, film: Film) -> None:
        """The film."""
        self._film.video(film.video, autoplay=True, muted=True, loop=True)
        speed = "Half speed."
        if film.fast_after is not None:
            speed = f"Half speed for {film.fast_after:.0f} s, then twice real time."
        self._film_caption.caption(f"The network moves the arm; nobody steers it. {speed}")

    def show_no_film(self, reason: str) -> None:
        """A card in the film's place."""
        self._film.warning(f"No film: {reason}.")
        self._film_caption.empty()

    def show_downloads(self, request: Request, network: Network) -> None:
        """The network to take away, and the commands that make the same."""
        name = _file_name(request)
        self._policy_download.download_button(
            "Network (.safetensors)",
            network.policy.to_bytes(),
            f"{name}.safetensors",
            "application/octet-stream",
            on_click="ignore",
            key="download_network",
        )
        with self._commands.expander("The same from the command line"):
            st.code(_commands(request, name), language="bash", wrap_lines=True)

    def show_film_download(self, request: Request, video: bytes) -> None:
        """The film to take away."""
        self._film_download.download_button(
            "Film (.mp4)",
            video,
            f"{_file_name(request)}.mp4",
            "video/mp4",
            on_click="ignore",
            key="download_film",
        )


def _file_name(request: Request) -> str:
    return f"{request.task}_{request.architecture}_seed{request.seed}"


def _commands(request: Request, name: str) -> str:
    task, architecture, seed = request.task, request.architecture, request.seed
    return (
        f"python -m nnit generate --task {task} --arch {architecture} --seed {seed} "
        f"--steps {request.steps} --out networks\n"
        f"python -m nnit render --policy networks/{name}_0.safetensors --seed {seed} --out clip.mp4"
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _outcome(success: bool, steps: int) -> tuple[str, str]:
    """Kind and words of the filmed episode's outcome."""
    kind, words = ("good", "\u2713 Success") if success else ("bad", "\u2717 No success")
    return kind, f"{words} in {_count(steps, 'step')} ({steps / STEPS_PER_SECOND:.1f} s)"


def _marks(trial: Trial) -> str:
    """One mark an episode, then the rate with its interval."""
    from nnit.statistics import success_text

    marks = "".join(
        '<span class="good">\u25cf</span>' if success else '<span class="bad">\u25cb</span>'
        for success in trial.successes
    )
    text = f"{success_text(sum(trial.successes), len(trial.successes))} on goals it never saw"
    return f'<span class="dots" aria-hidden="true">{marks}</span>{text}'


def _no_marks(text: str) -> str:
    """A dot an episode, then why there are no marks."""
    dots = '<span class="quiet">\u00b7</span>' * EPISODES
    return f'<span class="dots" aria-hidden="true">{dots}</span><span class="quiet">{text}</span>'


_TO_TRY = _no_marks(f"{EPISODES} goals to try")


def _twin(trial: Trial) -> str:
    """What the network with shuffled neurons does."""
    outcome = "success" if trial.shuffled_success else "no success"
    mantissa, exponent = f"{trial.difference:.0e}".split("e")
    difference = f"{mantissa}e{int(exponent)}" if trial.difference else "0"
    return (
        f"the same function: actions differ by at most {difference}, "
        f"{outcome} in {_count(trial.shuffled_steps, 'step')}"
    )
