"""The zoo: thousands of networks written by the GHN and fine-tuned on their own data.

It is the training set of the DiT. One safetensors file holds all networks end to end; `Zoo` reads it.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from nnit.architecture import TRAINED_DEPTHS, MLPArchitecture, training_architectures
from nnit.demonstrations import load_transitions
from nnit.errors import UserError
from nnit.finetuning import OwnShares, fit, normalised
from nnit.folders import claim
from nnit.ghn.store import draw_latents, load_ghn, write_networks
from nnit.normaliser import Normaliser
from nnit.policy import Policy
from nnit.presets import Preset
from nnit.rollout import goal_seed, run_many
from nnit.style import Style, draw_styles

logger = logging.getLogger(__name__)

_DEPTH_SHARES = {1: 0.1, 2: 0.45, 3: 0.45}
_PART_GROUPS = 8  # groups fine-tuned between two saves


@dataclass(frozen=True)
class ZooNetwork:
    """One network of the zoo; the matrices are views into the zoo's one array."""

    task: str
    architecture: MLPArchitecture
    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    success: float
    style: Style


class Zoo:
    """Networks end to end in one array.

    Attributes:
        tasks: names of the tasks, in the order of `task`.
        task: index of each network's task, (n,).
        hidden: hidden widths, (n, depth), 0 where there is no layer.
        style: tempo and height that each network was taught, (n, 2).
        success: measured success rate of each network, (n,); NaN where not measured yet.
        motion: measured mean speed (m/s) and mean height (m) of the hand, (n, 2); NaN likewise.
        latent: from which the GHN wrote each network, (n, latent).
        parameters: weights and biases, layer by layer, network by network.
    """

    def __init__(
        self,
        tasks: Sequence[str],
        task: np.ndarray,
        hidden: np.ndarray,
        style: np.ndarray,
        success: np.ndarray,
        motion: np.ndarray,
        latent: np.ndarray,
        parameters: np.ndarray,
    ) -> None:
        self.tasks, self.task, self.hidden, self.style = tuple(tasks), task, hidden, style
        self.success, self.motion = success, motion
        self.latent, self.parameters = latent, parameters
        counts = [self.architecture(index).parameter_count for index in range(len(task))]
        self.starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        if self.starts[-1] != len(parameters):
            raise UserError("the zoo's parameters do not fit its architectures")

    def __len__(self) -> int:
        return len(self.task)

    def architecture(self, index: int) -> MLPArchitecture:
        """Architecture of network `index`."""
        return MLPArchitecture(tuple(int(width) for width in self.hidden[index] if width))

    def __getitem__(self, index: int) -> ZooNetwork:
        architecture = self.architecture(index)
        own = self.parameters[self.starts[index] : self.starts[index + 1]]
        weights, biases = architecture.layers_of(own)
        return ZooNetwork(
            self.tasks[self.task[index]],
            architecture,
            weights,
            biases,
            float(self.success[index]),
            Style(*self.style[index].tolist()),
        )

    def policy(self, index: int, normaliser: Normaliser) -> Policy:
        """Network `index` as a policy."""
        network = self[index]
        return Policy(
            network.task,
            network.architecture,
            tuple(w.astype(np.float32) for w in network.weights),
            tuple(b.astype(np.float32) for b in network.biases),
            normaliser.mean,
            normaliser.scale,
            {"source": "zoo", "index": index, **asdict(network.style)},
        )

    def subset(self, indices: np.ndarray) -> "Zoo":
        """Some of the networks."""
        parts = [self.parameters[self.starts[i] : self.starts[i + 1]] for i in indices]
        return Zoo(
            self.tasks,
            self.task[indices],
            self.hidden[indices],
            self.style[indices],
            self.success[indices],
            self.motion[indices],
            self.latent[indices],
            np.concatenate(parts),
        )

    def save(self, path: Path, dtype: type = np.float32) -> None:
        """Write the zoo."""
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".partial")
        tensors = {
            "task": self.task,
            "hidden": self.hidden,
            "style": self.style,
            "success": self.success,
            "motion": self.motion,
            "latent": self.latent,
            "parameters": self.parameters.astype(dtype),
        }
        save_file(tensors, temporary, {"tasks": json.dumps(self.tasks)})
        temporary.replace(path)

    @classmethod
    def load(cls, path: Path) -> "Zoo":
        """Read a zoo.

        Raises:
            UserError: the file is missing or damaged.
        """
        try:
            with safe_open(path, framework="numpy") as file:
                tasks = json.loads((file.metadata() or {})["tasks"])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return cls(tasks, **tensors)
        except FileNotFoundError as error:
            raise UserError(f"there is no zoo at {path}; the stage `zoo` builds it") from error
        except (SafetensorError, KeyError, ValueError, TypeError, OSError) as error:
            raise UserError(f"{path} is not a zoo file of this project ({error})") from error

    @classmethod
    def join(cls, zoos: Sequence["Zoo"]) -> "Zoo":
        """All networks of several zoos over the same tasks."""
        return cls(
            zoos[0].tasks,
            *(
                np.concatenate([getattr(zoo, name) for zoo in zoos])
                for name in ("task", "hidden", "style", "success", "motion", "latent", "parameters")
            ),
        )


