"""Normalisations in networks that users bring: folded where that is exact, named otherwise."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from mlp_files import assert_close, in_a_row, only, orders_of
from safetensors.torch import load as load_torch
from safetensors.torch import save as save_torch
from torch import nn

from nnit.alignment.correspondence import rescale
from nnit.alignment.symmetry import permute
from nnit.errors import UserError
from nnit.mlp.files import permuted_file, read_file
from nnit.mlp.network import forward


class EmpiricalNormalization(nn.Module):
    """What rsl_rl calls so, with its names: (x - mean) / (deviation + 0.01)."""

    def __init__(self, size: int) -> None:
        super().__init__()
        variance = torch.rand(1, size) + 0.1
        self.register_buffer("_mean", torch.randn(1, size))
        self.register_buffer("_var", variance)
        self.register_buffer("_std", variance.sqrt())
        self.register_buffer("count", torch.tensor(400))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (x - self._mean) / (self._std + 1e-2)


# Where rsl_rl keeps actor, critic and their statistics: in policies since 3.0, in its runner's checkpoints before, and
# in models of their own since 5.0.
@pytest.mark.parametrize(
    ("layers", "statistics"),
    [
        ("{0}.{1}", "{0}_obs_normalizer.{1}"),
        ("{0}_state_dict.mlp.{1}", "{0}_state_dict.obs_normalizer.{1}"),
        (
            "model_state_dict.{0}.{1}",
            {"actor": "obs_norm.{1}", "critic": "privileged_obs_norm.{1}"},
        ),
    ],
)
def test_statistics_of_rsl_rl_are_folded_into_the_first_layer(layers, statistics) -> None:
    torch.manual_seed(0)
    state, inputs, wanted = {}, torch.randn(30, 7), {}
    for role, outputs in (("actor", 3), ("critic", 1)):
        row = nn.Sequential(nn.Linear(7, 8), nn.Tanh(), nn.Linear(8, outputs))
        norm = EmpiricalNormalization(7)
        of_role = statistics if isinstance(statistics, str) else statistics[role]
        state |= {layers.format(role, key): value for key, value in row.state_dict().items()}
        state |= {of_role.format(role, key): value for key, value in norm.state_dict().items()}
        wanted[role] = row(norm(inputs)).detach()
    content = save_torch(state)
    readings = read_file("a.safetensors", content)
    assert len(readings) == 2
    for reading, role in zip(readings, ("actor", "critic"), strict=True):
        assert reading.observations
        assert not any("_mean" in key and role in key for key in reading.left_out)
        np.testing.assert_allclose(
            forward(reading.network.weights, reading.network.biases, inputs.numpy()),
            wanted[role],
            atol=1e-4,
        )
        orders = orders_of(reading.network)
        factors = [np.where(np.arange(len(order)) % 2, -1.0, 1.0) for order in orders]
        changed = permuted_file("a.safetensors", content, reading, orders, factors)
        after = load_torch(changed)
        assert all(torch.equal(after[key], state[key]) for key in state if "_obs" in key)
        again = {one.title: one for one in read_file("a.safetensors", changed)}[reading.title]
        expected = rescale(permute(reading.network, orders), factors)
        assert_close(again.network, expected)


def test_statistics_that_a_library_may_clip_are_left_beside() -> None:
    row = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))
    moments = {"obs_rms.mean": torch.ones(4), "obs_rms.var": torch.ones(4) * 2}
    state = {**{f"actor.{key}": value for key, value in row.state_dict().items()}, **moments}
    reading = only("a.safetensors", save_torch(state))
    assert not reading.observations
    assert set(reading.left_out) == set(moments)
    assert_close(reading.network, in_a_row(row[0], row[2]))
    # Another class's tensors of rsl_rl's names: deviation and variance do not belong together.
    other = EmpiricalNormalization(4).state_dict() | {"_std": torch.full((1, 4), 5.0)}
    named = {f"actor_obs_normalizer.{key}": value for key, value in other.items()}
    reading = only("a.safetensors", save_torch({**state, **named}))
    assert not reading.observations


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (lambda: nn.BatchNorm1d(8, affine=False), "batch normalisation, has no gain"),
        (lambda: nn.RMSNorm(8), "normalisation"),
        (lambda: nn.PReLU(8), "slope"),
        (lambda: nn.LSTM(8, 8), "recurrent"),
        (lambda: nn.utils.parametrizations.weight_norm(nn.Linear(8, 8)), "weight normalisation"),
        (lambda: nn.MultiheadAttention(8, 2), "attention"),
        (lambda: nn.Conv1d(8, 8, 1), "3 axes"),
    ],
)
@pytest.mark.parametrize("bias", [True, False])
def test_layers_that_an_mlp_has_not(layer: Callable[[], nn.Module], words: str, bias: bool) -> None:
    module = nn.Sequential(nn.Linear(8, 8, bias=bias), layer(), nn.Tanh(), nn.Linear(8, 2))
    with pytest.raises(UserError, match=words):
        read_file("a.safetensors", save_torch(module.state_dict()))


def trained_normalisation(width: int) -> nn.BatchNorm1d:
    """With statistics and gains of all signs."""
    made = nn.BatchNorm1d(width)
    nn.init.normal_(made.weight)
    nn.init.normal_(made.bias)
    made.running_mean.normal_()
    made.running_var.uniform_(0.2, 3.0)
    return made


NORMALISED: dict[str, Callable[[], list[nn.Module]]] = {
    "behind layers": lambda: [
        *(nn.Linear(5, 8), trained_normalisation(8), nn.Tanh()),
        *(nn.Linear(8, 6), trained_normalisation(6), nn.Tanh(), nn.Linear(6, 2)),
    ],
    "before layers": lambda: [
        *(trained_normalisation(5), nn.Linear(5, 8), nn.Tanh(), trained_normalisation(8)),
        *(nn.Linear(8, 6), nn.Tanh(), trained_normalisation(6), nn.Linear(6, 2)),
    ],
    "both, and outputs": lambda: [
        *(nn.Linear(5, 8, bias=False), trained_normalisation(8), nn.Tanh()),
        *(nn.Linear(8, 6), nn.Tanh(), trained_normalisation(6)),
        *(nn.Linear(6, 6), trained_normalisation(6), nn.Tanh(), nn.Linear(6, 2)),
        trained_normalisation(2),
    ],
}


@pytest.mark.parametrize("way", NORMALISED)
@pytest.mark.parametrize("prefix", ["", "net."])
def test_batch_normalisation_in_a_row_of_modules_is_folded_and_given_back(way, prefix) -> None:
    torch.manual_seed(0)
    module = nn.Sequential(*NORMALISED[way]()).eval()
    inputs = torch.randn(40, 5)
    before = module(inputs).detach()
    state = {f"{prefix}{key}": value for key, value in module.state_dict().items()}
    content = save_torch(state)
    reading = only("a.safetensors", content)
    assert len(reading.folded) == sum(isinstance(one, nn.BatchNorm1d) for one in module)
    network = reading.network
    outputs = inputs.numpy()
    for layer, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
        outputs = outputs @ weight.T + bias
        outputs = np.tanh(outputs) if layer < len(network.weights) - 1 else outputs
    np.testing.assert_allclose(outputs, before, atol=1e-5)
    rng = np.random.default_rng(0)
    orders = orders_of(network)
    factors = [rng.choice([-1.0, 1.0], len(order)) for order in orders]
    changed = load_torch(permuted_file("a.safetensors", content, reading, orders, factors))
    module.load_state_dict({key.removeprefix(prefix): value for key, value in changed.items()})
    np.testing.assert_allclose(module(inputs).detach(), before, atol=1e-5)
    again = only("a.safetensors", save_torch(changed)).network
    expected = rescale(permute(network, orders), factors)
    for one, other in zip(again.weights, expected.weights, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.mark.parametrize("names", [("fc1", "bn1", "fc2"), ("0", "2", "4"), ("0", "bn", "1")])
def test_batch_normalisation_of_an_unknown_place_is_named(names: tuple[str, ...]) -> None:
    parts = dict(zip(names, (nn.Linear(5, 8), nn.BatchNorm1d(8), nn.Linear(8, 2)), strict=True))
    state = {f"{n}.{key}": v for n, one in parts.items() for key, v in one.state_dict().items()}
    with pytest.raises(UserError, match="activation"):
        read_file("a.safetensors", save_torch(state))


def test_batch_normalisation_of_keras_is_named() -> None:
    vectors = {f"layers/batch_normalization/vars/{i}": torch.ones(8) for i in range(2)}
    layers = {"dense": nn.Linear(8, 5), "dense_1": nn.Linear(3, 8)}
    kernels = {f"layers/{key}/vars/0": layer.weight.data for key, layer in layers.items()}
    with pytest.raises(UserError, match="ONNX, where it is folded"):
        read_file("a.safetensors", save_torch({**vectors, **kernels}))
