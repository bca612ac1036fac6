"""Files whose names and shapes leave open what is a layer: asked about, or refused as what they are; never guessed."""

import numpy as np
import pytest
import torch
from mlp_files import assert_close, in_a_row, linears, npz, only, orders_of
from safetensors.torch import load as load_torch
from safetensors.torch import save as save_torch
from torch import nn

from nnit.commands.network_files import readings_of
from nnit.errors import UserError
from nnit.mlp.files import permuted_file, read_file, read_network


def named(names: str, *layers: nn.Linear) -> dict[str, torch.Tensor]:
    """A state dict of layers under names that spaces part."""
    return {
        f"{name}.{key}": tensor
        for name, layer in zip(names.split(), layers, strict=True)
        for key, tensor in layer.state_dict().items()
    }


# --- A matrix outside a numbered row ----------------------------------------------------------------

ONE = ("alpha", "lr", "eps", "step", "cov", "target_entropy", "entropy_coef", "value_norm.weight")
DOUBTFUL = [*((key, (1, 1)) for key in ONE), ("obs_rms.cov", (8, 8)), ("state_embed", (8, 8))]


@pytest.mark.parametrize(("key", "shape"), DOUBTFUL, ids=lambda one: str(one))
def test_a_matrix_outside_the_row_is_asked_about(key: str, shape: tuple[int, ...]) -> None:
    module = nn.Sequential(*linears(8, 16, 1))
    tensors = {f"net.{name}": tensor for name, tensor in module.state_dict().items()}
    content = save_torch({**tensors, key: torch.rand(shape)})
    without, within = read_file("a.safetensors", content)
    name = key.removesuffix(".weight")
    assert without.title == f"without {name}: net.0 → net.1 (8-16-1)"
    assert without.left_out == (key,)
    assert within.title.startswith(f"with {name}: ")
    assert len(within.network.weights) == 3
    with pytest.raises(UserError, match=r"in 2 ways \(without .*; with .*\); say which"):
        readings_of([("a.safetensors", content)], None)
    (reading,) = readings_of([("a.safetensors", content)], f"without {name}")
    assert_close(reading.network, in_a_row(*module))
    changed = load_torch(
        permuted_file("a.safetensors", content, reading, orders_of(reading.network))
    )
    assert torch.equal(changed.pop(key), load_torch(content)[key])
    inputs = torch.randn(5, 8)
    before = module(inputs)
    module.load_state_dict({name.removeprefix("net."): one for name, one in changed.items()})
    torch.testing.assert_close(module(inputs), before)


def test_it_is_asked_about_beside_several_networks_too() -> None:
    tensors = named("actor.0 actor.2", *linears(8, 16, 4))
    tensors |= named("critic.0 critic.2", *linears(8, 16, 1))
    readings = read_file("a.safetensors", save_torch({**tensors, "alpha": torch.ones(1, 1)}))
    assert [one.title.split(":")[0] for one in readings] == [
        "actor",
        "critic without alpha",
        "critic with alpha",
    ]
    assert "alpha" in readings[0].left_out


def test_what_is_left_out_has_no_place_among_neurons() -> None:
    tensors = named("net.0 net.2", *linears(8, 16, 4)) | {"a": torch.ones(4, 4)}
    readings = read_file("a.safetensors", save_torch({**tensors, "a_std": torch.ones(4, 4)}))
    assert [one.title.split(":")[0] for one in readings] == ["without a", "with a"]
    assert readings[0].left_out == ("a", "a_std")
    assert not {"a", "a_std"} & set(readings[0].axes)


def test_a_scalar_that_fits_nowhere_is_left_out() -> None:
    tensors = named("net.0 net.2", *linears(8, 16, 4))
    reading = only("a.safetensors", save_torch({**tensors, "alpha": torch.ones(1, 1)}))
    assert reading.left_out == ("alpha",)


def test_it_is_not_guessed_whether_a_matrix_belongs_to_hidden_neurons() -> None:
    tensors = named("net.0 net.2", *linears(8, 8, 1))
    content = save_torch({**tensors, "obs_rms.cov": torch.eye(8)})
    with pytest.raises(UserError, match=r"whether obs_rms\.cov belongs to a hidden layer"):
        read_file("a.safetensors", content)