class ZooBuilder:
    """Builds a zoo group by group; finished parts are kept, so that a stopped run goes on."""

    def __init__(self, preset: Preset, ghn_folder: Path, folder: Path) -> None:
        self.preset, self.settings, self.folder = preset, preset.zoo, folder
        self.ghn, self.normalisers = load_ghn(ghn_folder)
        written = (ghn_folder / "ghn.safetensors").read_bytes()
        self.ghn_digest = hashlib.sha256(written).hexdigest()
        transitions = load_transitions(ghn_folder / "transitions.safetensors")
        self.data = normalised(transitions, self.normalisers)
        self.pools = {
            d: [a for a in training_architectures() if a.depth == d] for d in TRAINED_DEPTHS
        }

    def run(self, progress: Callable[[int, int, str], None]) -> None:
        """Fine-tune all networks, then measure them, saving part by part."""
        groups = max(1, self.settings.networks // self.settings.group)
        claim(
            self.folder,
            {"seed": self.preset.seed, "settings": asdict(self.settings), "ghn": self.ghn_digest},
        )
        parts = []
        for first in range(0, groups, _PART_GROUPS):
            path = self.folder / "parts" / f"{first:05d}.safetensors"
            if not path.exists():
                built = []
                for group in range(first, min(first + _PART_GROUPS, groups)):
                    built.append(self._build_group(group))
                    progress(group + 1, groups, "groups fine-tuned")
                self._measure(Zoo.join(built), first, progress).save(path)
            parts.append(Zoo.load(path))
        zoo = Zoo.join(parts)
        zoo.save(self.folder / "zoo.safetensors")
        for index, task in enumerate(zoo.tasks):
            rate = zoo.success[zoo.task == index].mean()
            logger.info("zoo success %s %.3f", task, rate)

    def _build_group(self, group: int) -> Zoo:
        """Write and fine-tune one group of networks, all of one depth."""
        settings = self.settings
        rng = np.random.default_rng((self.preset.seed, 2, group))
        generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
        depth = int(rng.choice(TRAINED_DEPTHS, p=[_DEPTH_SHARES[d] for d in TRAINED_DEPTHS]))
        pool = self.pools[depth]
        architectures = [pool[i] for i in rng.integers(len(pool), size=settings.group)]
        task = (np.arange(settings.group) + group) % len(self.preset.tasks)
        styles = draw_styles(settings.group, generator)
        latents = draw_latents(self.ghn, settings.group, generator)
        written = write_networks(self.ghn, architectures, torch.from_numpy(task), styles, latents)
        names = [self.preset.tasks[i] for i in task]
        shares = OwnShares(self.data, names, styles, settings.share, rng)
        networks = fit(
            written,
            shares,
            steps=settings.steps,
            batch=settings.batch,
            rate=settings.rate,
            generator=generator,
        )
        flat = []
        for index in range(settings.group):
            for weight, bias in zip(*networks.matrices(index), strict=True):
                flat += [weight.reshape(-1), bias]
        hidden = np.zeros((settings.group, max(TRAINED_DEPTHS)), np.int64)
        hidden[:, :depth] = [a.hidden for a in architectures]
        return Zoo(
            self.preset.tasks,
            task.astype(np.int64),
            hidden,
            styles.numpy(),
            np.full(settings.group, np.nan, np.float32),
            np.full((settings.group, 2), np.nan, np.float32),
            latents.numpy(),
            np.concatenate(flat),
        )

    def _measure(self, zoo: Zoo, part: int, progress: Callable[[int, int, str], None]) -> Zoo:
        """The zoo with how every network did on goals of its own."""
        policies = [
            zoo.policy(i, self.normalisers[zoo.tasks[zoo.task[i]]]) for i in range(len(zoo))
        ]
        seeds = [
            [goal_seed("select", "zoo", part, i, e) for e in range(self.settings.episodes)]
            for i in range(len(zoo))
        ]
        results = run_many(
            policies,
            seeds,
            progress=lambda done, total: progress(done, total, "networks measured"),
        )
        success = [np.mean([episode.success for episode in episodes]) for episodes in results]
        motion = [np.mean([(e.speed, e.height) for e in episodes], 0) for episodes in results]
        zoo.success, zoo.motion = np.array(success, np.float32), np.array(motion, np.float32)
        return zoo
