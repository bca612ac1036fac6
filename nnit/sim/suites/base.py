"""What a suite of tasks and a task are: facts that can be written to a file, and the code that runs them.

`Suite` holds facts alone and needs neither torch nor a simulator, so that a page or a command that only
asks what a checkpoint covers starts fast. A checkpoint stores the suites of its tasks. `Task` joins a
task's facts with the code of its suite's folder: the environment, the experts, the motion.
"""

import keyword
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from nnit.errors import UserError
from nnit.mlp.spec import Architecture, MLPArchitecture, Output, check_interface
from nnit.seeds import Purpose

if TYPE_CHECKING:
    import gymnasium
    from torch import Tensor

AnyArchitecture = TypeVar("AnyArchitecture", bound=Architecture)
Expert = Callable[[np.ndarray], np.ndarray]
# Azimuth and elevation in degrees, distance in metres, and the point looked at, (x, y, z) in metres.
Camera = tuple[float, float, float, tuple[float, float, float]]


_LARGEST = 1e12  # no range, size or rate of ours is larger
_CONDITION_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
_TASK_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# Names that options, addresses and files use for something else.
_RESERVED = frozenset(
    {
        *(
            "arch",
            "architecture",
            "budget",
            "check",
            "checkpoint",
            "count",
            "conditions",
            "episodes",
        ),
        *("index", "json", "max_params", "max_parameters", "networks", "out", "request", "robot"),
        *("sampling", "seed", "self", "solver", "source", "steps", "success", "task", "workers"),
    }
)


def _is_number(value: object) -> bool:
    return type(value) in (int, float) and -_LARGEST <= value <= _LARGEST  # type: ignore[operator]


@dataclass(frozen=True)
class Condition:
    """Something about a motion that a network can be asked for: a number.

    Attributes:
        name: in options, addresses and files, such as "tempo".
        title: above a slider, such as "Tempo, calm to brisk".
        help: one sentence that says what the ends of the range mean.
        default: what is asked for where nothing is said.
        quantity: what an episode measures of it, in words with its unit.
        key: name of that measurement in results.
        low: least value.
        high: largest value.
        step: of a slider.
        is_goal: whether it is a part of the goal, in metres: `reset` of the environment takes it, and each
            network that is measured has another one.
    """

    name: str
    title: str
    help: str
    default: float
    quantity: str
    key: str
    low: float = 0.0
    high: float = 1.0
    step: float = 0.05
    is_goal: bool = False

    def __post_init__(self) -> None:
        if type(self.is_goal) is not bool:
            raise UserError("a condition of a suite is part of the goal or not")
        numbers = (self.low, self.default, self.high, self.step)
        if not all(_is_number(one) for one in numbers) or not isinstance(self.name, str):
            raise UserError("a condition of a suite needs a name, and numbers for its range")
        fits = _CONDITION_NAME.fullmatch(self.name) and not keyword.iskeyword(self.name)
        if not fits or self.name in _RESERVED:
            raise UserError(
                f'"{self.name[:40]}" cannot be the name of a condition: small letters, digits and _, '
                "and nothing that options or files use already"
            )
        words = (self.title, self.help, self.quantity, self.key)
        if not all(isinstance(one, str) for one in words):
            raise UserError(f"the condition {self.name} needs words for its title and help")
        if not self.low <= self.default <= self.high or self.low == self.high or self.step <= 0:
            raise UserError(f"the condition {self.name[:40]} needs a range with its default inside")

    def check(self, value: float) -> None:
        """Raise a `UserError` for a value out of range."""
        if not self.low <= value <= self.high:
            raise UserError(
                f"{self.name} must be from {self.low:g} to {self.high:g}, not {value:g}"
            )


@dataclass(frozen=True)
class TaskDescription:
    """What people read about a task, and how its scene is looked at.

    Attributes:
        name: registry name, such as "door-open-v3".
        title: for people, such as "Open the door".
        success: one sentence that says what success is.
        camera: where the scene is looked at from; None where there is no scene.
        conditions: names of those of the suite's conditions that its networks can be asked for; None: all.
    """

    name: str
    title: str
    success: str
    camera: Camera | None = None
    conditions: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not _TASK_NAME.fullmatch(self.name):
            raise UserError(f'"{str(self.name)[:40]}" cannot be the name of a task')
        if not isinstance(self.title, str) or not isinstance(self.success, str):
            raise UserError(f"{self.name} needs a title and a sentence that says what success is")
        if self.camera is not None:
            *three, lookat = self.camera
            if len(three) != 3 or len(lookat) != 3 or not all(map(_is_number, (*three, *lookat))):
                raise UserError(f"the camera of {self.name} is not one")


