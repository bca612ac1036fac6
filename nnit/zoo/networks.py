"""The zoo: thousands of networks written by the GHN and fine-tuned on their own data.

It is the training set of the DiT. One safetensors file holds all networks end to end; `Zoo` reads it.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from nnit.errors import UserError
from nnit.mlp.normaliser import Normaliser
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture
from nnit.sim.suites.metaworld.style import Style


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