@pytest.mark.parametrize(
    "names", ["embed net.0 net.2", "net.0 net.2 head", "first middle last", "dense dense_1 dense_2"]
)
def test_layers_outside_a_row_that_have_what_the_others_have_are_layers(names: str) -> None:
    layers = linears(8, 8, 8, 8)
    if names.endswith("head"):
        layers[-1] = nn.Linear(8, 8, bias=False)
    content = save_torch(named(names, *layers))
    assert_close(read_network("a.safetensors", content), in_a_row(*layers))


# --- Siblings -----------------------------------------------------------------------------------------

CODERS = [
    "encoder.0 encoder.2 mu logvar decoder.0 decoder.2",
    "encoder.0 encoder.2 fc_mu fc_var decoder.0 decoder.2",
    "encoder.0 encoder.2 encoder.mean encoder.log_std decoder.0 decoder.2",
    "fc1 fc2 mu log_var fc3 fc4",
    "inference.0 inference.2 inference.mu inference.logvar generative.0 generative.2",
    "recognition.0 recognition.2 mu logvar generator.0 generator.2",
]


@pytest.mark.parametrize("names", [*CODERS, "enc1 enc2 mu logvar dec1 out"])
@pytest.mark.parametrize("width", [8, 9])
def test_a_variational_autoencoder_is_read_through_its_mean(names: str, width: int) -> None:
    layers = linears(12, 8, width, 4)
    deviation = nn.Linear(width, 4)
    decoder = linears(4, 8, 12)
    every = [*layers, deviation, *decoder]
    content = save_torch(named(names, *every))
    reading = only("a.safetensors", content)
    assert_close(reading.network, in_a_row(*layers, *decoder))
    assert reading.left_out == (f"{names.split()[3]}.weight",)
    given_back(names, every, content, reading)


@pytest.mark.parametrize(
    "names",
    ["fc1 fc21 fc22 fc3 fc4", "fc1 fc2_1 fc2_2 fc3 out", "l1 l2 l3 l4 l5", "fc1 fc2a fc2b fc3 fc4"],
)
def test_of_siblings_one_is_left_out(names: str) -> None:
    """Variational autoencoders, the first with the names of PyTorch's example."""
    mean, deviation = nn.Linear(8, 4), nn.Linear(8, 4)
    layers = [*linears(12, 8), mean, deviation, *linears(4, 8, 12)]
    content = save_torch(named(names, *layers))
    readings = read_file("a.safetensors", content)
    first, one, other, *rest = names.split()
    assert [reading.title for reading in readings] == [
        f"without {gone}: {' → '.join([first, kept, *rest])} (12-8-4-8-12)"
        for gone, kept in ((one, other), (other, one))
    ]
    assert_close(readings[1].network, in_a_row(layers[0], mean, *layers[3:]))
    for reading in readings:
        given_back(names, layers, content, reading)


def given_back(names: str, layers: list[nn.Linear], content: bytes, reading) -> None:
    """Check that the aligned file makes the same of the same noise; neurons of the code have other places."""
    place = len(layers) - 4  # of the mean; its deviation comes next

    def outputs(noise: torch.Tensor) -> torch.Tensor:
        x = torch.linspace(-1, 1, 36).reshape(3, 12)
        for layer in layers[:place]:
            x = torch.tanh(layer(x))
        x = layers[place](x) + torch.exp(layers[place + 1](x)) * noise
        return layers[-1](torch.tanh(layers[-2](x)))

    noise = torch.randn(3, 4)
    before = outputs(noise)
    orders = orders_of(reading.network)
    changed = load_torch(permuted_file("a.safetensors", content, reading, orders))
    for name, layer in zip(names.split(), layers, strict=True):
        layer.load_state_dict({key: changed[f"{name}.{key}"] for key in ("weight", "bias")})
    torch.testing.assert_close(outputs(noise[:, orders[place]]), before)
    original = load_torch(content)
    for name, layer in zip(names.split(), layers, strict=True):
        layer.load_state_dict({key: original[f"{name}.{key}"] for key in ("weight", "bias")})