@dataclass(frozen=True)
class Suite:
    """The facts of a family of tasks.

    Attributes:
        name: of the suite's folder, such as "metaworld".
        title: for people, such as "Meta-World v3".
        observation_size: number of components of an observation.
        action_size: number of components of an action.
        activation: of the hidden layers of networks for its tasks.
        output: what the last layer gives: actions, which the environment takes from [-1, 1], or logits of
            classes, for labelled examples. Successes are counted of the former, right answers of the latter.
        observation_groups: name and half-open range of columns of each part of the observation.
        action_names: one name a component of the action.
        steps_per_second: control steps in a second of simulated time.
        horizon: number of steps after which an episode ends.
        settling: number of steps for which an episode that is recorded for training goes on after success, so
            that networks learn to stay there.
        labels: number of rows that experts give for one state, see `Motion`.
        conditions: that its networks can be asked for, or those of some of its tasks.
        tracked: columns of the observation that are the position, in metres, of what a camera can follow.
        picture: rows and columns of pixels, row by row, where an observation is a picture.
        collections: names that stand for several tasks, such as "mt10".
        tasks: of the suite; in a checkpoint, those that it covers.
    """

    name: str
    title: str
    observation_size: int
    action_size: int
    observation_groups: tuple[tuple[str, int, int], ...]
    action_names: tuple[str, ...]
    steps_per_second: float
    horizon: int
    tasks: tuple[TaskDescription, ...]
    activation: str = "tanh"
    output: Output = "actions"
    settling: int = 0
    labels: int = 1
    conditions: tuple[Condition, ...] = ()
    tracked: tuple[int, int] | None = None
    picture: tuple[int, int] | None = None
    collections: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def __post_init__(self) -> None:
        check_interface(self.observation_size, self.action_size, self.activation, self.output)
        ends = [0, *(end for _, _, end in self.observation_groups)]
        starts = [*(start for _, start, _ in self.observation_groups), self.observation_size]
        if ends != starts:
            raise UserError(f"the observation groups of {self.name} do not follow one another")
        if len(self.action_names) != self.action_size:
            raise UserError(f"{self.name} needs one name a component of the action")
        if not isinstance(self.name, str) or not isinstance(self.title, str):
            raise UserError("a suite needs a name and a title")
        if not all(type(one) is int and one >= 1 for one in (self.horizon, self.labels)):
            raise UserError(f"{self.name} needs whole numbers of steps and of labels")
        if type(self.settling) is not int or self.settling < 0:
            raise UserError(f"{self.name} needs a whole number of steps after success")
        if not _is_number(self.steps_per_second) or self.steps_per_second <= 0:
            raise UserError(f"{self.name} needs a number of steps in a second")
        for what, names in (
            ("conditions", [condition.name for condition in self.conditions]),
            ("tasks", [task.name for task in self.tasks]),
        ):
            if len(set(names)) < len(names):
                raise UserError(f"two {what} of {self.name} have the same name")
        words = (*self.action_names, *(name for name, _, _ in self.observation_groups))
        if not all(isinstance(one, str) for one in words):
            raise UserError(f"the components of {self.name} need names")
        known = {condition.name for condition in self.conditions}
        for task in self.tasks:
            if task.conditions is not None and not set(task.conditions) <= known:
                raise UserError(f"{task.name} knows conditions that {self.name} lacks")
        if self.tracked is not None and not (
            len(self.tracked) == 2 and all(type(one) is int for one in self.tracked)
        ):
            raise UserError(f"what {self.name} tracks is no range of columns")
        if self.picture is not None and not (
            len(self.picture) == 2
            and all(type(one) is int and one >= 1 for one in self.picture)
            and self.picture[0] * self.picture[1] == self.observation_size
        ):
            raise UserError(f"the pictures of {self.name} do not have as many pixels as its inputs")
        for name, members in self.collections:
            if not isinstance(name, str) or not all(isinstance(one, str) for one in members):
                raise UserError(f"the collections of {self.name} need names and tasks")

    def sized(self, architecture: AnyArchitecture) -> AnyArchitecture:
        """An architecture with this suite's sizes and activation; its hidden widths stay."""
        return replace(
            architecture,
            observation_size=self.observation_size,
            action_size=self.action_size,
            activation=self.activation,
            output=self.output,
        )

    def architecture(self, hidden: Sequence[int]) -> MLPArchitecture:
        """The architecture of these hidden widths."""
        return MLPArchitecture(
            tuple(hidden),
            self.observation_size,
            self.action_size,
            self.activation,
            self.output,
        )

    @property
    def classifies(self) -> bool:
        """Whether its tasks are labelled examples, of which a network says the class."""
        return self.output == "classes"

    def task(self, name: str) -> TaskDescription:
        """The facts of one of its tasks.

        Raises:
            UserError: it has no task of this name.
        """
        for task in self.tasks:
            if task.name == name:
                return task
        raise UserError(f'{self.title} has no task "{name[:60]}"')

    def conditions_of(self, task: str) -> tuple[Condition, ...]:
        """What networks for one of its tasks can be asked for.

        Raises:
            UserError: it has no task of this name.
        """
        known = self.task(task).conditions
        return tuple(c for c in self.conditions if known is None or c.name in known)

    def covering(self, names: Sequence[str]) -> "Suite":
        """The same with only these of its tasks, in their order, what they know, and their collections."""
        tasks = tuple(self.task(name) for name in names)
        known = {c.name for name in names for c in self.conditions_of(name)}
        return replace(
            self,
            tasks=tasks,
            conditions=tuple(c for c in self.conditions if c.name in known),
            collections=tuple(c for c in self.collections if set(c[1]) <= set(names)),
        )

    def joined(self, other: "Suite") -> "Suite":
        """This suite with the tasks of another description of it as well, and the conditions that they know."""
        mine, named = {c.name for c in self.conditions}, {task.name for task in self.tasks}
        every = tuple(c for c in other.conditions if c.name not in mine)
        return replace(
            self,
            tasks=(
                *(replace(t, conditions=_known(self, t)) for t in self.tasks),
                *(
                    replace(t, conditions=_known(other, t))
                    for t in other.tasks
                    if t.name not in named
                ),
            ),
            conditions=(*self.conditions, *every),
        )

    def to_json(self) -> dict[str, Any]:
        """The facts as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Any) -> "Suite":
        """Read what `to_json` wrote.

        Raises:
            UserError: it is no description of a suite.
        """
        try:
            known = {name: _tuples(values[name]) for name in _names(cls) if name in values}
            known["tasks"] = tuple(TaskDescription(**_fields(one)) for one in values["tasks"])
            known["conditions"] = tuple(Condition(**_fields(one)) for one in values["conditions"])
            return cls(**known)
        except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
            raise UserError(f"this is no description of a suite ({error})") from error


def _known(suite: Suite, task: TaskDescription) -> tuple[str, ...]:
    return tuple(condition.name for condition in suite.conditions_of(task.name))


def _names(kind: type) -> list[str]:
    return [one.name for one in fields(kind)]


def _fields(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _tuples(value) for name, value in values.items()}


def _tuples(value: Any) -> Any:
    """JSON lists as tuples, at every level."""
    return tuple(map(_tuples, value)) if isinstance(value, list | tuple) else value


def condition_names(suites: Sequence[Suite]) -> tuple[str, ...]:
    """Names of the conditions of several suites, each once."""
    return tuple(condition.name for condition in distinct_conditions(suites))


def distinct_conditions(suites: Sequence[Suite]) -> tuple[Condition, ...]:
    """The conditions of several suites, each name once; where two have one, its range is the same."""
    return tuple({c.name: c for suite in suites for c in suite.conditions}.values())


class Motion(Protocol):
    """How conditions shape what the expert does, and how an episode measures them.

    Experts label every state with `Suite.labels` rows of `Suite.action_size` numbers: actions, or what an
    action is computed from. The action for any values of the conditions follows from these alone, so that
    one set of states serves all values.
    """

    def action(self, labels: np.ndarray, values: Mapping[str, float]) -> np.ndarray:
        """The expert's action (action_size,) from its labels (labels, action_size)."""

    def actions(self, labels: "Tensor", values: "Tensor") -> "Tensor":
        """The same for N networks: labels (N, batch, labels, action), values (N, conditions).

        The columns of values are the suite's conditions in their order, NaN where the task knows none.
        """

    def measure(
        self, observations: Sequence[np.ndarray], steps_per_second: float
    ) -> dict[str, float]:
        """Measured conditions by name, from the observations until success, the first one included."""


