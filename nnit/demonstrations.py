"""Expert demonstrations, and their aggregation with states that learners visit (DAgger).

Every transition is labelled with what the scripted expert would have done there, without noise
(Ross, Gordon, Bagnell 2011, "A Reduction of Imitation Learning ... to No-Regret Online Learning").
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32
from safetensors.numpy import load_file, save_file

from nnit.policy import Policy
from nnit.rollout import goal_seed, in_workers, worker_environment
from nnit.tasks import get_task

# Per-episode standard deviation of the noise on expert actions: from none to hardly on course.
EXPERT_NOISE = (0.0, 0.1, 0.3, 0.6)
# A component that hardly varies carries no information; a smaller scale would blow up its noise.
MIN_OBSERVATION_SCALE = 0.03


@dataclass(frozen=True)
class Normaliser:
    """Mean and scale of a task's observations, each (observation_size,)."""

    mean: Float32[np.ndarray, " observation"]
    scale: Float32[np.ndarray, " observation"]

    @classmethod
    def fit(cls, observations: np.ndarray) -> "Normaliser":
        """From observations (n, observation_size)."""
        scale = np.maximum(observations.std(0), MIN_OBSERVATION_SCALE)
        return cls(observations.mean(0).astype(np.float32), scale.astype(np.float32))


@dataclass(frozen=True)
class Transitions:
    """Labelled states of one task: observations (n, observation_size), expert actions (n, action_size)."""

    observations: Float32[np.ndarray, "n observation"]
    actions: Float32[np.ndarray, "n action"]

    def __len__(self) -> int:
        return len(self.observations)

    @classmethod
    def concatenate(cls, parts: Sequence["Transitions"]) -> "Transitions":
        """All parts, in order."""
        return cls(
            np.concatenate([part.observations for part in parts]),
            np.concatenate([part.actions for part in parts]),
        )


def save_transitions(transitions: Mapping[str, Transitions], path: Path) -> None:
    """Write transitions by task to one safetensors file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {}
    for task, part in transitions.items():
        tensors[f"{task}/observations"] = part.observations
        tensors[f"{task}/actions"] = part.actions
    temporary = path.with_suffix(".partial")
    save_file(tensors, temporary)
    temporary.replace(path)


def load_transitions(path: Path) -> dict[str, Transitions]:
    """Read what `save_transitions` wrote."""
    tensors = load_file(path)
    tasks = sorted({name.rsplit("/", 1)[0] for name in tensors})
    return {
        task: Transitions(tensors[f"{task}/observations"], tensors[f"{task}/actions"])
        for task in tasks
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
    """Episodes driven by `policy` (by the noisy expert where it is None), labelled by the expert."""
    task = get_task(task_name)
    environment = worker_environment(task_name)
    expert = task.make_expert()
    episodes = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        noise = rng.choice(EXPERT_NOISE) if policy is None else 0.0
        observations, actions, success = [], [], False
        observation, _ = environment.reset(seed=seed)
        for _ in range(limit):
            label = expert(observation)
            observations.append(observation.astype(np.float32))
            actions.append(label)
            action = label if policy is None else policy.act(observation)
            action = np.clip(action + noise * rng.standard_normal(action.shape), -1, 1)
            observation, _, _, truncated, info = environment.step(action.astype(np.float32))
            success = success or bool(info["success"])
            if success or truncated:
                break
        transitions = Transitions(np.stack(observations), np.stack(actions))
        episodes.append(LabelledEpisode(transitions, success))
    return episodes


def collect_expert(
    tasks: Sequence[str],
    episodes: int,
    *,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Transitions]:
    """`episodes` demonstrations of each task by its expert, with action noise drawn for each episode."""
    chunk = 10
    jobs = [
        (
            task,
            None,
            [goal_seed("train", "expert", task, i) for i in range(s, min(s + chunk, episodes))],
            get_task(task).horizon,
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