@pytest.mark.parametrize(
    "names", ["net target_net", "model ema", "policy.module policy_ema.module"]
)
@pytest.mark.parametrize("outputs", [5, 3])
def test_a_copy_of_a_network_is_no_continuation_of_it(names: str, outputs: int) -> None:
    layers = [*linears(5, 8, outputs), *linears(5, 8, outputs)]
    own, copy = names.split()
    content = save_torch(named(f"{own}.0 {own}.2 {copy}.0 {copy}.2", *layers))
    readings = read_file("a.safetensors", content)
    assert_close(readings[0].network, in_a_row(*layers[:2]))
    assert all(len(reading.network.weights) == 2 for reading in readings)
    changed = load_torch(permuted_file("a.safetensors", content, readings[0], [np.arange(8)[::-1]]))
    original = load_torch(content)
    for key in (f"{copy}.{layer}.{kind}" for layer in (0, 2) for kind in ("weight", "bias")):
        assert torch.equal(changed[key], original[key])


@pytest.mark.parametrize("names", ["best last", "first last", "input_net output_net", "last best"])
def test_of_two_alike_under_names_of_their_own_either_may_be_meant(names: str) -> None:
    layers = [*linears(5, 8, 5), *linears(5, 8, 5)]
    own, other = names.split()
    content = save_torch(named(f"{own}.0 {own}.2 {other}.0 {other}.2", *layers))
    readings = read_file("a.safetensors", content)
    found = [len(reading.network.weights) for reading in readings]
    assert found[:2] == [2, 2]
    assert set(found[2:]) == {4}
    assert_close(readings[0].network, in_a_row(*layers[:2]))
    assert_close(readings[1].network, in_a_row(*layers[2:]))


def test_a_copy_of_a_part_of_a_network_is_no_part_of_it() -> None:
    """As a predictor stands behind the network that learns, and not behind its moving average (BYOL)."""
    online, copy, head = (linears(5, 8, 5) for _ in range(3))
    names = "online.0 online.2 target.0 target.2 predictor.0 predictor.2"
    with pytest.raises(UserError, match=r"whether target\.0\.weight takes a hidden layer"):
        read_file("a.safetensors", save_torch(named(names, *online, *copy, *head)))


def test_a_discriminator_is_no_continuation_of_what_it_judges() -> None:
    layers = [*linears(5, 8, 5), *linears(5, 8, 1)]
    names = "generator.0 generator.2 discriminator.0 discriminator.2"
    readings = read_file("a.safetensors", save_torch(named(names, *layers)))
    assert {reading.name for reading in readings} == {"generator", "discriminator"}
    assert all(len(reading.network.weights) == 2 for reading in readings)


def test_what_fits_turned_round_and_in_reverse_alone_is_no_chain() -> None:
    layers = [*linears(8, 16, 4), *linears(4, 16, 8), *linears(4, 16, 1)]
    tensors = named("encoder.0 encoder.2 decoder.0 decoder.2 judge.0 judge.2", *layers)
    matrices = {key: tensor for key, tensor in tensors.items() if key.endswith("weight")}
    with pytest.raises(UserError, match="gives 1 values, layer 5 takes 4"):
        read_network("a.safetensors", save_torch(matrices))


def test_no_decoder_stands_before_an_encoder() -> None:
    content = save_torch(
        named("decoder.0 decoder.2 encoder.0", *linears(4, 8, 12), *linears(12, 4))
    )
    reading = only("a.safetensors", content)
    assert "encoder.0 → decoder.0 → decoder.2" in reading.title
    tensors = named("decoder encoder", *linears(4, 8, 12))
    with pytest.raises(UserError, match="layer 1 gives 12 values, layer 2 takes 4"):
        read_file("a.safetensors", save_torch(tensors))


