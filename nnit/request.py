"""What is asked of the generator: one type, with one default and one check for each of its fields.

Command options, parameters of addresses and the controls of pages are made from `PARAMETERS` and from the
conditions of the suites. Nothing here imports torch.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from nnit.errors import UserError
from nnit.mlp.spec import Architecture, MLPArchitecture, PartialArchitecture
from nnit.seeds import seed_of
from nnit.sim.suites import Condition, Suite

Solver = Literal["euler", "heun", "adams-bashforth"]
SOLVERS: tuple[Solver, ...] = ("euler", "heun", "adams-bashforth")

_DECIMALS = 4  # of a condition in its text form


@dataclass(frozen=True)
class Parameter:
    """A number of a request, as options, addresses and controls show it.

    Attributes:
        name: in addresses; options write it with dashes.
        field: of `SampleRequest` that holds it; none for a condition of a suite.
        title: above a control.
        help: one or two sentences.
        low: least value.
        high: largest value.
        default: what is asked for where nothing is said; None where it is then left open.
        whole: whether only whole numbers are meant.
        step: of a slider or of buttons.
    """

    name: str
    field: str | None
    title: str
    help: str
    low: float
    high: float
    default: float | None
    whole: bool = True
    step: float = 1

    @classmethod
    def of(cls, condition: Condition) -> "Parameter":
        """A suite's condition as a parameter."""
        return cls(
            name=condition.name,
            field=None,
            title=condition.title,
            help=condition.help,
            low=float(condition.low),
            high=float(condition.high),
            default=float(condition.default),
            whole=False,
            step=float(condition.step),
        )

    @property
    def option(self) -> str:
        """Its name as a command's option."""
        return "--" + self.name.replace("_", "-")

    def check(self, value: float, name: str | None = None) -> None:
        """Raise a `UserError` for a value out of range, calling it `name`, by default its own name."""
        if not self.low <= value <= self.high:
            found = f"{value:,}" if self.whole else f"{value:g}"
            raise UserError(f"{name or self.name} must be {self.range}, not {found}")

    @property
    def range(self) -> str:
        """Its range in words."""
        if self.whole:
            return f"from {int(self.low):,} to {int(self.high):,}"
        return f"from {self.low:g} to {self.high:g}"

    def parse(self, text: str) -> float:
        """A value from its text form.

        Raises:
            UserError: it is no number, or out of range.
        """
        cleaned = text.strip()
        form = r"[0-9]{1,19}" if self.whole else r"[0-9]{1,9}(\.[0-9]{1,8})?|\.[0-9]{1,8}"
        sign = "-?" if self.low < 0 else ""
        if not re.fullmatch(f"{sign}({form})", cleaned, re.ASCII):
            kind = "a whole number" if self.whole else "a number"
            raise UserError(f'"{text[:20]}" is no value of {self.name}, {kind} {self.range}')
        value = int(cleaned) if self.whole else round(float(cleaned), _DECIMALS)
        self.check(value)
        return value

    def text(self, value: float) -> str:
        """The text form of a value."""
        if self.whole:
            return str(int(value))
        decimals = f"{value:.{_DECIMALS}f}".rstrip("0").rstrip(".")
        return "0" if decimals == "-0" else decimals


PARAMETERS: dict[str, Parameter] = {
    one.name: one
    for one in (
        Parameter(
            "seed",
            "seed",
            "Seed",
            "Which networks: another seed, other networks.",
            0,
            2**63 - 1,  # torch takes seeds of 64 bits, NumPy any that is not negative
            0,
        ),
        Parameter("count", "count", "Networks", "How many networks.", 1, 64, 1),
        Parameter(
            "steps",
            "steps",
            "Flow steps",
            "Steps from noise to weights, each one pass of the transformer.",
            1,
            100,
            8,
        ),
        Parameter(
            "max_params",
            "max_parameters",
            "Parameters",
            "Weights and biases that a network may have at most, for widths that the model chooses. Layers of fewer "
            "than 8 neurons are left out where wider ones fit.",
            1,
            10**6,
            None,
            step=100,
        ),
    )
}


def _default(name: str) -> Any:
    return PARAMETERS[name].default


