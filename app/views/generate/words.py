"""What the page says about networks, films and trials, in words."""

from html import escape
from typing import TYPE_CHECKING

from app.engine.checkpoint import description, suite_of, task_of
from app.engine.film import Film
from app.engine.networks import EPISODES, Network, Trial
from app.engine.request import PAGE_PARAMETERS
from app.widgets.controls import goal_parameters
from nnit.mlp.spec import MLPArchitecture, PartialArchitecture
from nnit.request import SampleRequest, task_parameters

if TYPE_CHECKING:
    from nnit.sim.recording import Recording


def seen_in_training(task: str, architecture: MLPArchitecture) -> str:
    """In plain words, whether training ever saw this architecture."""
    protocol = description(task).protocol
    match protocol.split_of(architecture):
        case "seen":
            return "had networks of exactly these widths"
        case "recombined":
            return (
                "never saw this architecture: its widths occur in other networks, this list of "
                "widths in none"
            )
        case "new-width":
            widths = sorted(set(architecture.hidden) - set(protocol.widths))
            listed = " or ".join(map(str, widths))
            return f"never saw this architecture: no network had a layer of {listed} neurons"
        case "new-ratio":
            return (
                "never saw this architecture: no network had two layers one after the other of which one is "
                f"more than {protocol.largest_ratio:g} times as wide"
            )
        case "new-depth":
            return f"never saw this architecture: no network had {architecture.depth} hidden layers"
        case _:
            return (
                "never saw this architecture, and it is outside the range it learned from "
                f"({protocol.narrowest} to {protocol.widest} neurons a layer)"
            )


def facts(request: SampleRequest, network: Network, twin: str) -> list[tuple[str, str]]:
    """What is known about a network: name and text of each fact.

    Args:
        request: what it was generated for.
        network: the network.
        twin: what its twin with shuffled neurons does.
    """
    architecture = network.policy.architecture
    known = [("Success means", task_of(request.task).success)]
    if is_chosen(request):
        known.append(("Architecture", choice(request, architecture)))
    if request.conditions:
        known.append(("Asked for", conditions(request)))
    parameters = f"{architecture.parameter_count:,}, every one of them generated; {size(network)}"
    return [
        *known,
        ("Parameters", parameters),
        ("Training", seen_in_training(request.task, architecture)),
        ("Generated in", _sampled(request, network)),
        ("Neurons shuffled", twin),
    ]


def is_chosen(request: SampleRequest) -> bool:
    """Whether the model chose some of the architecture."""
    return isinstance(request.architecture, PartialArchitecture)


def choice(request: SampleRequest, architecture: MLPArchitecture) -> str:
    """What the model made of what was left open."""
    asked = request.architecture
    words = f"the model chose {architecture}"
    if asked.hidden:
        words += f" for {asked}"
    if request.max_parameters is not None:
        words += f", to keep within {request.max_parameters:,} parameters"
    return words


def conditions(request: SampleRequest) -> str:
    """What was asked of the motion."""
    suite = suite_of(request.task)
    values = request.values(suite)
    return "; ".join(
        f"{one.title}: {values[one.name]:g} (from {one.low:g} to {one.high:g})"
        for one in suite.conditions_of(request.task)
    )


def size(network: Network) -> str:
    """Room that a network takes as a file."""
    return f"{len(network.file) / 1000:.0f} kB on disk"


def _sampled(request: SampleRequest, network: Network) -> str:
    digits = 1 if network.seconds >= 0.1 else 2
    together = f" for all {network.together}" if network.together > 1 else ""
    steps = count(request.steps, "step")
    return f"{network.seconds:.{digits}f} s{together}, {steps}, on {network.device}"


