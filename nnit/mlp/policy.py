"""A policy: the weights of one MLP, its observation normaliser, and where it came from.

The file format is one `.safetensors` file: tensors `weight.0`, `bias.0`, ... , `observation.mean`,
`observation.scale`; the file's metadata carry the task, the architecture
with its sizes and activation, and the provenance as JSON.
"""

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from nnit.errors import UserError
from nnit.mlp.network import ACTIVATION_FUNCTIONS, forward
from nnit.mlp.spec import (
    ACTION_SIZE,
    ACTIVATION,
    OBSERVATION_SIZE,
    OUTPUTS,
    MLPArchitecture,
)
from nnit.writing import write_whole

# The largest policy in range has about 90,000 parameters (0.4 MB); more is not one of ours.
_MAX_FILE_BYTES = 8 * 2**20
_ROUNDING = 1e-5


@dataclass(frozen=True, eq=False)
class Policy:
    """An MLP that maps an observation to an action in [-1, 1], or to the probabilities of classes.

    Attributes:
        task: registry name of the task it is for.
        architecture: its hidden widths, sizes and activation.
        weights: one matrix a layer, (outputs, inputs), float32.
        biases: one vector a layer, (outputs,), float32.
        observation_mean: subtracted from observations, (observation_size,).
        observation_scale: then divides them, (observation_size,).
        provenance: how it was made (source, seed, steps, checkpoint), JSON values only.
    """

    task: str
    architecture: MLPArchitecture
    weights: tuple[Float32[np.ndarray, "outputs inputs"], ...]
    biases: tuple[Float32[np.ndarray, " outputs"], ...]
    observation_mean: Float32[np.ndarray, " observation"]
    observation_scale: Float32[np.ndarray, " observation"]
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shapes = tuple(weight.shape for weight in self.weights)
        if shapes != self.architecture.shapes:
            raise UserError(
                f"weights of shapes {shapes} do not fit the architecture {self.architecture}"
            )
        if tuple(b.shape for b in self.biases) != tuple((rows,) for rows, _ in shapes):
            raise UserError(f"biases do not fit the architecture {self.architecture}")
        features = (self.architecture.observation_size,)
        if not self.observation_mean.shape == self.observation_scale.shape == features:
            raise UserError(f"the observation normaliser is not for {features[0]} features")
        for name, array in self._tensors().items():
            if array.dtype != np.float32:
                raise UserError(f"the policy's {name} is {array.dtype}, not float32")
            if not np.isfinite(array).all():
                raise UserError(f"the policy's {name} holds values that are not finite")
        if not (self.observation_scale > 0).all():
            raise UserError("the policy's observation.scale holds values that are not positive")

    def outputs(self, observation: np.ndarray) -> Float32[np.ndarray, "... action"]:
        """What the last layer gives for an observation, or for a batch of them.

        Args:
            observation: (..., observation_size), in the environment's own units.
        """
        inputs = (observation.astype(np.float32) - self.observation_mean) / self.observation_scale
        activation = ACTIVATION_FUNCTIONS[self.architecture.activation]
        return forward(self.weights, self.biases, inputs, activation)

    def act(self, observation: np.ndarray) -> Float32[np.ndarray, "... action"]:
        """The answer to an observation, or to a batch of them: actions clipped to [-1, 1], or probabilities.

        Args:
            observation: (..., observation_size), in the environment's own units.
        """
        outputs = self.outputs(observation)
        if self.architecture.output == "actions":
            return np.clip(outputs, -1.0, 1.0)
        shares = np.exp(outputs - outputs.max(-1, keepdims=True))
        return np.asarray(shares / shares.sum(-1, keepdims=True))

    def with_provenance(self, **entries: Any) -> "Policy":
        """The same policy with entries added to its provenance."""
        return replace(self, provenance={**self.provenance, **entries})

    def _tensors(self) -> dict[str, np.ndarray]:
        tensors = {f"weight.{i}": weight for i, weight in enumerate(self.weights)}
        tensors |= {f"bias.{i}": bias for i, bias in enumerate(self.biases)}
        return tensors | {
            "observation.mean": self.observation_mean,
            "observation.scale": self.observation_scale,
        }

    def to_bytes(self) -> bytes:
        """The policy as the bytes of a `.safetensors` file; equal policies give equal bytes."""
        metadata = {
            "format": "nnit-policy-1",
            "task": self.task,
            "architecture": str(self.architecture),
            "observation_size": str(self.architecture.observation_size),
            "action_size": str(self.architecture.action_size),
            "activation": self.architecture.activation,
            **(
                {}
                if self.architecture.output == OUTPUTS[0]
                else {"output": self.architecture.output}
            ),
            "provenance": json.dumps(dict(self.provenance)),
        }
        tensors = {
            name: np.ascontiguousarray(array, np.float32) for name, array in self._tensors().items()
        }
        return _in_one_order(save(tensors, metadata))

    def save(self, path: Path) -> None:
        """Write the policy to `path`, as `whole_file` does."""
        write_whole(path, self.to_bytes())

    def show(self, episode: int = 0) -> Any:
        """The weights, and the robot that they drive live, in a notebook: what a cell ends with is drawn under it.

        Works in Jupyter and marimo, with the optional package anywidget. The browser runs the robot of the ten
        tasks of MT10; of other tasks the weights alone are drawn.

        Args:
            episode: whose start is shown first, counted from 0.

        Returns:
            An `anywidget.AnyWidget`.

        Raises:
            UserError: anywidget, or the folder `app` that draws, is not there.
        """
        for needed, remedy in (
            ("anywidget", "run: pip install anywidget"),
            # The library knows nothing else of the page, and works without it.
            (
                "app.widgets.live",
                "start Python in the repository's folder, or put it on PYTHONPATH",
            ),
        ):
            try:
                importlib.import_module(needed)
            except ModuleNotFoundError as error:
                if error.name is None or not needed.startswith(error.name):
                    raise
                raise UserError(f"show() needs {needed}, which is not here; {remedy}") from None
        drawn: Any = importlib.import_module("app.widgets.live.notebook")
        return drawn.RobotWidget(self, episode)

    def is_in(self, path: Path) -> bool:
        """Whether a file holds this policy, up to rounding: batches of other sizes add in another order."""
        try:
            other = Policy.load(path)
        except UserError:
            return False
        facts = [(p.task, p.architecture, dict(p.provenance)) for p in (self, other)]
        tensors = other._tensors()
        return facts[0] == facts[1] and all(
            np.allclose(array, tensors[name], rtol=0, atol=_ROUNDING)
            for name, array in self._tensors().items()
        )

    @classmethod
    def load(cls, path: Path) -> "Policy":
        """Read a policy file.

        Raises:
            UserError: the file is missing, is no policy file, or its tensors do not fit together.
        """
        try:
            if not path.is_file():
                raise UserError(f"there is no policy file {path}")
            if path.stat().st_size > _MAX_FILE_BYTES:
                raise UserError(f"{path} is too large to be a policy file")
            with safe_open(path, framework="numpy") as file:
                metadata = file.metadata() or {}
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            architecture = MLPArchitecture(
                MLPArchitecture.parse(metadata["architecture"]).hidden,
                int(metadata.get("observation_size", OBSERVATION_SIZE)),
                int(metadata.get("action_size", ACTION_SIZE)),
                metadata.get("activation", ACTIVATION),
                metadata.get("output", OUTPUTS[0]),
            )
            layers = range(len(architecture.shapes))
            provenance = json.loads(metadata["provenance"])
            if not isinstance(provenance, dict):
                raise UserError(f"{path} does not say how its policy was made")
            return cls(
                task=metadata["task"],
                architecture=architecture,
                weights=tuple(tensors[f"weight.{i}"] for i in layers),
                biases=tuple(tensors[f"bias.{i}"] for i in layers),
                observation_mean=tensors["observation.mean"],
                observation_scale=tensors["observation.scale"],
                provenance=provenance,
            )
        except (SafetensorError, KeyError, TypeError, ValueError, OSError, RecursionError) as error:
            # TypeError: a number format that NumPy lacks; RecursionError: JSON nested too deeply.
            raise UserError(f"{path} is not a policy file of this project ({error})") from error


def _in_one_order(file: bytes) -> bytes:
    """A safetensors file with the keys of its header sorted: the library writes metadata in random order.

    The format: 8 bytes with the header's length, the header as JSON padded with spaces, then numbers at places
    that count from the header's end (github.com/huggingface/safetensors, README).
    """
    size = int.from_bytes(file[:8], "little")
    header = json.dumps(json.loads(file[8 : 8 + size]), sort_keys=True, separators=(",", ":"))
    content = header.encode()
    content += b" " * (-len(content) % 8)
    return len(content).to_bytes(8, "little") + content + file[8 + size :]
