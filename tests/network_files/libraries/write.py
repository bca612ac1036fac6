"""Write the files beside this script with the libraries themselves, and check that aligned ones load back into them.

`python tests/network_files/libraries/write.py` from the repository's folder, in an environment that has Flax, Keras 3
(with JAX), Stable-Baselines3 and torch besides this project's own packages. `versions.json` says with which versions it
was last done. CleanRL's scripts are no library: their agent's modules have the names here that they have there.
"""

import io
import json
import os
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

os.environ["KERAS_BACKEND"] = "jax"
_FOLDER = Path(__file__).parent
sys.path.insert(0, str(_FOLDER.parents[2]))

from nnit.mlp.files import permuted_file, read_file  # noqa: E402

Outputs = Callable[[bytes], np.ndarray]
_WIDTHS = (12, 9)


def _linen_policy():
    from flax import linen

    class Policy(linen.Module):
        @linen.compact
        def __call__(self, x):
            for width in _WIDTHS:
                x = linen.tanh(linen.Dense(width)(x))
            return linen.Dense(1)(x)

    return Policy()


def flax_linen(inputs: np.ndarray) -> tuple[bytes, Outputs]:
    """Parameters of `flax.linen`, flattened with slashes as `flax.traverse_util` does, in safetensors."""
    import jax
    from flax import traverse_util
    from safetensors.flax import load, save

    policy = _linen_policy()
    params = policy.init(jax.random.key(0), inputs)
    params = jax.tree.map(lambda one: one + 0.1, params)  # biases begin at 0

    def outputs(content: bytes) -> np.ndarray:
        return np.asarray(
            policy.apply(traverse_util.unflatten_dict(load(content), sep="/"), inputs)
        )

    return save(traverse_util.flatten_dict(params, sep="/")), outputs


def flax_msgpack(inputs: np.ndarray) -> tuple[bytes, Outputs]:
    """A training state of `flax.linen` as `flax.serialization.to_bytes` writes it, the optimiser's state beside."""
    import jax
    import optax
    from flax import serialization
    from flax.training.train_state import TrainState

    policy = _linen_policy()
    params = policy.init(jax.random.key(1), inputs)["params"]
    params = jax.tree.map(lambda one: one + 0.1, params)
    state = TrainState.create(apply_fn=policy.apply, params=params, tx=optax.adam(1e-3))

    def outputs(content: bytes) -> np.ndarray:
        loaded = serialization.from_bytes(state, content)
        return np.asarray(policy.apply({"params": loaded.params}, inputs))

    return serialization.to_bytes(state), outputs


def keras_saved(ending: str) -> Callable[[np.ndarray], tuple[bytes, Outputs]]:
    """A Keras 3 model as it saves itself: all of it (`.keras`), or its weights (`.weights.h5`)."""

    def write(inputs: np.ndarray) -> tuple[bytes, Outputs]:
        import keras

        keras.utils.set_random_seed(1)
        layers = [keras.layers.Dense(w, "tanh", bias_initializer="random_normal") for w in _WIDTHS]
        model = keras.Sequential([keras.layers.Input((3,)), *layers, keras.layers.Dense(1)])
        model.compile("adam", "mse")
        model.fit(inputs, inputs[:, :1], verbose=0)

        def outputs(content: bytes) -> np.ndarray:
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / f"model{ending}"
                file.write_bytes(content)
                if ending == ".keras":
                    return np.asarray(keras.models.load_model(file)(inputs))
                model.load_weights(file)
            return np.asarray(model(inputs))

        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"model{ending}"
            model.save(file) if ending == ".keras" else model.save_weights(file)
            return file.read_bytes(), outputs

    return write


def keras_weights(inputs: np.ndarray) -> tuple[bytes, Outputs]:
    """Variables of a Keras 3 model by their paths, in npz."""
    import keras

    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(w, "tanh", bias_initializer="random_normal") for w in _WIDTHS]
    model = keras.Sequential([keras.layers.Input((3,)), *layers, keras.layers.Dense(1)])
    stream = io.BytesIO()
    np.savez(stream, **{one.path: np.asarray(one.value) for one in model.weights})

    def outputs(content: bytes) -> np.ndarray:
        arrays = np.load(io.BytesIO(content))
        for one in model.weights:
            one.assign(arrays[one.path])
        return np.asarray(model(inputs))

    return stream.getvalue(), outputs


def stable_baselines(inputs: np.ndarray) -> tuple[bytes, Outputs]:
    """An archive of PPO, less what it says of the machine."""
    import torch
    from stable_baselines3 import PPO

    model = PPO(
        "MlpPolicy", "Pendulum-v1", seed=0, policy_kwargs={"net_arch": list(_WIDTHS)}, device="cpu"
    )
    with torch.no_grad():
        for one in model.policy.parameters():
            one.add_(0.05 * torch.randn_like(one))
    stream = io.BytesIO()
    model.save(stream)
    plain = io.BytesIO()
    with zipfile.ZipFile(stream) as archive, zipfile.ZipFile(plain, "w") as written:
        for entry in archive.infolist():
            if entry.filename != "system_info.txt":
                written.writestr(entry, archive.read(entry))

    def outputs(content: bytes) -> np.ndarray:
        policy = PPO.load(io.BytesIO(content), device="cpu").policy
        with torch.no_grad():
            return policy.get_distribution(torch.from_numpy(inputs)).distribution.mean.numpy()

    return plain.getvalue(), outputs


