"""What the page says about networks, films and trials, in words."""

from html import escape

from app.engine.checkpoint import description, suite_of, task_of
from app.engine.film import Film
from app.engine.networks import EPISODES, Network, Trial
from nnit.mlp.spec import MLPArchitecture, PartialArchitecture
from nnit.request import SampleRequest


def seen_in_training(architecture: MLPArchitecture) -> str:
    """In plain words, whether training ever saw this architecture."""
    protocol = description().protocol
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
        ("Training", seen_in_training(architecture)),
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


def outcome(task: str, film: Film | None, trial: Trial | None) -> tuple[str, str]:
    """Kind and words of the first episode's outcome, known from its film or from the trial."""
    if trial is not None:
        success, steps = trial.successes[0], trial.steps
    elif film is not None:
        success, steps = film.success, film.steps
    else:
        return "quiet", "Running the robot"
    kind, words = ("good", "\u2713 Success") if success else ("bad", "\u2717 No success")
    seconds = steps / suite_of(task).steps_per_second
    return kind, f"{words} in {count(steps, 'step')} ({seconds:.1f} s)"


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

    low, high = wilson_interval(sum(trial.successes), len(trial.successes))
    return f"95 % CI {100 * low:.0f}-{100 * high:.0f} %"


def marks(trial: Trial) -> str:
    """One mark an episode, then the rate with its interval."""
    from nnit.evaluation.statistics import success_text

    text = success_text(sum(trial.successes), len(trial.successes))
    return f"{dots(trial)}{text} on goals it never saw"


def no_marks(text: str) -> str:
    """A dot an episode, then why there are no marks."""
    return f'{dots(None)}<span class="quiet">{text}</span>'


TO_TRY = no_marks(f"{EPISODES} goals to try")


def twin(trial: Trial) -> str:
    """What the network with shuffled neurons does."""
    ending = "success" if trial.shuffled_success else "no success"
    mantissa, exponent = f"{trial.difference:.0e}".split("e")
    difference = f"{mantissa}e{int(exponent)}" if trial.difference else "0"
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