@pytest.mark.parametrize("first", [0, 1])
def test_long_rows_are_no_siblings(first: int) -> None:
    layers = linears(*[4, 6] * 6)
    names = [f"fc{first + 2 * place}" for place in range(len(layers))]
    content = save_torch(named(" ".join(names), *layers))
    assert_close(only("a.safetensors", content).network, in_a_row(*layers))


def test_noise_of_a_noisy_layer_goes_with_its_neurons() -> None:
    tensors = {}
    for name, (outputs, inputs) in {"fc1": (16, 8), "fc2": (3, 16)}.items():
        for kind in ("mu", "sigma"):
            tensors[f"{name}.weight_{kind}"] = torch.randn(outputs, inputs)
            tensors[f"{name}.bias_{kind}"] = torch.randn(outputs)
    content = save_torch(tensors)
    reading = only("a.safetensors", content)
    (order,) = orders_of(reading.network)
    changed = load_torch(permuted_file("a.safetensors", content, reading, [order]))
    for kind in ("mu", "sigma"):
        key = f"fc1.weight_{kind}"
        assert torch.equal(changed[key], tensors[key][order])
        key = f"fc1.bias_{kind}"
        assert torch.equal(changed[key], tensors[key][order])
        key = f"fc2.weight_{kind}"
        assert torch.equal(changed[key], tensors[key][:, order])


# --- What is no MLP, named as what it is --------------------------------------------------------------


def normalised(wrap) -> dict[str, torch.Tensor]:
    module = nn.Sequential(*linears(8, 8, 8))
    wrap(module[0])
    return {key: tensor.contiguous() for key, tensor in module.state_dict().items()}


def beside(*tensors: tuple[str, tuple[int, ...]]) -> dict[str, torch.Tensor]:
    """Two numbered layers and others."""
    others = {key: torch.ones(shape) for key, shape in tensors}
    return named("net.0 net.2", *linears(8, 16, 3)) | others


OTHERS = {
    "spectral": (normalised(nn.utils.parametrizations.spectral_norm), "spectral normalisation"),
    "spectral, old": (normalised(nn.utils.spectral_norm), "spectral normalisation"),
    "weight": (normalised(nn.utils.parametrizations.weight_norm), "weight normalisation"),
    "orthogonal": (normalised(nn.utils.parametrizations.orthogonal), "weights are computed"),
    "lora": (
        beside(("net.0.lora_A.weight", (2, 8)), ("net.0.lora_B.weight", (16, 2))),
        r"low-rank adapter \(LoRA\)",
    ),
    "mask": (beside(("net.0.mask", (16, 8)), ("net.2.mask", (3, 16))), "a masked layer"),
    "gate": (
        {
            "gate_proj.weight": torch.ones(16, 8),
            "up_proj.weight": torch.ones(16, 8),
            "down_proj.weight": torch.ones(8, 16),
        },
        "a gated layer",
    ),
    "embedding": (beside(("embedding.weight", (100, 8))), "is an embedding, a table of 100 rows"),
    "one layer": (named("fc", *linears(8, 3)), "has 1 weight matrix;"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_mlp_is_named_as_what_it_is(name: str) -> None:
    tensors, words = OTHERS[name]
    with pytest.raises(UserError, match=words):
        read_file("a.safetensors", save_torch(tensors))


def test_up_and_down_without_a_gate_are_an_mlp() -> None:
    content = npz(**{"up_proj.weight": np.ones((16, 8)), "down_proj.weight": np.ones((4, 16))})
    assert read_network("a.npz", content).weights[0].shape == (16, 8)


@pytest.mark.parametrize("prefix", ["optimizer.exp_avg.", "actor_optimizer.", "opt_state/0/mu/"])
def test_the_state_of_an_optimizer_is_no_network(prefix: str) -> None:
    tensors = named("model.0 model.2", *linears(8, 16, 3))
    moments = {f"{prefix}{key}": torch.zeros_like(tensor) for key, tensor in tensors.items()}
    reading = only("a.safetensors", save_torch({**tensors, **moments}))
    assert set(reading.left_out) == set(moments)
    assert reading.title.endswith("model.0 → model.2 (8-16-3)")