def count(number: int, noun: str) -> str:
    """A number with its noun, in the plural where it must be."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def name_of(task: str, architecture: object) -> str:
    """How a result is called: its task, and the widths of its network."""
    return f"{task_of(task).title}, with a network of {architecture}"


def name_beside(request: SampleRequest, shown: SampleRequest, name: str) -> str:
    """How the result that is still there is called while another is made: by what differs, where its name does not.

    Args:
        request: what is being made.
        shown: what the result that is still there was made for.
        name: of that result.
    """
    if name != name_of(request.task, request.architecture):
        return name
    own = task_parameters(suite_of(shown.task), shown.task)
    for one in (*PAGE_PARAMETERS.values(), *own.values()):
        value = shown.value(one)
        if value is not None and value != request.value(one):
            return f"{name}, {one.name.replace('_', ' ')} {one.text(value)}"
    return f"{name}, made before"


def making(request: SampleRequest, text: str, shown: str | None) -> str:
    """What is being made, how far it is, and whose result stays to be seen until then; as HTML.

    Args:
        request: what is being made.
        text: how far it is.
        shown: the name of the result that is still there.
    """
    still = "" if shown is None else f'<span class="still">Still below: {escape(shown)}</span>'
    name = escape(name_of(request.task, request.architecture))
    kind = "making" if shown is None else "making old"
    return (
        f'<div class="shown {kind}" role="status"><h2>{name}</h2>'
        f'<p class="state"><span class="quiet">{escape(text)}</span>{still}</p></div>'
    )


# Where the robots of the first result will be.
PLACES = '<div class="places"><div class="film-place"></div><div class="film-place"></div></div>'


def outcome(
    task: str,
    episode: "Film | Recording | None",
    trial: Trial | None,
    goal: int = 0,
    *,
    short: bool = False,
) -> tuple[str, str]:
    """Kind and words of the outcome of one goal's episode, known from the episode or from the trial.

    Args:
        task: that the robot has.
        episode: what is seen of it.
        trial: of the network.
        goal: number of the goal, from 0.
        short: without seconds.
    """
    if episode is not None:
        success, steps = episode.success, episode.steps
    elif trial is not None and goal < len(trial.every_steps):
        success, steps = trial.successes[goal], trial.every_steps[goal]
    elif trial is not None and not goal:
        success, steps = trial.successes[0], trial.steps
    else:
        return "quiet", "Running the robot"
    kind, words = ("good", "\u2713 Success") if success else ("bad", "\u2717 No success")
    seconds = steps / suite_of(task).steps_per_second
    which = f"Goal {goal + 1}: " if goal else ""
    time = "" if short else f" ({seconds:.1f} s)"
    return kind, f"{which}{words} in {count(steps, 'step')}{time}"


def dots(trial: Trial | None) -> str:
    """One mark an episode, empty before the trial."""
    if trial is None:
        marks = '<span class="quiet">\u00b7</span>' * EPISODES
    else:
        marks = "".join(
            '<span class="good">\u25cf</span>' if success else '<span class="bad">\u25cb</span>'
            for success in trial.successes
        )
    return f'<span class="dots" aria-hidden="true">{marks}</span>'


def interval(trial: Trial) -> str:
    """The interval of a trial's success rate."""
    from nnit.evaluation.statistics import wilson_interval

    low, high = wilson_interval(*trial.counted)
    digits = 1 if trial.examples else 0
    return f"95 % CI {100 * low:.{digits}f}-{100 * high:.{digits}f} %"


def rate(trial: Trial) -> str:
    """How often a network succeeded or was right, in a few letters."""
    done, tried = trial.counted
    return f"{100 * done / tried:.1f} %" if trial.examples else f"{done}/{tried}"


def marks(task: str, trial: Trial) -> str:
    """One mark an episode, then the rate with its interval."""
    return f"{dots(trial)}{reached(task, trial)}"


def no_marks(text: str) -> str:
    """A dot an episode, then why there are no marks."""
    return f'{dots(None)}<span class="quiet">{text}</span>'


TO_TRY = no_marks(f"{EPISODES} episodes to try")


def hides_goal(task: str) -> bool:
    """Whether the network is told its goal by its weights, not by what it observes."""
    return bool(goal_parameters(task))


def tries(task: str) -> str:
    """What the network is tried on, as the start of a sentence."""
    if hides_goal(task):
        return f"{EPISODES} starts, all with the goal that was asked for"
    return f"{EPISODES} goals that no training used"


def reached(task: str, trial: Trial) -> str:
    """How many goals were reached, or test examples read right."""
    from nnit.evaluation.statistics import accuracy_text, success_text

    if trial.examples:
        return f"{accuracy_text(*trial.counted)} of the test pictures, none of which training used"
    text = success_text(sum(trial.successes), len(trial.successes))
    if hides_goal(task):
        return f"{text} from new starts, all with the goal that was asked for"
    return f"{text} on goals it never saw"


def no_places(task: str) -> str:
    """Why there is no picture of the goals."""
    if hides_goal(task):
        return "Every episode has the goal that was asked for, and starts elsewhere."
    return "Nothing says where the goals are."


def whose(title: str) -> str:
    """Whose goals they are, as the end of a sentence: "Goals of the network that ..."."""
    if not title:
        return "is shown"
    return f"was written by the model that {title[0].lower()}{title[1:]}"


def twin(trial: Trial) -> str:
    """What the network with shuffled neurons does."""
    ending = "success" if trial.shuffled_success else "no success"
    mantissa, exponent = f"{trial.difference:.0e}".split("e")
    difference = f"{mantissa}e{int(exponent)}" if trial.difference else "0"
    if trial.examples:
        return f"the same function: probabilities differ by at most {difference}"
    return (
        f"the same function: actions differ by at most {difference}, "
        f"{ending} in {count(trial.shuffled_steps, 'step')}"
    )


def facts_html(known: list[tuple[str, str]]) -> str:
    """A list of facts."""
    items = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in known)
    return f'<dl class="facts">{items}</dl>'


def outcome_html(kind: str, text: str, marks: str) -> str:
    """An outcome, and the marks of the trial under it."""
    return f'<p class="outcome {kind}">{text}</p><p style="margin:0 0 10px">{marks}</p>'
