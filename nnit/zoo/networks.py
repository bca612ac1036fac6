"""The zoo: thousands of networks written by the GHN and fine-tuned on their own data.

It is the training set of the DiT. One safetensors file holds all networks end to end; `Zoo` reads it.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from nnit.errors import UserError
from nnit.formats import upgraded_zoo
from nnit.mlp.normaliser import Normaliser
from nnit.mlp.policy import Policy
from nnit.mlp.spec import OUTPUTS, MLPArchitecture
from nnit.writing import whole_file

# Arrays with one row a network.
_ROWS = ("task", "hidden", "conditions", "success", "measured", "latent")


@dataclass(frozen=True)
class ZooNetwork:
    """One network of the zoo; the matrices are views into the zoo's one array."""

    task: str
    architecture: MLPArchitecture
    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    success: float
    conditions: Mapping[str, float]


# Sizes, activation and kind of output of a task's networks.
Interface = tuple[int, int, str, str]


class Zoo:
    """Networks end to end in one array.

    Attributes:
        tasks: names of the tasks, in the order of `task`.
        interfaces: sizes of observation and action, activation and kind of output of each task's networks.
        condition_names: of the columns of `conditions` and `measured`.
        task: index of each network's task, (n,).
        hidden: hidden widths, (n, depth), 0 where there is no layer.
        conditions: with which each network was taught, (n, names); NaN where its suite has none such.
        success: measured success rate of each network, (n,); NaN where not measured yet.
        measured: the conditions as they came out, mean over episodes, (n, names); NaN likewise.
        latent: from which the GHN wrote each network, (n, latent).
        parameters: weights and biases, layer by layer, network by network.
    """

    def __init__(
        self,
        tasks: Sequence[str],
        interfaces: Sequence[Sequence[Any]],
        condition_names: Sequence[str],
        *,
        task: np.ndarray,
        hidden: np.ndarray,
        conditions: np.ndarray,
        success: np.ndarray,
        measured: np.ndarray,
        latent: np.ndarray,
        parameters: np.ndarray,
    ) -> None:
        self.tasks = tuple(tasks)
        # Files of before there were classes say no kind of output.
        every = [(*own, OUTPUTS[0])[:4] for own in interfaces]
        self.interfaces: tuple[Interface, ...] = tuple(
            (int(o), int(a), str(activation), str(output)) for o, a, activation, output in every
        )
        self.condition_names = tuple(condition_names)
        rows = {
            "conditions": conditions,
            "success": success,
            "measured": measured,
            "latent": latent,
        }
        columns = len(self.condition_names)
        if (
            any(len(array) != len(task) for array in (hidden, *rows.values()))
            or conditions.shape[1:] != (columns,)
            or measured.shape[1:] != (columns,)
            or len(set(self.condition_names)) != columns
        ):
            raise UserError("the zoo's arrays do not fit each other")
        if len(self.interfaces) != len(self.tasks):
            raise UserError("the zoo does not give the sizes of each of its tasks")
        self.task, self.hidden, self.conditions = task, hidden, conditions
        self.success, self.measured = success, measured
        self.latent, self.parameters = latent, parameters
        counts = [self.architecture(index).parameter_count for index in range(len(task))]
        self.starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        if self.starts[-1] != len(parameters):
            raise UserError("the zoo's parameters do not fit its architectures")

    def __len__(self) -> int:
        return len(self.task)

    def architecture(self, index: int) -> MLPArchitecture:
        """Architecture of network `index`."""
        hidden = tuple(int(width) for width in self.hidden[index] if width)
        return MLPArchitecture(hidden, *self.interfaces[self.task[index]])

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
            {
                name: value
                for name, value in zip(
                    self.condition_names, self.conditions[index].tolist(), strict=True
                )
                if not math.isnan(value)
            },
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
            {"source": "zoo", "index": index, **network.conditions},
        )

    def _like(self, arrays: Mapping[str, np.ndarray]) -> "Zoo":
        """Other networks of the same tasks."""
        return Zoo(self.tasks, self.interfaces, self.condition_names, **arrays)

    def with_arrays(self, **arrays: np.ndarray) -> "Zoo":
        """The same with some arrays replaced.

        Raises:
            UserError: they do not fit the rest.
        """
        names = (*_ROWS, "parameters")
        return self._like({**{name: getattr(self, name) for name in names}, **arrays})

    def subset(self, indices: np.ndarray) -> "Zoo":
        """Some of the networks."""
        parts = [self.parameters[self.starts[i] : self.starts[i + 1]] for i in indices]
        arrays = {name: getattr(self, name)[indices] for name in _ROWS}
        return self._like({**arrays, "parameters": np.concatenate(parts)})

    def save(self, path: Path, dtype: type = np.float32) -> None:
        """Write the zoo."""
        # safetensors writes an array's memory as it lies, whatever its strides say.
        tensors = {name: np.ascontiguousarray(getattr(self, name)) for name in _ROWS}
        tensors["parameters"] = self.parameters.astype(dtype)
        facts = {
            "tasks": self.tasks,
            "interfaces": self.interfaces,
            "condition_names": self.condition_names,
        }
        with whole_file(path) as file:
            save_file(tensors, file, {name: json.dumps(value) for name, value in facts.items()})

    @classmethod
    def load(cls, path: Path) -> "Zoo":
        """Read a zoo.

        Raises:
            UserError: the file is missing or damaged.
        """
        try:
            with safe_open(path, framework="numpy") as file:
                facts = {name: json.loads(text) for name, text in (file.metadata() or {}).items()}
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            facts, tensors = upgraded_zoo(facts, tensors)
            return cls(**facts, **tensors)
        except FileNotFoundError as error:
            raise UserError(f"there is no zoo at {path}; the stage `zoo` builds it") from error
        except (
            *(SafetensorError, LookupError, ValueError, TypeError, OSError),
            *(RecursionError, ArithmeticError),
        ) as error:
            raise UserError(f"{path} is not a zoo file of this project ({error})") from error

    @classmethod
    def join(cls, zoos: Sequence["Zoo"]) -> "Zoo":
        """All networks of several zoos over the same tasks."""
        names = (*_ROWS, "parameters")
        return zoos[0]._like(
            {name: np.concatenate([getattr(zoo, name) for zoo in zoos]) for name in names}
        )
