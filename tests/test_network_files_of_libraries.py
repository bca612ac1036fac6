"""Networks as libraries write them: read in the right order, refused for the right reason, given back loadable."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from mlp_files import npz
from network_files.libraries.write import WRITERS
from network_files.libraries.write import check as check_loads_back
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from safetensors.numpy import load as load_safetensors
from safetensors.numpy import save as save_arrays
from safetensors.torch import load as load_torch
from safetensors.torch import save as save_torch
from sklearn.neural_network import MLPClassifier, MLPRegressor
from torch import nn

from nnit.alignment.correspondence import rescale
from nnit.alignment.symmetry import permute, random_permutations
from nnit.errors import UserError
from nnit.mlp.files import permuted_file, read_file, read_network
from nnit.mlp.network import MLP, forward, hidden_widths
from nnit.mlp.readings import Reading

FOLDER = Path(__file__).parent / "network_files"


def only(name: str, content: bytes) -> Reading:
    (reading,) = read_file(name, content)
    return reading


def orders_of(network: MLP) -> list[np.ndarray]:
    return random_permutations(hidden_widths(network), 1.0, np.random.default_rng(5))


def assert_close(a: MLP, b: MLP) -> None:
    for mine, theirs in zip((*a.weights, *a.biases), (*b.weights, *b.biases), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6)


def linears(*sizes: int) -> list[nn.Linear]:
    torch.manual_seed(sum(sizes))
    return [nn.Linear(a, b) for a, b in zip(sizes, sizes[1:], strict=False)]


def in_a_row(*layers: nn.Linear) -> MLP:
    """What is expected of layers."""
    return MLP(
        tuple(layer.weight.detach().numpy() for layer in layers),
        tuple(
            np.zeros(layer.out_features, np.float32)
            if layer.bias is None
            else layer.bias.detach().numpy()
            for layer in layers
        ),
    )


# --- Files that the libraries have written themselves -----------------------------------------------


@pytest.mark.parametrize("name", WRITERS)
def test_a_library_s_own_file_is_read_as_it_computes(name: str) -> None:
    known = np.load(FOLDER / "libraries" / "outputs.npz")
    readings = read_file(name, (FOLDER / "libraries" / name).read_bytes())
    network = readings[0].network  # of several, the actor
    values = known["inputs"]
    for weight, bias in zip(network.weights[:-1], network.biases, strict=False):
        values = values @ weight.T + bias
        values = (
            np.where(values > 0, values, np.expm1(values)) if "rsl" in name else np.tanh(values)
        )
    outputs = values @ network.weights[-1].T + network.biases[-1]
    np.testing.assert_allclose(outputs, known[name], atol=1e-5)


@pytest.mark.parametrize("name", WRITERS)
def test_what_is_given_back_computes_in_the_library_what_it_did(name: str) -> None:
    write, library = WRITERS[name]
    pytest.importorskip(library)
    inputs = np.load(FOLDER / "libraries" / "outputs.npz")["inputs"]
    check_loads_back(name, *write(inputs))


# --- Small files that went wrong --------------------------------------------------------------------


@pytest.mark.parametrize("truth", sorted(FOLDER.glob("*.truth.npz")), ids=lambda path: path.name)
def test_files_whose_layers_are_known(truth: Path) -> None:
    layers = np.load(truth)
    expected = MLP(
        tuple(layers[f"w{i}"] for i in range(len(layers) // 2)),
        tuple(layers[f"b{i}"] for i in range(len(layers) // 2)),
    )
    stem = truth.name.removesuffix(".truth.npz")
    paths = [path for path in FOLDER.glob(f"{stem}*") if "truth" not in path.name]
    assert paths
    for path in paths:
        assert_close(read_network(path.name, path.read_bytes()), expected)


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("in_hidden_out.safetensors", (39, 64, 64, 4)),
        ("sklearn_lists.npz", (39, 64, 64, 4)),
        ("with_strings.npz", (39, 64, 64, 4)),
        ("dtype_bfloat16.safetensors", (39, 64, 64, 4)),
        ("ae1.safetensors", (12, 8, 12)),
        ("ae2.safetensors", (12, 8, 12)),
        ("h_add_scalar.onnx", (6, 8, 3)),
        ("h_bias_value_floats.onnx", (6, 8, 3)),
        ("o_act_dy_silu.onnx", (39, 32, 32, 4)),
        ("o_normmul.onnx", (39, 32, 32, 4)),
        ("sk_reg.onnx", (6, 8, 3)),
    ],
)
def test_files_whose_sizes_are_known(name: str, sizes: tuple[int, ...]) -> None:
    network = read_network(name, (FOLDER / name).read_bytes())
    assert (network.weights[0].shape[1], *map(len, network.weights)) == sizes
    assert any(bias.any() for bias in network.biases)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("rmsnorm_nobias.safetensors", r"net\.1\.weight is the gain of a normalisation"),
        (
            "actor_critic_chain.safetensors",
            r"in 2 ways \(actor: .* \(4-16-4\); critic: .* \(4-16-1\)\)",
        ),
        ("o_scaled.onnx", 'scales or shifts its outputs after "Tanh"'),
    ],
)
def test_files_that_are_refused_with_the_reason(name: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        read_network(name, (FOLDER / name).read_bytes())


# --- PyTorch: names of many kinds, read and loaded again --------------------------------------------


class Named(nn.Module):
    """Layers under given names, dots included, applied in their order."""

    def __init__(self, names: list[str], layers: list[nn.Linear]) -> None:
        super().__init__()
        self.names = names
        for name, layer in zip(names, layers, strict=True):
            *folders, last = name.split(".")
            owner: nn.Module = self
            for folder in folders:
                if not hasattr(owner, folder):
                    owner.add_module(folder, nn.Module())
                owner = getattr(owner, folder)
            owner.add_module(last, layer)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for place, name in enumerate(self.names):
            x = self.get_submodule(name)(torch.tanh(x) if place else x)
        return x


NAMES = [
    ["linear_in", "linear_hidden", "linear_out"],
    ["encoder", "latent", "decoder"],
    ["encoder.0", "encoder.2", "decoder"],
    ["mlp_extractor.policy_net.0", "mlp_extractor.policy_net.2", "action_net"],
    ["policy_net.0", "policy_net.2", "action_net"],
    ["trunk.0", "trunk.2", "mean"],
    ["fc1", "fc2", "fc_mean"],
    ["fc9", "fc10", "out"],
    ["actor.latent_pi.0", "actor.latent_pi.2", "actor.mu"],
    ["features.0", "features.3", "classifier"],
    ["module.input_layer", "module.hidden_layers.0", "module.output_layer"],
    ["first", "middle", "last"],
    ["backbone.fc1", "backbone.fc2", "head"],
    ["l1", "l2", "l3"],
    ["linear", "linear_1", "linear_2"],
    ["a2c_network.actor_mlp.0", "a2c_network.actor_mlp.2", "a2c_network.mu"],
]
SIZES = [(7, 9, 8, 3), (8, 8, 8, 8), (5, 9, 9, 5), (9, 5, 5, 9)]


@pytest.mark.parametrize("names", NAMES, ids=lambda names: names[0])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("ending", ["safetensors", "npz"])
def test_pytorch_modules_are_read_and_load_what_is_given_back(
    names: list[str], sizes: tuple[int, ...], ending: str
) -> None:
    layers = linears(*sizes)
    module = Named(names, layers)
    tensors = module.state_dict()
    if ending == "npz":
        content = npz(**{key: tensor.numpy() for key, tensor in tensors.items()})
    else:
        content = save_torch(tensors, {"made": "by a test"})
    reading = only(f"a.{ending}", content)
    assert_close(reading.network, in_a_row(*layers))
    x = torch.randn(4, sizes[0])
    before = module(x)
    orders = orders_of(reading.network)
    changed = permuted_file(f"a.{ending}", content, reading, orders)
    if ending == "npz":
        again = {key: torch.from_numpy(a) for key, a in np.load(io.BytesIO(changed)).items()}
    else:
        again = load_torch(changed)
        assert b"by a test" in changed
    module.load_state_dict(again)
    torch.testing.assert_close(module(x), before)
    assert_close(only(f"a.{ending}", changed).network, permute(reading.network, orders))
    assert not np.array_equal(layers[1].weight.detach(), reading.network.weights[1])


BESIDE = {
    "log_std": torch.zeros(1, 4),
    "std": torch.ones(4),
    "actor.log_std": torch.zeros(1, 1),
    "logstd": torch.zeros(()),
    "action_scale": torch.ones(4),
    "action_bias": torch.zeros(4),
    "obs_rms.running_mean": torch.zeros(9),
    "running_mean_std.running_var": torch.ones(9),
    "normalizer._mean": torch.zeros(1, 9),
    "running_mean_std.count": torch.tensor(3),
    "log_alpha": torch.zeros(1),
    "step": torch.tensor(12),
}


@pytest.mark.parametrize("key", BESIDE)
@pytest.mark.parametrize("bias", [True, False])
def test_what_lies_beside_the_layers_is_left_out_and_kept(key: str, bias: bool) -> None:
    layers = [nn.Linear(a, b, bias=bias) for a, b in ((9, 6), (6, 6), (6, 4))]
    module = Named(["actor.0", "actor.2", "actor.4"], layers)
    content = save_torch({**module.state_dict(), key: BESIDE[key]})
    reading = only("a.safetensors", content)
    assert reading.left_out == (key,)
    assert_close(reading.network, in_a_row(*layers))
    changed = permuted_file("a.safetensors", content, reading, orders_of(reading.network))
    assert torch.equal(load_torch(changed)[key], BESIDE[key])


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
        (lambda: nn.LayerNorm(8), "normalisation"),
        (lambda: nn.BatchNorm1d(8, affine=False), "batch normalisation, has no gain"),
        (lambda: nn.RMSNorm(8), "normalisation"),
        (lambda: nn.PReLU(8), "slope"),
        (lambda: nn.GroupNorm(2, 8), "normalisation"),
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


@pytest.mark.parametrize("number", [torch.bfloat16, torch.float16, torch.float32, torch.float64])
def test_number_formats_stay(number: torch.dtype) -> None:
    module = nn.Sequential(*linears(9, 8, 3)).to(number)
    content = save_torch(module.state_dict())
    reading = only("a.safetensors", content)
    assert np.array_equal(reading.network.weights[0], module[0].weight.detach().float().numpy())
    changed = load_torch(
        permuted_file("a.safetensors", content, reading, orders_of(reading.network))
    )
    assert {tensor.dtype for tensor in changed.values()} == {number}
    module.load_state_dict(changed)


# --- Several networks in one file -------------------------------------------------------------------

SHARED = [
    (["actor.0", "actor.2"], ["critic.0", "critic.2"]),
    (["mlp_extractor.policy_net.0", "action_net"], ["mlp_extractor.value_net.0", "value_net"]),
    (["pi.0", "pi.2"], ["vf.0", "vf.2"]),
    (["q1.0", "q1.2"], ["q2.0", "q2.2"]),
    (["q_net.q_net.0", "q_net.q_net.2"], ["q_net_target.q_net.0", "q_net_target.q_net.2"]),
    (["actor_fc1", "actor_out"], ["critic_fc1", "critic_out"]),
    (["critic.qf0.0", "critic.qf0.2"], ["critic.qf1.0", "critic.qf1.2"]),
    (["student.0", "student.2"], ["teacher.0", "teacher.2"]),
    (["net_a.0", "net_a.2"], ["net_b.0", "net_b.2"]),
]


@pytest.mark.parametrize("names", SHARED, ids=lambda names: names[0][0])
@pytest.mark.parametrize("outputs", [1, 4])
def test_two_networks_in_a_file_are_two_readings(
    names: tuple[list[str], list[str]], outputs: int
) -> None:
    first, second = linears(4, 16, 4), linears(4, 16, 5, outputs)[:1] + linears(16, outputs)
    module = Named([*names[0], *names[1]], [*first, *second])
    content = save_torch(module.state_dict())
    readings = read_file("a.safetensors", content)
    for layers in (first, second):
        matching = [
            one
            for one in readings
            if len(one.network.weights) == 2
            and np.array_equal(one.network.weights[0], layers[0].weight.detach())
        ]
        assert len(matching) == 1
        assert_close(matching[0].network, in_a_row(*layers))
        changed = load_torch(
            permuted_file("a.safetensors", content, matching[0], orders_of(matching[0].network))
        )
        theirs = names[1] if layers is first else names[0]
        for name in theirs:  # the other network stays as it is
            assert torch.equal(changed[f"{name}.weight"], module.state_dict()[f"{name}.weight"])
    with pytest.raises(UserError, match=rf"in {len(readings)} ways"):
        read_network("a.safetensors", content)


HEADS = [
    (["fc1", "fc2", "fc_mean"], "fc_logstd"),
    (["actor.latent_pi.0", "actor.latent_pi.2", "actor.mu"], "actor.log_std"),
    (["a2c_network.actor_mlp.0", "a2c_network.actor_mlp.2", "a2c_network.mu"], "a2c_network.value"),
    (["trunk.0", "trunk.2", "actor_head"], "critic_head"),
    (["shared.0", "shared.2", "policy"], "value"),
    (["body.0", "body.2", "head_a"], "head_b"),
]


@pytest.mark.parametrize(("names", "head"), HEADS, ids=str)
def test_a_second_head_follows_the_hidden_layer_that_it_takes(names: list[str], head: str) -> None:
    layers = [*linears(5, 7, 8, 3), *linears(8, 3 if "std" in head else 1)]
    module = Named([*names, head], layers)
    content = save_torch(module.state_dict())
    expected = in_a_row(*layers[:3])
    readings = read_file("a.safetensors", content)
    reading = next(
        one
        for one in readings
        if all(map(np.array_equal, one.network.weights, expected.weights))
        and len(one.network.weights) == 3
    )
    before = [layer.weight.detach().clone() for layer in layers]
    orders = orders_of(reading.network)
    module.load_state_dict(load_torch(permuted_file("a.safetensors", content, reading, orders)))
    assert torch.equal(layers[3].weight, before[3][:, torch.from_numpy(orders[1])])
    assert torch.equal(layers[2].weight, before[2][:, torch.from_numpy(orders[1])])


def test_a_head_that_may_take_any_of_two_hidden_layers_is_not_guessed() -> None:
    """A variational autoencoder: the deviation is beside the code, not beside the output."""
    names = ["encoder.0", "encoder.mu", "decoder.0", "decoder.2", "encoder.sigma"]
    layers = [*linears(12, 16, 2, 16, 12), *linears(16, 2)]
    content = save_torch(Named(names, layers).state_dict())
    with pytest.raises(UserError, match=r"whether encoder\.sigma\.weight takes a hidden layer"):
        read_file("a.safetensors", content)


@pytest.mark.parametrize(
    "names",
    [
        ["fc1", "fc2", "fc3"],
        ["block1.a", "block1.b", "block2.a"],
        ["actor.0", "actor.1", "actor.2"],
        ["critic_1", "critic_2", "critic_3"],
        ["q1", "q2", "q3"],
    ],
)
def test_rows_of_layers_are_one_network(names: list[str]) -> None:
    layers = linears(6, 6, 6, 6)
    content = save_torch(Named(names, layers).state_dict())
    if names[0] == "block1.a":  # a and b say no order
        with pytest.raises(UserError, match="ways"):
            read_network("a.safetensors", content)
    else:
        assert_close(read_network("a.safetensors", content), in_a_row(*layers))


def test_where_names_say_nothing_the_order_of_the_file_decides_if_nobody_sorted_it() -> None:
    layers = linears(6, 6, 6, 6)
    expected = in_a_row(*layers)
    names = ["sunny", "rainy", "foggy"]
    tensors = {k: t.numpy() for k, t in Named(names, layers).state_dict().items()}
    assert_close(read_network("a.npz", npz(**tensors)), expected)
    with pytest.raises(UserError, match="in 6 ways"):
        read_network("a.npz", npz(**dict(sorted(tensors.items()))))
    with pytest.raises(UserError, match="in 6 ways"):
        read_network("a.safetensors", save_arrays(tensors))


def test_more_orders_than_anyone_would_choose_from() -> None:
    tensors = {f"{letter}.weight": np.eye(4) for letter in "qwertzuiopasdfghjklyxcvbnm"}
    for end in (4, 26):
        some = dict(sorted(tensors.items())[:end])
        with pytest.raises(UserError, match="number the layers"):
            read_network("a.npz", npz(**some))


# --- Matrices that are the other way round ----------------------------------------------------------

KERNELS = [
    ("params/Dense_{}/kernel", "params/Dense_{}/bias"),
    ("['params']['Dense_{}']['kernel']", "['params']['Dense_{}']['bias']"),
    ("dense_{}/kernel:0", "dense_{}/bias:0"),
    ("layers/dense_{}/vars/0", "layers/dense_{}/vars/1"),
    ("coefs_{}", "intercepts_{}"),
    ("mlp.layers.{}.kernel", "mlp.layers.{}.bias"),
]


@pytest.mark.parametrize("names", KERNELS, ids=lambda names: names[0])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_kernels_are_inputs_by_outputs(names: tuple[str, str], sizes: tuple[int, ...]) -> None:
    expected = in_a_row(*linears(*sizes))
    tensors = {}
    for layer, (weight, bias) in enumerate(zip(expected.weights, expected.biases, strict=True)):
        tensors[names[0].format(layer)] = weight.T
        tensors[names[1].format(layer)] = bias
    for ending, content in (
        ("npz", npz(**tensors)),
        (
            "safetensors",
            save_arrays({key: np.ascontiguousarray(tensor) for key, tensor in tensors.items()}),
        ),
    ):
        reading = only(f"a.{ending}", content)
        assert_close(reading.network, expected)
        orders = orders_of(reading.network)
        changed = permuted_file(f"a.{ending}", content, reading, orders)
        assert_close(only(f"a.{ending}", changed).network, permute(expected, orders))


def test_square_matrices_of_unknown_layout_are_not_guessed() -> None:
    tensors = {f"W{i}": np.random.default_rng(i).normal(size=(6, 6)) for i in range(2)}
    titles = [reading.title for reading in read_file("a.npz", npz(**tensors))]
    assert titles == [
        f"layers: W0 \N{RIGHTWARDS ARROW} W1 (6-6-6), matrices as {layout}"
        for layout in ("outputs by inputs", "inputs by outputs")
    ]
    with pytest.raises(UserError, match="in 2 ways"):
        read_network("a.npz", npz(**tensors))
    # One matrix that is not square says it for all.
    tensors["W2"] = np.ones((3, 6))
    tensors |= {f"b{i}": np.zeros((1, n)) for i, n in enumerate((6, 6, 3))}
    network = read_network("a.npz", npz(**tensors))
    assert np.allclose(network.weights[0], tensors["W0"])


@pytest.mark.parametrize("shape", [(5,), (1, 5), (5, 1)])
def test_biases_of_numpy_programs(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    tensors = {"W1": rng.normal(size=(5, 3)), "W2": rng.normal(size=(2, 5))}
    tensors |= {"b1": rng.normal(size=shape), "b2": np.float64(0.5)}
    content = npz(**tensors)
    reading = only("a.npz", content)
    assert np.allclose(reading.network.biases[0], tensors["b1"].reshape(-1))
    assert np.allclose(reading.network.biases[1], 0.5)
    orders = orders_of(reading.network)
    changed = np.load(io.BytesIO(permuted_file("a.npz", content, reading, orders)))
    assert np.array_equal(changed["b1"].reshape(-1), tensors["b1"].reshape(-1)[orders[0]])
    assert changed["b1"].shape == shape


@pytest.mark.parametrize("number", ["<f4", ">f4", "<f8", ">f8", "<f2"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_stay_as_numpy_wrote_them(number: str, order: str) -> None:
    expected = in_a_row(*linears(5, 7, 6, 3))
    tensors = {
        f"{i}.weight": np.array(weight, number, order=order)  # type: ignore[call-overload]
        for i, weight in enumerate(expected.weights)
    }
    content = npz(**tensors, note=np.array("kept"))
    reading = only("a.npz", content)
    orders = orders_of(reading.network)
    changed = permuted_file("a.npz", content, reading, orders)
    arrays = np.load(io.BytesIO(changed))
    assert str(arrays["note"]) == "kept"
    for key, tensor in tensors.items():
        assert arrays[key].dtype == tensor.dtype
        assert arrays[key].flags.f_contiguous == (order == "F")
    assert_close(only("a.npz", changed).network, permute(reading.network, orders))


@pytest.mark.parametrize("estimator", [MLPRegressor, MLPClassifier])
@pytest.mark.parametrize("hidden", [(5,), (7, 6), (4, 4, 4)])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_scikit_learn(estimator: type, hidden: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(30, 4)), np.arange(30) % 3
    model = estimator(hidden_layer_sizes=hidden, max_iter=2, random_state=0).fit(x, y)
    tensors = {f"coefs_{i}": a for i, a in enumerate(model.coefs_)}
    tensors |= {f"intercepts_{i}": a for i, a in enumerate(model.intercepts_)}
    content = npz(**tensors, activation=np.array(model.activation), sizes=np.array(hidden))
    reading = only("a.npz", content)
    expected = MLP(tuple(a.T for a in model.coefs_), tuple(model.intercepts_))
    assert_close(reading.network, expected)
    before = model.predict(x)
    orders = orders_of(reading.network)
    changed = np.load(io.BytesIO(permuted_file("a.npz", content, reading, orders)))
    model.coefs_ = [changed[f"coefs_{i}"] for i in range(len(model.coefs_))]
    model.intercepts_ = [changed[f"intercepts_{i}"] for i in range(len(model.coefs_))]
    np.testing.assert_allclose(model.predict(x), before)
    assert str(changed["activation"]) == model.activation


def test_objects_are_named_and_never_unpickled() -> None:
    buffer = io.BytesIO()
    matrices = np.empty(2, object)
    matrices[:] = [np.ones((3, 2)), np.ones((2, 3))]
    np.savez(buffer, coefs_=matrices)
    with pytest.raises(UserError, match="coefs_ holds Python objects, which are never unpickled"):
        read_network("a.npz", buffer.getvalue())


def test_bfloat16_of_jax_in_npz() -> None:
    bfloat16 = helper.tensor_dtype_to_np_dtype(TensorProto.BFLOAT16)
    weights = [np.arange(6).reshape(3, 2).astype(bfloat16), np.ones((1, 3), bfloat16)]
    content = npz(**{f"{i}.weight": weight for i, weight in enumerate(weights)})
    reading = only("a.npz", content)
    assert np.array_equal(reading.network.weights[0], weights[0].astype(np.float32))
    order = np.array([2, 0, 1])
    changed = only("a.npz", permuted_file("a.npz", content, reading, [order]))
    assert np.array_equal(changed.network.weights[0], reading.network.weights[0][order])


def test_numbers_that_are_not_read_are_named() -> None:
    tensors = {"0.weight": torch.ones(3, 2), "1.weight": torch.ones(2, 3)}
    content = save_torch({key: t.to(torch.float8_e4m3fn) for key, t in tensors.items()})
    with pytest.raises(UserError, match="F8_E4M3"):
        read_network("a.safetensors", content)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 7), min_size=3, max_size=6), st.randoms(use_true_random=False))
def test_shuffled_unnumbered_layers_are_read_rightly_or_not_at_all(sizes, random) -> None:
    """Whatever is returned has the true layers among its readings; one reading is the true one."""
    layers = linears(*sizes)
    words = ["sunny", "rainy", "foggy", "windy", "cloudy", "snowy", "stormy"]
    names = random.sample(words, len(layers))
    content = save_torch(Named(names, layers).state_dict())
    try:
        readings = read_file("a.safetensors", content)
    except UserError as error:
        assert "number the layers" in str(error)  # noqa: PT017
        return
    expected = in_a_row(*layers).weights
    assert any(all(map(np.array_equal, one.network.weights, expected)) for one in readings)


PIECES = [
    "actor",
    "critic",
    "encoder",
    "fc",
    "net",
    "mu",
    "log_std",
    "std",
    "obs",
    "mean",
    "0",
    "1",
    "2",
]
ENDINGS = ["weight", "bias", "kernel", "w", "b", "scale", "running_mean", "", "std", "coefs_0"]
keys = st.tuples(st.lists(st.sampled_from(PIECES), max_size=2), st.sampled_from(ENDINGS)).map(
    lambda pieces: ".".join([*pieces[0], pieces[1]]).strip(".")
)
shapes = st.lists(st.sampled_from([1, 2, 3]), max_size=2).map(tuple)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(keys.filter(bool), shapes, max_size=8))
def test_whatever_is_read_is_given_back_as_it_was_read(described) -> None:
    """Names that mean anything: no error but ours, and every reading survives its file."""
    rng = np.random.default_rng(0)
    content = npz(**{key: rng.normal(size=shape) for key, shape in described.items()})
    try:
        readings = read_file("a.npz", content)
    except UserError as error:
        assert "\n" not in str(error)  # noqa: PT017
        return
    for place, reading in enumerate(readings):
        orders = orders_of(reading.network)
        again = read_file("a.npz", permuted_file("a.npz", content, reading, orders))
        assert_close(again[place].network, permute(reading.network, orders))


def test_a_safetensors_file_is_changed_in_nothing_but_its_numbers() -> None:
    content = save_torch(nn.Sequential(*linears(5, 6, 2)).state_dict(), {"a": "b"})
    reading = only("a.safetensors", content)
    changed = permuted_file("a.safetensors", content, reading, orders_of(reading.network))
    size = 8 + int.from_bytes(content[:8], "little")
    assert changed[:size] == content[:size]
    assert load_safetensors(changed).keys() == load_safetensors(content).keys()
    unchanged = permuted_file("a.safetensors", content, reading, [np.arange(6)])
    assert unchanged == content


# --- ONNX -------------------------------------------------------------------------------------------

ONNX_MODULES: dict[str, Callable[[], nn.Module]] = {
    name: lambda kind=kind: nn.Sequential(
        nn.Linear(6, 5), kind(), nn.Linear(5, 5), kind(), nn.Linear(5, 3)
    )
    for name, kind in (
        ("tanh", nn.Tanh),
        ("silu", nn.SiLU),
        ("gelu", nn.GELU),
        ("mish", nn.Mish),
        ("softsign", nn.Softsign),
        ("hardswish", nn.Hardswish),
        ("elu", nn.ELU),
        ("leaky", nn.LeakyReLU),
        ("softplus", nn.Softplus),
        ("relu6", nn.ReLU6),
    )
}


class Normalised(nn.Module):
    """An MLP behind a normaliser and before a scale, both of which are exact in its numbers."""

    def __init__(self, way: str) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.way = way
        self.net = nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 3))
        self.register_buffer("mean", torch.randn(6))
        self.register_buffer("std", torch.rand(6) + 0.5)
        self.register_buffer("scale", torch.rand(3) + 0.5)
        self.register_buffer("gain", torch.rand(5) + 0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.way == "divide":
            return self.net((x - self.mean) / self.std)
        if self.way == "reciprocal":
            return self.net((x - self.mean) * (1 / self.std))
        if self.way == "root":
            return self.net((x - self.mean) / torch.sqrt(self.std + 1e-5))
        if self.way == "unit":
            return self.net(2 * (x - self.mean) / self.std - 1)
        if self.way == "outputs":
            return -(self.net(x) * self.scale + self.scale) / 2
        if self.way == "hidden":
            return self.net[2](torch.tanh(self.net[0](x)) * self.gain - 0.5)
        assert self.way == "before"
        return self.net[2](torch.tanh(self.net[0](x) * self.gain))


WAYS = ["divide", "reciprocal", "root", "unit", "outputs", "hidden", "before"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def exported(module: nn.Module, inputs: int = 6) -> bytes:
    buffer = io.BytesIO()
    torch.onnx.export(module.eval(), (torch.zeros(2, inputs),), buffer, dynamo=False)
    return buffer.getvalue()


def run(content: bytes, x: np.ndarray) -> np.ndarray:
    name = onnx.load_model_from_string(content).graph.input[0].name
    return np.asarray(ReferenceEvaluator(content).run(None, {name: x})[0])


LAYERS = {"Gemm", "MatMul", "BatchNormalization"}


def assert_given_back(content: bytes, x: np.ndarray) -> Reading:
    """What is written back computes the same, has the same names, and is read as the permuted network."""
    reading = only("a.onnx", content)
    orders = orders_of(reading.network)
    changed = permuted_file("a.onnx", content, reading, orders)
    onnx.checker.check_model(onnx.load_model_from_string(changed), full_check=True)
    np.testing.assert_allclose(run(changed, x), run(content, x), rtol=1e-4, atol=1e-5)
    assert_close(only("a.onnx", changed).network, permute(reading.network, orders))
    before, after = (onnx.load_model_from_string(one).graph for one in (content, changed))
    assert [value.name for value in (*before.input, *before.output)] == [
        value.name for value in (*after.input, *after.output)
    ]
    kept = {t.name for t in after.initializer} | {n.output[0] for n in after.node}
    taken = {source for one in before.node if one.op_type in LAYERS for source in one.input}
    assert taken & {t.name for t in before.initializer} <= kept
    return reading


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", ONNX_MODULES)
def test_activations_of_pytorch(name: str) -> None:
    module = ONNX_MODULES[name]()
    x = np.random.default_rng(0).normal(size=(2, 6)).astype(np.float32)
    reading = assert_given_back(exported(module), x)
    assert_close(reading.network, in_a_row(*(one for one in module if isinstance(one, nn.Linear))))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("way", WAYS)
def test_normalisers_and_scales_are_folded(way: str) -> None:
    module = Normalised(way)
    content = exported(module)
    x = np.random.default_rng(0).normal(size=(2, 6)).astype(np.float32)
    network = assert_given_back(content, x).network
    hidden = np.tanh(x @ network.weights[0].T + network.biases[0])
    outputs = hidden @ network.weights[1].T + network.biases[1]
    np.testing.assert_allclose(outputs, module(torch.from_numpy(x)).detach(), atol=1e-5)


def graph(nodes: list[onnx.NodeProto], constants: dict[str, np.ndarray], inputs: int = 4) -> bytes:
    """A model from x to y, with weights w0 (5, 4) and w1 (3, 5), and whatever else is given."""
    rng = np.random.default_rng(2)
    stored = {
        "w0": rng.normal(size=(5, 4)).astype(np.float32),
        "w1": rng.normal(size=(3, 5)).astype(np.float32),
        **constants,
    }
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, size])
        for name, size in (("x", inputs), ("y", 3))
    ]
    arrays = [numpy_helper.from_array(array, name) for name, array in stored.items()]
    made = helper.make_graph(nodes, "g", ends[:1], ends[1:], arrays)
    opset = helper.make_opsetid("", 17)
    return helper.make_model(made, opset_imports=[opset], ir_version=8).SerializeToString()


BIAS = np.array([0.5, -1, 2, 0.25, 3], np.float32)
node = helper.make_node
AFTER = [node("Tanh", ["s0"], ["h"]), node("Gemm", ["h", "w1"], ["y"], transB=1)]
FIRST = node("Gemm", ["x", "w0", "bias"], ["s0"], transB=1)

CONSTANTS: dict[str, tuple[list[onnx.NodeProto], dict[str, np.ndarray]]] = {
    "identity": ([node("Identity", ["b"], ["bias"])], {"b": BIAS}),
    "identity twice": (
        [node("Identity", ["b"], ["c"]), node("Identity", ["c"], ["bias"])],
        {"b": BIAS},
    ),
    "cast": (
        [node("Cast", ["b"], ["bias"], to=TensorProto.FLOAT)],
        {"b": BIAS.astype(np.float64)},
    ),
    "half": ([node("Cast", ["b"], ["bias"], to=1)], {"b": BIAS.astype(np.float16)}),
    "floats": ([node("Constant", [], ["bias"], value_floats=BIAS.tolist())], {}),
    "tensor": ([node("Constant", [], ["bias"], value=numpy_helper.from_array(BIAS))], {}),
    "sum": ([node("Add", ["b", "b"], ["bias"])], {"b": BIAS / 2}),
    "negative": ([node("Neg", ["b"], ["bias"])], {"b": -BIAS}),
    "reshape": (
        [node("Reshape", ["b", "n"], ["bias"])],
        {"b": BIAS.reshape(5, 1), "n": np.array([-1])},
    ),
    "row": ([], {"bias": BIAS.reshape(1, 5)}),
}


@pytest.mark.parametrize("name", CONSTANTS)
def test_biases_are_followed_to_where_they_are_stored(name: str) -> None:
    nodes, constants = CONSTANTS[name]
    content = graph([*nodes, FIRST, *AFTER], constants)
    x = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    reading = assert_given_back(content, x)
    np.testing.assert_allclose(reading.network.biases[0], BIAS)


def test_two_layers_that_share_a_bias_are_taken_apart() -> None:
    nodes = [
        node("Gemm", ["x", "w0", "b"], ["s"], transB=1),
        node("Tanh", ["s"], ["t"]),
        node("Gemm", ["t", "square", "b"], ["s0"], transB=1),
        *AFTER,
    ]
    square = np.random.default_rng(0).normal(size=(5, 5)).astype(np.float32)
    content = graph(nodes, {"b": BIAS, "square": square})
    x = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    assert_given_back(content, x)


@pytest.mark.parametrize(
    ("nodes", "constants", "words"),
    [
        (
            [node("Shape", ["x"], ["n"]), node("Cast", ["n"], ["bias"], to=1), FIRST, *AFTER],
            {},
            "goes to|Gemm whose bias",
        ),
        (
            [node("Exp", ["b"], ["bias"]), FIRST, *AFTER],
            {"b": BIAS},
            'whose bias is no stored constant, it comes out of "Exp"',
        ),
        (
            [
                FIRST,
                AFTER[0],
                node("MatMul", ["h", "square"], ["m"]),
                node("Add", ["h", "m"], ["z"]),
                node("Gemm", ["z", "w1"], ["y"], transB=1),
            ],
            {"bias": BIAS, "square": np.eye(5, dtype=np.float32)},
            'not one chain .*: a value goes to "MatMul" and "Add"',
        ),
        (
            [
                FIRST,
                node("LayerNormalization", ["s0", "bias"], ["z"]),
                node("Tanh", ["z"], ["h"]),
                AFTER[1],
            ],
            {"bias": BIAS},
            "LayerNormalization",
        ),
        (
            [
                node("Clip", ["x", "low", "high"], ["z"]),
                node("Gemm", ["z", "w0"], ["s0"], transB=1),
                *AFTER,
            ],
            {"low": np.float32(-5), "high": np.float32(5)},
            '"Clip" to its inputs',
        ),
        (
            [
                FIRST,
                AFTER[0],
                node("Gemm", ["h", "w1"], ["z"], transB=1),
                node("Tanh", ["z"], ["t"]),
                node("Mul", ["t", "two"], ["y"]),
            ],
            {"bias": BIAS, "two": np.float32(2)},
            'scales or shifts its outputs after "Tanh"',
        ),
        (
            [
                FIRST,
                AFTER[0],
                node("Transpose", ["h"], ["z"]),
                node("Gemm", ["z", "w1"], ["y"], transB=1),
            ],
            {"bias": BIAS},
            "Transpose",
        ),
        (
            [
                FIRST,
                AFTER[0],
                node("Reshape", ["h", "n"], ["z"]),
                node("Gemm", ["z", "w1"], ["y"], transB=1),
            ],
            {"bias": BIAS, "n": np.array([5, -1])},
            'a layer after "Reshape"',
        ),
        (
            [
                FIRST,
                node("Mul", ["s0", "zero"], ["z"]),
                node("Div", ["z", "zero"], ["t"]),
                node("Tanh", ["t"], ["h"]),
                AFTER[1],
            ],
            {"bias": BIAS, "zero": np.float32(0)},
            "finite",
        ),
    ],
    ids=["shape", "exp", "skip", "norm", "clip", "scale", "transpose", "reshape", "zero"],
)
def test_graphs_that_are_not_exact_say_what_it_is(
    nodes: list[onnx.NodeProto], constants: dict[str, np.ndarray], words: str
) -> None:
    with pytest.raises(UserError, match=words):
        read_network("a.onnx", graph(nodes, constants))


def test_batch_normalisation_is_folded_and_given_back() -> None:
    rng = np.random.default_rng(3)
    names = ["gain", "shift", "mean", "var"]
    constants = {name: rng.uniform(0.5, 2, 5).astype(np.float32) for name in names}
    nodes = [
        node("MatMul", ["x", "w"], ["m"]),
        node("BatchNormalization", ["m", *names], ["s0"], epsilon=1e-3),
        *AFTER,
    ]
    content = graph(nodes, {**constants, "w": rng.normal(size=(4, 5)).astype(np.float32)})
    x = rng.normal(size=(3, 4)).astype(np.float32)
    network = assert_given_back(content, x).network
    hidden = np.tanh(x @ network.weights[0].T + network.biases[0])
    np.testing.assert_allclose(hidden @ network.weights[1].T, run(content, x), atol=1e-5)


def test_a_file_beside_the_model_is_asked_for_by_the_exporter_s_option() -> None:
    model = onnx.load_model_from_string(graph([FIRST, *AFTER], {"bias": BIAS}))
    tensor = model.graph.initializer[0]
    tensor.data_location = TensorProto.EXTERNAL
    with pytest.raises(UserError, match=r"external_data=False"):
        read_network("a.onnx", model.SerializeToString())


def test_a_policy_is_the_same_network_in_both_of_its_formats() -> None:
    from nnit.mlp.spec import MLPArchitecture
    from nnit.sim.export import onnx_bytes
    from strategies import random_policy

    policy = random_policy(MLPArchitecture((7, 6)), 0)
    content = onnx_bytes(policy)
    reading = only("p.onnx", content)
    assert_close(reading.network, only("p.safetensors", policy.to_bytes()).network)
    x = np.random.default_rng(0).normal(size=(3, 39)).astype(np.float32)
    assert_given_back(content, x)
