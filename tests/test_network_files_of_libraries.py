"""Networks as libraries write them: read in the right order, refused for the right reason, given back loadable."""

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mlp_files import assert_close, in_a_row, linears, npz, only, orders_of
from network_files.libraries.write import WRITERS
from network_files.libraries.write import check as check_loads_back
from onnx import TensorProto, helper
from safetensors.numpy import load as load_safetensors
from safetensors.numpy import save as save_arrays
from safetensors.torch import load as load_torch
from safetensors.torch import save as save_torch
from sklearn.neural_network import MLPClassifier, MLPRegressor
from torch import nn

from nnit.alignment.symmetry import permute
from nnit.errors import UserError
from nnit.mlp.files import permuted_file, read_file, read_network
from nnit.mlp.network import MLP

FOLDER = Path(__file__).parent / "network_files"


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


# RLlib's modules, of the models of old and of its RLModules; layers of 5, 6 and 7 neurons with their inputs.
RLLIB = {
    "old, apart": (
        "_hidden_layers.0._model.0 _hidden_layers.1._model.0 _logits._model.0",
        "_value_branch_separate.0._model.0 _value_branch_separate.1._model.0 _value_branch._model.0",
    ),
    "new, apart": (
        "encoder.actor_encoder.net.mlp.0 encoder.actor_encoder.net.mlp.2 pi.net.mlp.0",
        "encoder.critic_encoder.net.mlp.0 encoder.critic_encoder.net.mlp.2 vf.net.mlp.0",
    ),
    "SAC": (
        "pi_encoder.net.mlp.0 pi_encoder.net.mlp.2 pi.net.mlp.0",
        "qf_encoder.net.mlp.0 qf_encoder.net.mlp.2 qf.net.mlp.0",
    ),
}


@pytest.mark.parametrize("way", RLLIB)
def test_the_names_of_rllib_are_read(way: str) -> None:
    actor, critic = linears(5, 7, 6, 2), linears(5, 7, 6, 1)
    state = {
        f"{name}.{key}": tensor
        for names, layers in zip(RLLIB[way], (actor, critic), strict=True)
        for name, layer in zip(names.split(), layers, strict=True)
        for key, tensor in layer.state_dict().items()
    }
    readings = read_file("a.safetensors", save_torch(state))
    assert_close(readings[0].network, in_a_row(*actor))
    if len(readings) > 1:
        assert [one.name for one in readings] == ["actor", "critic"]
        assert_close(readings[1].network, in_a_row(*critic))


def test_the_names_of_rllib_with_shared_layers_are_read() -> None:
    shared, (policy,), (value,) = linears(5, 7, 6), linears(6, 2), linears(6, 1)
    names = "encoder.encoder.net.mlp.0 encoder.encoder.net.mlp.2 pi.net.mlp.0 vf.net.mlp.0"
    state = {
        f"{name}.{key}": tensor
        for name, layer in zip(names.split(), [*shared, policy, value], strict=True)
        for key, tensor in layer.state_dict().items()
    }
    actor, critic = read_file("a.safetensors", save_torch(state))
    assert_close(actor.network, in_a_row(*shared, policy))
    assert_close(critic.network, in_a_row(*shared, value))
    assert actor.axes["vf.net.mlp.0.weight"] == (None, 1)


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
    """The deviation is beside the code, not beside the output, and no name says so."""
    names = ["encoder.0", "encoder.code", "decoder.0", "decoder.2", "encoder.sigma"]
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
    # PyTorch's files pass through another process, which must not sort them.
    for number in (torch.float32, torch.float64):
        state = {key: torch.from_numpy(array).to(number) for key, array in tensors.items()}
        for saved, known in ((state, True), (dict(sorted(state.items())), False)):
            stream = io.BytesIO()
            torch.save({"model": saved}, stream)
            readings = read_file("a.pt", stream.getvalue())
            assert len(readings) == (1 if known else 6)
            assert not known or assert_close(readings[0].network, expected) is None
    # Sorted one dictionary at a time, which is another order than that of the whole keys.
    nested = {"sun": tensors["sunny.weight"], "sun-rain": tensors["rainy.weight"]}
    nested["sun-rain-fog"] = tensors["foggy.weight"]
    with pytest.raises(UserError, match="in 6 ways"):
        read_network("a.npz", npz(**{f"{key}/kernel": one for key, one in nested.items()}))


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
@example(dict.fromkeys(("weight", "kernel", "actor.weight", "actor.actor.weight"), (1, 1)))
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