class PlainMotion:
    """The motion of a suite without conditions: the expert's only label."""

    def action(self, labels: np.ndarray, values: Mapping[str, float]) -> np.ndarray:
        """The label."""
        return np.asarray(labels[0])

    def actions(self, labels: "Tensor", values: "Tensor") -> "Tensor":
        """The labels, (N, batch, action)."""
        return labels[:, :, 0]

    def measure(
        self, observations: Sequence[np.ndarray], steps_per_second: float
    ) -> dict[str, float]:
        """Nothing."""
        return {}


@dataclass(frozen=True, eq=False)
class Examples:
    """Labelled examples of a task that classifies.

    Attributes:
        observations: (n, observation_size), float32.
        labels: the class of each, (n,).
    """

    observations: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class ScriptEnvironment:
    """The lines with which an exported program makes a suite's environment without this project.

    Attributes:
        packages: what to install, as pip takes it.
        imports: import statements besides NumPy's and safetensors'.
        make: an expression for the environment; "{task}" and "{seed}" are filled in.
    """

    packages: str
    imports: str
    make: str


@dataclass(frozen=True)
class Task:
    """A task that can be run: episodes in an environment, or labelled examples.

    Attributes:
        description: its facts.
        suite: the facts of its suite.
        make_environment: a new environment; `reset(seed=s)` gives the goal that belongs to s, and every
            step has `info["success"]`. Where conditions are parts of the goal,
            `reset(seed=s, options=VALUES)` with a value for each of their names sets that goal, and s the rest.
        make_experts: `suite.labels` scripted experts, observation -> a row of the labels, see `Motion`;
            where no condition is a part of the goal, an action in [-1, 1].
        motion: how conditions shape what the expert does.
        script: how an exported program makes the environment; None where it cannot.
        examples: the labelled examples for a purpose, where the suite classifies; it has no environment then,
            no experts and no motion. Those of two purposes have nothing in common. Raises a `UserError` that
            says how to get them, where they are not here.
    """

    description: TaskDescription
    suite: Suite
    make_environment: "Callable[[], gymnasium.Env] | None" = None
    make_experts: Callable[[], tuple[Expert, ...]] | None = None
    motion: Motion = field(default_factory=PlainMotion)
    script: ScriptEnvironment | None = None
    examples: Callable[[Purpose], Examples] | None = None

    def __post_init__(self) -> None:
        runs = self.make_environment is not None and self.make_experts is not None
        if runs == self.suite.classifies or (self.examples is not None) != self.suite.classifies:
            raise UserError(
                f"{self.name} needs an environment and experts, or, where its suite classifies, examples"
            )

    def new_environment(self) -> "gymnasium.Env":
        """An environment of its own.

        Raises:
            UserError: it has labelled examples instead.
        """
        if self.make_environment is None:
            raise UserError(f"{self.name} is answered by a class: it has no scene and no episodes")
        return self.make_environment()

    def new_experts(self) -> tuple[Expert, ...]:
        """Its scripted experts.

        Raises:
            UserError: it has labelled examples instead.
        """
        if self.make_experts is None:
            raise UserError(f"{self.name} has no scripted expert: its examples are labelled")
        return self.make_experts()

    @property
    def name(self) -> str:
        """Registry name."""
        return self.description.name

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What its networks can be asked for."""
        return self.suite.conditions_of(self.name)

    def expert(self, values: Mapping[str, float]) -> Expert:
        """The scripted expert for these values of all its conditions: observation -> action in [-1, 1]."""
        experts = self.new_experts()
        return lambda observation: self.motion.action(
            np.stack([expert(observation) for expert in experts]), values
        )

    @property
    def goal_conditions(self) -> tuple[Condition, ...]:
        """Those of its conditions that are parts of the goal."""
        return tuple(condition for condition in self.conditions if condition.is_goal)