def cleanrl(inputs: np.ndarray) -> tuple[bytes, Outputs]:
    """The state dict of an agent with the modules of `ppo_continuous_action.py`."""
    import torch
    from torch import nn

    def row(outputs: int) -> nn.Sequential:
        a, b = _WIDTHS
        return nn.Sequential(
            nn.Linear(3, a), nn.Tanh(), nn.Linear(a, b), nn.Tanh(), nn.Linear(b, outputs)
        )

    class Agent(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.critic, self.actor_mean = row(1), row(1)
            self.actor_logstd = nn.Parameter(torch.zeros(1, 1))

    torch.manual_seed(0)
    agent = Agent()
    stream = io.BytesIO()
    torch.save(agent.state_dict(), stream)

    def outputs(content: bytes) -> np.ndarray:
        agent.load_state_dict(torch.load(io.BytesIO(content), weights_only=True))
        with torch.no_grad():
            return agent.actor_mean(torch.from_numpy(inputs)).numpy()

    return stream.getvalue(), outputs


def rsl_rl(inputs: np.ndarray) -> tuple[bytes, Outputs]:
    """A checkpoint of rsl_rl's runner: the model's state dict beside the optimiser's."""
    import torch
    from torch import nn

    def row(outputs: int) -> nn.Sequential:
        a, b = _WIDTHS
        return nn.Sequential(
            nn.Linear(3, a), nn.ELU(), nn.Linear(a, b), nn.ELU(), nn.Linear(b, outputs)
        )

    class ActorCritic(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.std = nn.Parameter(torch.ones(1))
            self.actor, self.critic = row(1), row(1)

    torch.manual_seed(0)
    model = ActorCritic()
    optimiser = torch.optim.Adam(model.parameters())
    model.actor(torch.from_numpy(inputs)).sum().backward()
    optimiser.step()
    stream = io.BytesIO()
    state = {"model_state_dict": model.state_dict(), "optimizer_state_dict": optimiser.state_dict()}
    torch.save({**state, "iter": 3, "infos": None}, stream)

    def outputs(content: bytes) -> np.ndarray:
        loaded = torch.load(io.BytesIO(content), weights_only=True)
        model.load_state_dict(loaded["model_state_dict"])
        optimiser.load_state_dict(loaded["optimizer_state_dict"])
        with torch.no_grad():
            return model.actor(torch.from_numpy(inputs)).numpy()

    return stream.getvalue(), outputs


# The file, who writes it, and what has to be installed for that.
WRITERS = {
    "flax_linen.safetensors": (flax_linen, "flax"),
    "flax_linen.msgpack": (flax_msgpack, "flax"),
    "keras.npz": (keras_weights, "keras"),
    "keras.keras": (keras_saved(".keras"), "keras"),
    "keras.weights.h5": (keras_saved(".weights.h5"), "keras"),
    "stable_baselines3.zip": (stable_baselines, "stable_baselines3"),
    "cleanrl.pt": (cleanrl, "torch"),
    "rsl_rl.pt": (rsl_rl, "torch"),
}


def check(name: str, content: bytes, outputs: Outputs) -> None:
    """What is given back loads into the library, and computes there what it did.

    Raises:
        AssertionError: it does not.
    """
    rng = np.random.default_rng(0)
    before = outputs(content)
    reading = read_file(name, content)[0]
    orders = [rng.permutation(width) for width in _WIDTHS]
    # ELU has no signs to turn.
    signs = None if name == "rsl_rl.pt" else [rng.choice([-1.0, 1.0], width) for width in _WIDTHS]
    changed = permuted_file(name, content, reading, orders, signs)
    assert changed != content
    np.testing.assert_allclose(outputs(changed), before, atol=1e-5)


def main() -> None:
    import flax
    import jax
    import keras
    import stable_baselines3
    import torch

    inputs = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
    known = {"inputs": inputs}
    for name, (write, _) in WRITERS.items():
        content, outputs = write(inputs)
        known[name] = outputs(content)
        check(name, content, outputs)
        (_FOLDER / name).write_bytes(content)
        print(f"{name}: {len(content):,} bytes, the same outputs once aligned")  # noqa: T201
    np.savez(_FOLDER / "outputs.npz", **known)
    used = (flax, jax, keras, stable_baselines3, torch)
    versions = {one.__name__: one.__version__ for one in used}
    (_FOLDER / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")


if __name__ == "__main__":
    main()
