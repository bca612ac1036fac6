"""A network as the page knows it: sampled, shuffled, tried. All of it runs in the thread that calls."""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from app.engine.jobs import Report
from nnit.alignment.permute import shuffle
from nnit.errors import UserError
from nnit.mlp.policy import Policy
from nnit.request import SampleRequest

if TYPE_CHECKING:
    from nnit.dit.generator import Generator, Plan
    from nnit.sim.suites import Suite

EPISODES = 10
# The part of an observation that is the position of the goal, in suites that have one.
_GOAL = "goal"

Place = tuple[float, ...]  # x, y and z in metres


@dataclass(frozen=True, eq=False)
class Network:
    """A network and its twin with shuffled hidden neurons.

    Attributes:
        policy: as it was generated.
        shuffled: the same function, its hidden neurons in a random order.
        seconds: how long sampling took.
        version: of the checkpoint.
        device: that sampled it.
        patch: side of the square patches, in cells.
        together: number of networks that were sampled in that time.
    """

    policy: Policy
    shuffled: Policy
    seconds: float
    version: str
    device: str
    patch: int
    together: int = 1

    @cached_property
    def file(self) -> bytes:
        """The policy as a file."""
        return self.policy.to_bytes()

    @cached_property
    def digest(self) -> str:
        """Names the network and how it was made; files may order what they say differently."""
        policy = self.policy
        made = json.dumps([policy.task, dict(policy.provenance)], sort_keys=True).encode()
        arrays = (array.tobytes() for array in (*policy.weights, *policy.biases))
        return hashlib.sha256(b"".join((made, *arrays))).hexdigest()

    @classmethod
    def from_record(cls, policy: Policy, record: Mapping[str, Any], seed: int) -> "Network":
        """A network that was kept, its twin shuffled with a seed; raises KeyError, TypeError or ValueError."""
        return cls(
            policy=policy,
            shuffled=shuffle(policy, seed),
            seconds=float(record["seconds"]),
            version=str(record["version"]),
            device=str(record["device"]),
            patch=int(record["patch"]),
        )

    def to_record(self) -> dict[str, Any]:
        """What `from_record` reads besides the policy."""
        return {
            "seconds": round(self.seconds, 3),
            "version": self.version,
            "device": self.device,
            "patch": self.patch,
        }

    def made_as(self, other: "Network") -> bool:
        """Whether both are of one task and shape, and came out of the same model in the same way."""
        mine, theirs = self.policy, other.policy
        return (mine.task, mine.architecture, mine.provenance) == (
            theirs.task,
            theirs.architecture,
            theirs.provenance,
        )

    @property
    def index(self) -> int:
        """Which of the networks of its seed it is."""
        return int(self.policy.provenance["index"])


@dataclass(frozen=True)
class Trial:
    """How a network does on goals that training never saw, and whether its twin does the same.

    Attributes:
        successes: one flag an episode; the first episode is the one that is shown first.
        steps: number of steps of the first episode until success, or the horizon.
        difference: largest difference between an action of the network and one of its twin, over all
            observations of the first episode.
        shuffled_success: whether the twin succeeds in the first episode.
        shuffled_steps: in how many steps.
        every_steps: the same as `steps` for each episode; empty where it was not kept.
        goals: position of each episode's goal in metres, as the network observes it; empty where the suite's
            observation has none.
        right: how many of all test examples it puts into the right class, where the task has examples; an episode
            is one of them then.
        examples: how many there are; 0 where the task has none.
    """

    successes: tuple[bool, ...]
    steps: int
    difference: float
    shuffled_success: bool
    shuffled_steps: int
    every_steps: tuple[int, ...] = ()
    goals: tuple[Place, ...] = ()
    right: int = 0
    examples: int = 0

    @property
    def counted(self) -> tuple[int, int]:
        """What the network's rate is made of: right answers and examples, or successes and episodes."""
        if self.examples:
            return self.right, self.examples
        return sum(self.successes), len(self.successes)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Trial":
        """A trial that was kept as JSON; raises KeyError, TypeError or ValueError."""
        x_y_z = [tuple(map(float, goal)) for goal in record.get("goals", ())]
        if any(len(goal) != 3 for goal in x_y_z):
            raise ValueError("a goal has three coordinates")
        return cls(
            **{
                **record,
                "successes": tuple(record["successes"]),
                "every_steps": tuple(record.get("every_steps", ())),
                "goals": tuple(x_y_z),
            }
        )


def goal(policy: Policy, episode: int) -> int:
    """The environment seed of an episode, as in `python -m nnit evaluate` and `render`.

    Networks of one seed and architecture meet the same goals, so that they can be compared.
    """
    from nnit.splits import evaluation_goal

    seed = int(policy.provenance["seed"])
    return evaluation_goal(seed, policy.task, str(policy.architecture), 0, episode)