@dataclass(frozen=True)
class SampleRequest:
    """Networks that somebody wants.

    Attributes:
        task: registry name.
        architecture: hidden widths; what a `PartialArchitecture` leaves open, the model chooses.
        seed: of everything random about the networks.
        count: number of networks; number i depends on the seed and i, not on the count.
        steps: of the flow from noise to weights.
        solver: how the flow is followed.
        max_parameters: weights and biases that a network may have at most; None: any number.
        conditions: values by name of what the suite's networks can be asked for; those that are not named
            have the suite's default. Given as a mapping, kept in the order of names.
    """

    task: str
    architecture: Architecture = field(default_factory=PartialArchitecture)
    seed: int = _default("seed")
    count: int = _default("count")
    steps: int = _default("steps")
    solver: str = SOLVERS[0]
    max_parameters: int | None = _default("max_params")
    conditions: Mapping[str, float] | tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self.architecture, PartialArchitecture) and self.architecture.complete:
            object.__setattr__(self, "architecture", self.architecture.architecture())
        # A tuple, so that a request can be the key of what was made for it.
        object.__setattr__(self, "conditions", tuple(sorted(dict(self.conditions).items())))

    def value(self, parameter: Parameter) -> float | None:
        """The value of a parameter; the default of a condition that is not asked for."""
        if parameter.field is None:
            return dict(self.conditions).get(parameter.name, parameter.default)
        found: float | None = getattr(self, parameter.field)
        return found

    def values(self, suite: Suite) -> dict[str, float]:
        """The values of all conditions that the task's suite has for it."""
        asked = dict(self.conditions)
        return {c.name: asked.get(c.name, c.default) for c in suite.conditions_of(self.task)}

    def sized(self, suite: Suite) -> "SampleRequest":
        """The same with the sizes of the task's suite."""
        return replace(self, architecture=suite.sized(self.architecture))

    def file_name(self, suite: Suite, architecture: MLPArchitecture, index: int) -> str:
        """The name, without ending, of the file of one of its networks.

        It carries all that was asked for and is not the default, so that different requests have different names.

        Args:
            suite: of the task; says the defaults of conditions.
            architecture: of the network.
            index: of the network.
        """
        parts = [self.task, str(architecture)]
        if isinstance(self.architecture, PartialArchitecture):
            # A question mark is not allowed in names everywhere.
            parts.append(f"from-{self.architecture}".replace("?", "any"))
        parts.append(f"seed{self.seed}")
        parameters = [PARAMETERS["steps"], PARAMETERS["max_params"]]
        for one in (*parameters, *task_parameters(suite, self.task).values()):
            value = self.value(one)
            if value is not None and value != one.default:
                exact = f"{value:.0f}" if one.whole else f"{value:.15g}"
                parts.append(one.name.replace("_", "-") + exact)
        if self.solver != SOLVERS[0]:
            parts.append(self.solver)
        return "_".join([*parts, str(index)])

    def known_architecture(self) -> MLPArchitecture:
        """The architecture, for those who cannot choose one.

        Raises:
            UserError: some of it is left open.
        """
        if not isinstance(self.architecture, MLPArchitecture):
            raise UserError(
                "only the sources nnit, permuted, unaligned and one-step can choose widths"
            )
        return self.architecture

    def check(self, suites: Sequence[Suite]) -> Suite:
        """Make sure that a checkpoint of these suites can be asked for this.

        Returns:
            The suite of the task.

        Raises:
            UserError: the task is not covered, a number is out of range, or a condition is unknown.
        """
        by_task = {task.name: suite for suite in suites for task in suite.tasks}
        if self.task not in by_task:
            raise UserError(
                f'this checkpoint does not cover the task "{self.task[:60]}"; it covers {", ".join(by_task)}'
            )
        suite = by_task[self.task]
        for parameter in PARAMETERS.values():
            value = self.value(parameter)
            if value is not None:
                parameter.check(value)
        if self.solver not in SOLVERS:
            raise UserError(f'unknown solver "{self.solver[:40]}"; there are {", ".join(SOLVERS)}')
        known = {condition.name: condition for condition in suite.conditions_of(self.task)}
        for name, value in dict(self.conditions).items():
            if name not in known:
                raise UserError(
                    f"networks for {self.task} cannot be asked for {name[:40]}; "
                    + (f"they can for {', '.join(known)}" if known else "they can for no condition")
                )
            known[name].check(value)
        self._check_budget(suite)
        return suite

    def _check_budget(self, suite: Suite) -> None:
        """Raise a `UserError` if no network of this architecture keeps to the budget."""
        asked, most = suite.sized(self.architecture), self.max_parameters
        if most is None or not isinstance(asked, MLPArchitecture):
            return  # what is left open is checked where it is chosen, with the widths to choose from
        if asked.parameter_count > most:
            raise UserError(f"{asked} has {asked.parameter_count} parameters, more than {most}")


def own_seed(request: SampleRequest) -> int:
    """A seed for this task and architecture alone, so that no two cells of a table share their draws."""
    return seed_of(request.task, request.architecture, request.seed)


def suite_parameters(suites: Sequence[Suite]) -> dict[str, Parameter]:
    """The conditions of suites as parameters, each name once."""
    return {c.name: Parameter.of(c) for suite in suites for c in suite.conditions}


def task_parameters(suite: Suite, task: str) -> dict[str, Parameter]:
    """The conditions of one of a suite's tasks as parameters."""
    return {c.name: Parameter.of(c) for c in suite.conditions_of(task)}
