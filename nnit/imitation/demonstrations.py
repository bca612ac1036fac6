"""Expert demonstrations, and their aggregation with states that learners visit (DAgger).

Every transition is labelled with what the scripted expert would have done there, without noise
(Ross, Gordon, Bagnell 2011, "A Reduction of Imitation Learning ... to No-Regret Online Learning").
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from nnit.errors import UserError
from nnit.mlp.policy import Policy
from nnit.mlp.spec import ACTION_SIZE, OBSERVATION_SIZE
from nnit.sim.rollout import goal_of, in_workers, worker_environment, worker_examples
from nnit.sim.suites import Condition, get_task
from nnit.splits import goal_seed
from nnit.writing import whole_file

# Per-episode standard deviation of the noise on expert actions: from none to hardly on course.
EXPERT_NOISE = (0.0, 0.1, 0.3, 0.6)
_LARGEST_STEP = 2**16 - 1
# Observation, labels and action in samples that do not say it: Meta-World's.
_SIZES = (OBSERVATION_SIZE, 2, ACTION_SIZE)


@dataclass(frozen=True)
class Transitions:
    """Labelled states of one task.

    Attributes:
        observations: (n, observation_size).
        labels: what the task's experts say there, (n, labels, action_size); see `nnit.sim.suites.Motion`.
    """

    observations: Float32[np.ndarray, "n observation"]
    labels: Float32[np.ndarray, "n labels action"]

    def __len__(self) -> int:
        return len(self.observations)

    @classmethod
    def concatenate(cls, parts: Sequence["Transitions"]) -> "Transitions":
        """All parts, in order."""
        return cls(
            np.concatenate([part.observations for part in parts]),
            np.concatenate([part.labels for part in parts]),
        )


def save_transitions(transitions: Mapping[str, Transitions], path: Path) -> None:
    """Write transitions by task to one safetensors file."""
    tensors = {}
    for task, part in transitions.items():
        # safetensors writes an array's memory as it lies, whatever its strides say.
        tensors[f"{task}/observations"] = np.ascontiguousarray(part.observations)
        tensors[f"{task}/labels"] = np.ascontiguousarray(part.labels)
    with whole_file(path) as file:
        save_file(tensors, file)


def load_transitions(path: Path) -> dict[str, Transitions]:
    """Read what `save_transitions` wrote.

    Raises:
        UserError: the file is missing or damaged.
    """
    if not path.is_file():
        raise UserError(f"there is no {path}; an earlier stage of the training writes it")
    try:
        tensors = load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise UserError(f"{path} is damaged or truncated ({error})") from error
    tasks = sorted({name.rsplit("/", 1)[0] for name in tensors})
    return {
        task: Transitions(tensors[f"{task}/observations"], tensors[f"{task}/labels"])
        for task in tasks
    }


def save_sample(
    transitions: Mapping[str, Transitions], path: Path, count: int, rng: np.random.Generator
) -> None:
    """Write at most `count` transitions of each task, in 16 bits a number.

    Each column is stored as steps between its smallest and its largest value: some 0.02 mm for
    positions, far below what tells one expert action from another.
    """
    tensors = {}
    for task, part in transitions.items():
        rows = np.sort(rng.permutation(len(part))[:count])
        labels = part.labels[rows].reshape(len(rows), -1)
        table = np.concatenate([part.observations[rows], labels], 1)
        low, high = table.min(0), table.max(0)
        step = np.maximum(high - low, 1e-6) / _LARGEST_STEP
        tensors[f"{task}/table"] = np.round((table - low) / step).astype(np.uint16)
        tensors[f"{task}/low"], tensors[f"{task}/step"] = low, step.astype(np.float32)
        tensors[f"{task}/sizes"] = np.array([part.observations.shape[1], *part.labels.shape[1:]])
    with whole_file(path) as file:
        save_file(tensors, file)


def load_sample(path: Path) -> dict[str, Transitions]:
    """Read what `save_sample` wrote.

    Raises:
        UserError: the file is missing or damaged.
    """
    if not path.is_file():
        raise UserError(f"the checkpoint lacks {path.name} (looked in {path.parent})")
    try:
        tensors = load_file(path)
        transitions = {}
        for task in sorted({name.rsplit("/", 1)[0] for name in tensors}):
            steps = tensors[f"{task}/table"].astype(np.float32)
            table = steps * tensors[f"{task}/step"] + tensors[f"{task}/low"]
            observation, count, action = tensors.get(f"{task}/sizes", _SIZES)
            labels = table[:, observation:].reshape(len(table), count, action).clip(-1, 1)
            transitions[task] = Transitions(table[:, :observation], labels)
        return transitions
    except (SafetensorError, KeyError, ValueError, TypeError, OSError) as error:
        raise UserError(f"{path} is damaged or truncated ({error})") from error


def draw_values(conditions: Sequence[Condition], rng: np.random.Generator) -> dict[str, float]:
    """A random value of each condition, by name."""
    shares = rng.random(len(conditions))
    return {
        c.name: c.low + (c.high - c.low) * share
        for c, share in zip(conditions, shares.tolist(), strict=True)
    }


@dataclass(frozen=True)
class LabelledEpisode:
    """The labelled states of one episode, and whether it succeeded within `limit` steps."""

    transitions: Transitions
    success: bool


def _label_episodes(
    task_name: str,
    policy: Policy | None,
    seeds: Sequence[int],
    limit: int,
) -> list[LabelledEpisode]:
    """Episodes driven by `policy`, labelled by the expert.

    Where `policy` is None the expert drives, with a noise and with conditions of its own each episode.
    """
    task = get_task(task_name)
    environment = worker_environment(task_name)
    experts, conditions = task.new_experts(), task.conditions
    episodes = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        noise = rng.choice(EXPERT_NOISE) if policy is None else 0.0
        values = draw_values(conditions, rng)
        observations, labels = [], []
        success, left = False, task.suite.settling
        goal = goal_of(task, values if policy is None else policy.provenance)
        observation, _ = environment.reset(seed=seed, options=goal)
        for _ in range(limit):
            label = np.stack([expert(observation) for expert in experts])
            observations.append(observation.astype(np.float32))
            labels.append(label)
            action = (
                task.motion.action(label, values) if policy is None else policy.act(observation)
            )
            action = np.clip(action + noise * rng.standard_normal(action.shape), -1, 1)
            observation, _, _, truncated, info = environment.step(action.astype(np.float32))
            success = success or bool(info["success"])
            if truncated or (success and left == 0):
                break
            left -= success
        transitions = Transitions(np.stack(observations), np.stack(labels))
        episodes.append(LabelledEpisode(transitions, success))
    return episodes


def labelled(task: str) -> Transitions:
    """The training examples of a task that classifies; labels are 1 for the class and 0 for all others.

    Raises:
        UserError: they are not here.
    """
    examples = worker_examples(task, "train")
    classes = np.eye(get_task(task).suite.action_size, dtype=np.float32)
    return Transitions(examples.observations, classes[examples.labels][:, None])


def collect_expert(
    tasks: Sequence[str],
    episodes: int,
    *,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Transitions]:
    """`episodes` demonstrations of each task by its experts, with many conditions and with action noise."""
    chunk = 10
    jobs = [
        (
            task,
            None,
            [goal_seed("train", "expert", task, i) for i in range(s, min(s + chunk, episodes))],
            get_task(task).suite.horizon,
        )
        for task in tasks
        for s in range(0, episodes, chunk)
    ]
    collected: dict[str, list[Transitions]] = {task: [] for task in tasks}
    for (task, *_), labelled in zip(
        jobs, in_workers(_label_episodes, jobs, workers, progress), strict=True
    ):
        collected[task] += [episode.transitions for episode in labelled]
    return {task: Transitions.concatenate(parts) for task, parts in collected.items()}


def collect_dagger(
    policies: Sequence[Policy],
    seeds: Sequence[Sequence[int]],
    limit: int,
    *,
    workers: int | None = None,
) -> list[list[LabelledEpisode]]:
    """Episodes driven by policies and labelled by the expert: for each policy, one a seed."""
    jobs = [(p.task, p, s, limit) for p, s in zip(policies, seeds, strict=True)]
    return in_workers(_label_episodes, jobs, workers)