def sample(
    generator: "Generator", request: SampleRequest, source: str = "nnit"
) -> tuple[Network, ...]:
    """Sample the networks of a request, in this thread.

    Args:
        generator: that samples.
        request: what is asked for.
        source: what the networks' provenance says of where they come from.

    Raises:
        UserError: the checkpoint cannot do what is asked.
    """
    (networks,) = sample_together(generator, [request], source=source)
    if isinstance(networks, UserError):
        raise networks
    return networks


def sample_together(
    generator: "Generator",
    requests: Sequence[SampleRequest],
    report: Report | None = None,
    source: str = "nnit",
) -> list[tuple[Network, ...] | UserError]:
    """Sample the networks of several requests with the same steps and solver, in one batch.

    Args:
        generator: that samples.
        requests: what is asked for.
        report: is told how far it is.
        source: what the networks' provenance says of where they come from.

    Returns:
        For each request its networks, or what is wrong with it.
    """
    started = time.perf_counter()
    plans = [_planned(generator, request) for request in requests]
    good = [plan for plan in plans if not isinstance(plan, UserError)]
    sampled = iter(generator.sample_together(good, report) if good else [])
    seconds = time.perf_counter() - started
    together = sum(len(plan.architectures) for plan in good)
    return [
        plan
        if isinstance(plan, UserError)
        else tuple(
            Network(
                policy=policy.with_provenance(source=source),
                shuffled=shuffle(policy, request.seed),
                seconds=seconds,
                version=generator.version,
                device=generator.device,
                patch=generator.patch,
                together=together,
            )
            for policy in next(sampled)
        )
        for request, plan in zip(requests, plans, strict=True)
    ]


def _planned(generator: "Generator", request: SampleRequest) -> "Plan | UserError":
    try:
        return generator.plan(request)
    except UserError as error:
        return error


def run_trial(network: Network, report: Report | None = None) -> Trial:
    """Run the episodes of a trial, in this thread."""
    from nnit.sim.rollout import goal_of, run_episode, worker_environment
    from nnit.sim.suites import get_task

    policy, shuffled = network.policy, network.shuffled
    task = get_task(policy.task)
    if task.suite.classifies:
        return _answer_examples(network)
    environment = worker_environment(policy.task)
    place = goal_of(task, policy.provenance)
    twin = run_episode(task, environment, shuffled.act, goal(policy, 0), goal=place)
    successes, every_steps, goals = [], [], []
    difference = 0.0
    for number in range(EPISODES):
        seed = goal(policy, number)
        episode = run_episode(task, environment, policy.act, seed, goal=place, record=True)
        seen = episode.observations
        successes.append(episode.success)
        every_steps.append(episode.steps)
        goals.append(_goal_in(seen[0], task.suite))
        if number == 0:
            difference = float(np.abs(policy.act(seen) - shuffled.act(seen)).max())
        if report is not None:
            report(number + 1, EPISODES)
    return Trial(
        successes=tuple(successes),
        steps=every_steps[0],
        difference=difference,
        shuffled_success=twin.success,
        shuffled_steps=twin.steps,
        every_steps=tuple(every_steps),
        goals=tuple(known for known in goals if known is not None),
    )


def _answer_examples(network: Network) -> Trial:
    """Let a network read the examples of its goals, and then all test examples."""
    from nnit.sim.rollout import example_of, right_answers

    policy, shuffled = network.policy, network.shuffled
    drawn = [example_of(policy.task, goal(policy, number)) for number in range(EPISODES)]
    seen = np.stack([observation for observation, _ in drawn])
    labels = np.array([label for _, label in drawn])
    found, twin = policy.act(seen), shuffled.act(seen)
    successes = tuple((found.argmax(1) == labels).tolist())
    right = right_answers(policy)
    return Trial(
        successes=successes,
        steps=1,
        difference=float(np.abs(found - twin).max()),
        shuffled_success=bool(twin[0].argmax() == labels[0]),
        shuffled_steps=1,
        every_steps=(1,) * EPISODES,
        right=int(right.sum()),
        examples=len(right),
    )


def _goal_in(observation: Float[np.ndarray, " observation"], suite: "Suite") -> Place | None:
    """Where an observation says that the goal is; None where it says nothing of it, or hides it with zeros."""
    for name, start, end in suite.observation_groups:
        if name == _GOAL and end - start == 3 and observation[start:end].any():
            return tuple(round(float(value), 4) for value in observation[start:end])
    return None
