"""Networks with layer normalisation: read, run, brought into another order, compared; never with signs or scales."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import onnx
import pytest
import torch
from mlp_files import only, orders_of
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from safetensors.torch import load as load_torch
from safetensors.torch import save as save_torch
from torch import nn

from nnit.alignment.correspondence import rescale
from nnit.alignment.examination import Question, examine
from nnit.alignment.matching import weight_matching
from nnit.alignment.metrics import distance
from nnit.alignment.neurons import Observations
from nnit.alignment.symmetry import permute, random_permutations
from nnit.errors import UserError
from nnit.mlp.files import permuted_file, read_file
from nnit.mlp.network import MLP, LayerNorm, forward, hidden_widths, resize, runs
from nnit.mlp.notes import notes_of


def norm(width: int) -> nn.LayerNorm:
    """With gains and shifts as after training."""
    made = nn.LayerNorm(width)
    nn.init.normal_(made.weight, 1.0, 0.3)
    nn.init.normal_(made.bias)
    return made


def outputs(network: MLP, inputs: torch.Tensor) -> np.ndarray:
    return forward(network.weights, network.biases, inputs.numpy(), np.tanh, network.norms)


ROWS = {
    "before": lambda: [
        *(nn.Linear(5, 8), norm(8), nn.Tanh(), nn.Linear(8, 8), norm(8), nn.Tanh()),
        nn.Linear(8, 2),
    ],
    "behind": lambda: [
        *(nn.Linear(5, 8), nn.Tanh(), norm(8), nn.Linear(8, 8), nn.Tanh(), norm(8)),
        nn.Linear(8, 2),
    ],
    "one of two": lambda: [
        *(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 8), norm(8), nn.Tanh(), nn.Linear(8, 2))
    ],
    "in blocks": lambda: [
        nn.Sequential(nn.Linear(5, 8), norm(8), nn.Tanh()),
        nn.Sequential(nn.Linear(8, 8), norm(8), nn.Tanh()),
        nn.Linear(8, 2),
    ],
    "first in a block": lambda: [
        nn.Sequential(nn.Linear(5, 8), nn.Tanh()),
        nn.Sequential(norm(8), nn.Linear(8, 8), nn.Tanh()),
        nn.Linear(8, 2),
    ],
}


@pytest.mark.parametrize("way", ROWS)
def test_in_a_row_of_modules_it_is_known_where_it_stands(way: str) -> None:
    torch.manual_seed(0)
    module = nn.Sequential(*ROWS[way]())
    inputs = torch.randn(30, 5)
    before = module(inputs).detach().numpy()
    content = save_torch(module.state_dict())
    reading = only("a.safetensors", content)
    np.testing.assert_allclose(outputs(reading.network, inputs), before, atol=2e-6)
    orders = orders_of(reading.network)
    moved = permute(reading.network, orders)
    np.testing.assert_allclose(outputs(moved, inputs), before, atol=2e-6)
    changed = permuted_file("a.safetensors", content, reading, orders)
    module.load_state_dict(load_torch(changed))
    np.testing.assert_allclose(module(inputs).detach(), before, atol=2e-6)
    again = only("a.safetensors", changed).network
    for mine, theirs in zip(moved.norms, again.norms, strict=True):
        assert (mine is None) == (theirs is None)
        if mine is not None and theirs is not None:
            np.testing.assert_array_equal(mine.gain, theirs.gain)
            np.testing.assert_array_equal(mine.shift, theirs.shift)
    assert reading.normed
    assert "layer normalisation" in notes_of(["a.safetensors"], [reading])[0]


def state(names: str, *layers: nn.Module) -> bytes:
    return save_torch(
        {
            f"{name}.{key}": tensor
            for name, layer in zip(names.split(), layers, strict=True)
            for key, tensor in layer.state_dict().items()
        }
    )


@pytest.mark.parametrize(
    ("names", "widths"),
    [
        ("fc1 ln1 fc2 ln2 fc3", (8, 8)),
        ("fc1 norm1 fc2 norm2 out", (8, 6)),
        ("blocks.0.linear blocks.0.norm blocks.1.linear blocks.1.norm head", (8, 8)),
        ("layer_1 layer_norm_1 layer_2 layer_norm_2 layer_3", (8, 8)),
    ],
)
def test_by_other_names_its_layer_is_known(names: str, widths: tuple[int, int]) -> None:
    one, two = widths
    layers = [nn.Linear(5, one), norm(one), nn.Linear(one, two), norm(two), nn.Linear(two, 2)]
    content = state(names, *layers)
    reading = only("a.safetensors", content)
    assert not runs(reading.network)
    assert "is not run" in notes_of(["a"], [reading])[0]
    for made, found in zip((layers[1], layers[3]), reading.network.norms, strict=True):
        np.testing.assert_array_equal(made.weight.detach(), found.gain)
    orders = orders_of(reading.network)
    changed = load_torch(permuted_file("a.safetensors", content, reading, orders))
    for name, layer in zip(names.split(), layers, strict=True):
        layer.load_state_dict(
            {key: changed[f"{name}.{key}"] for key in layer.state_dict()}, strict=True
        )
    inputs = torch.randn(9, 5)

    def run(parts: Sequence[nn.Module]) -> torch.Tensor:
        a, b, c, d, e = parts
        return e(torch.tanh(d(c(torch.tanh(b(a(inputs)))))))

    again = run(layers)
    for name, layer in zip(names.split(), layers, strict=True):
        layer.load_state_dict(
            {key: load_torch(content)[f"{name}.{key}"] for key in layer.state_dict()}
        )
    torch.testing.assert_close(again, run(layers))


def test_flax_and_keras_name_it_too() -> None:
    rng = np.random.default_rng(0)
    flax, keras = {}, {}
    for number, (taken, given) in enumerate([(5, 8), (8, 8), (8, 2)]):
        kernel = torch.from_numpy(rng.normal(size=(taken, given)).astype(np.float32))
        own = f"_{number}" if number else ""
        flax |= {f"params/Dense_{number}/kernel": kernel}
        flax |= {f"params/Dense_{number}/bias": torch.zeros(given)}
        keras |= {f"layers/dense{own}/vars/0": kernel}
        keras |= {f"layers/dense{own}/vars/1": torch.zeros(given)}
        if number < 2:
            gain = torch.from_numpy(rng.normal(size=8).astype(np.float32))
            flax |= {f"params/LayerNorm_{number}/scale": gain}
            flax |= {f"params/LayerNorm_{number}/bias": torch.zeros(8)}
            keras |= {f"layers/layer_normalization{own}/vars/0": gain}
            keras |= {f"layers/layer_normalization{own}/vars/1": torch.zeros(8)}
    for tensors, name in (
        (flax, "params/LayerNorm_1/scale"),
        (keras, "layers/layer_normalization_1/vars/0"),
    ):
        reading = only("a.safetensors", save_torch(tensors))
        assert len(reading.normed) == 2
        assert reading.axes[name] == (1,)
        np.testing.assert_array_equal(reading.network.norms[1].gain, tensors[name])


def linear(taken: int, given: int) -> nn.Linear:
    return nn.Linear(taken, given)


@pytest.mark.parametrize(
    ("names", "layers", "words"),
    [
        (
            "fc1 fc2 norm fc3",
            lambda: [linear(5, 8), linear(8, 8), norm(8), linear(8, 2)],
            "cannot be told which hidden layers norm",
        ),
        (
            "blocks.0.norm blocks.0.linear blocks.1.norm blocks.1.linear head",
            lambda: [norm(8), linear(8, 8), norm(8), linear(8, 8), linear(8, 2)],
            "cannot be told which hidden layers",
        ),
        ("norm1 fc1 fc2", lambda: [norm(5), linear(5, 8), linear(8, 2)], "1 normalises the inputs"),
        ("0 1 2", lambda: [norm(5), linear(5, 8), linear(8, 2)], "0 normalises the inputs"),
        ("0 2 3", lambda: [linear(5, 8), linear(8, 2), norm(2)], "3 normalises the outputs"),
        ("0 1 2", lambda: [linear(5, 8), norm(6), linear(8, 2)], "6 values, and there are 8"),
        (
            "0 1 2 4",
            lambda: [linear(5, 8), norm(8), norm(8), linear(8, 2)],
            "second normalisation of one layer",
        ),
        ("input_norm fc1 fc2", lambda: [norm(5), linear(5, 8), linear(8, 2)], "a normalisation"),
    ],
)
def test_in_doubt_it_is_named(
    names: str, layers: Callable[[], list[nn.Module]], words: str
) -> None:
    with pytest.raises(UserError, match=words):
        read_file("a.safetensors", state(names, *layers()))


def test_of_actor_and_critic_each_has_its_own() -> None:
    names = "actor.fc1 actor.ln1 actor.fc2 critic.fc1 critic.ln1 critic.fc2"
    layers = [nn.Linear(5, 8), norm(8), nn.Linear(8, 2), nn.Linear(5, 8), norm(8), nn.Linear(8, 1)]
    for reading, made in zip(
        read_file("a.safetensors", state(names, *layers)), (layers[1], layers[4]), strict=True
    ):
        np.testing.assert_array_equal(reading.network.norms[0].gain, made.weight.detach())
        assert sum("ln1" in key for key in reading.left_out) == 2


# --- ONNX -----------------------------------------------------------------------------------------


def graph(behind: bool, *more: onnx.NodeProto, axis: int = -1) -> bytes:
    rng = np.random.default_rng(0)
    values = {
        "w0": rng.normal(size=(6, 4)),
        "b0": rng.normal(size=6),
        "gain": rng.normal(size=6),
        "shift": rng.normal(size=6),
        "w1": rng.normal(size=(2, 6)),
        "b1": rng.normal(size=2),
    }
    normalised = {"axis": axis, "epsilon": 0.01}
    first, second = ("Tanh", "LayerNormalization") if behind else ("LayerNormalization", "Tanh")
    nodes = [helper.make_node("Gemm", ["x", "w0", "b0"], ["s0"], transB=1)]
    for kind, taken, given in ((first, "s0", "s1"), (second, "s1", "s2")):
        norm_inputs = [taken, "gain", "shift"]
        nodes.append(
            helper.make_node(kind, [taken], [given])
            if kind == "Tanh"
            else helper.make_node(kind, norm_inputs, [given], **normalised)
        )
    nodes += more
    nodes.append(
        helper.make_node(
            "Gemm", [more[-1].output[0] if more else "s2", "w1", "b1"], ["y"], transB=1
        )
    )
    made = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 2])],
        [numpy_helper.from_array(a.astype(np.float32), name) for name, a in values.items()],
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)])
    return model.SerializeToString()


@pytest.mark.parametrize("behind", [False, True])
def test_onnx_says_where_it_stands(behind: bool) -> None:
    content = graph(behind)
    reading = only("a.onnx", content)
    inputs = np.random.default_rng(1).normal(size=(20, 4)).astype(np.float32)

    def run(file: bytes) -> np.ndarray:
        return ReferenceEvaluator(onnx.load_from_string(file)).run(None, {"x": inputs})[0]

    wanted = run(content)
    assert [one.before for one in reading.network.norms] == [not behind]
    np.testing.assert_allclose(
        outputs(reading.network, torch.from_numpy(inputs)), wanted, atol=1e-5
    )
    orders = orders_of(reading.network)
    changed = permuted_file("a.onnx", content, reading, orders)
    np.testing.assert_allclose(run(changed), wanted, atol=1e-5)
    gain = reading.network.norms[0].gain
    np.testing.assert_array_equal(only("a.onnx", changed).network.norms[0].gain, gain[orders[0]])


def test_what_onnx_does_to_normalised_values_is_refused() -> None:
    scaled = helper.make_node("Mul", ["s1", "shift"], ["z"])
    for content, words in (
        (graph(False, axis=0), "LayerNormalization"),
        (
            graph(True, helper.make_node("Tanh", ["s2"], ["z"])),
            "layer normalisation between two activations",
        ),
        (
            graph(False).replace(b"LayerNormalization", b"LayerNormalizatioX"),
            "which an MLP has not",
        ),
    ):
        with pytest.raises(UserError, match=words):
            read_file("a.onnx", content)
    model = onnx.load_from_string(graph(False))
    model.graph.node[2].input[0] = "z"
    model.graph.node.insert(2, scaled)
    with pytest.raises(UserError, match="behind a layer normalisation"):
        read_file("a.onnx", model.SerializeToString())


@pytest.mark.parametrize("epsilon", [[1.0, 2.0], float("nan"), -1.0, float("inf"), 3], ids=str)
def test_an_epsilon_that_is_none_is_refused(epsilon: object) -> None:
    model = onnx.load_from_string(graph(False))
    (node,) = (one for one in model.graph.node if one.op_type == "LayerNormalization")
    del node.attribute[:]
    node.attribute.append(helper.make_attribute("epsilon", epsilon))
    with pytest.raises(UserError, match="of an unknown kind"):
        read_file("a.onnx", model.SerializeToString())


@pytest.mark.parametrize("inputs", [[], ["s0"], ["s0", ""], ["s0", "s0"], ["s0", "gain", "b1"]])
def test_a_node_of_other_inputs_is_refused(inputs: list[str]) -> None:
    model = onnx.load_from_string(graph(False))
    (node,) = (one for one in model.graph.node if one.op_type == "LayerNormalization")
    del node.input[:]
    node.input.extend(inputs)
    with pytest.raises(UserError):
        read_file("a.onnx", model.SerializeToString())


@pytest.mark.parametrize("value", [np.inf, np.nan, 1e300])
def test_numbers_that_are_not_finite_are_refused(value: float) -> None:
    layers = [nn.Linear(5, 8).double(), norm(8).double(), nn.Linear(8, 2).double()]
    layers[1].weight.data[3] = value
    with pytest.raises(UserError, match="not finite"):
        read_file("a.safetensors", state("0 1 3", *layers))


# --- Compared -------------------------------------------------------------------------------------


def planted(seed: int, before: bool | None = True) -> MLP:
    rng = np.random.default_rng(seed)
    shapes = [(24, 9), (20, 24), (3, 20)]
    norms = tuple(
        LayerNorm(
            rng.normal(1, 0.3, size=width).astype(np.float32),
            rng.normal(0, 0.3, size=width).astype(np.float32),
            before=before,
        )
        for width in (24, 20)
    )
    return MLP(
        tuple((rng.normal(size=s) / np.sqrt(s[1])).astype(np.float32) for s in shapes),
        tuple(0.1 * rng.normal(size=s[0]).astype(np.float32) for s in shapes),
        norms,
    )


def shuffled(network: MLP, seed: int) -> MLP:
    rng = np.random.default_rng(seed)
    return permute(network, random_permutations(hidden_widths(network), 1.0, rng))


@pytest.mark.parametrize("before", [True, False, None])
def test_a_permutation_is_found_gains_included(before: bool | None) -> None:
    first = planted(0, before)
    other = shuffled(first, 1)
    gains = MLP(
        other.weights, other.biases, tuple(n and n.changed(lambda v: v[::-1]) for n in other.norms)
    )
    found = examine([first, other, gains, planted(5, before)], Question(activation="tanh"))
    assert [one.relation for one in found.sentences] == ["permutation", "agrees", "none"]
    assert found.before[0, 1] == pytest.approx(found.pairs[1].before, abs=1e-6)
    assert found.before[0, 1] == pytest.approx(distance(first, other), abs=1e-6)
    assert found.after[0, 2] == pytest.approx(found.pairs[2].after, abs=1e-6)
    np.testing.assert_array_equal(found.aligned[1].norms[1].gain, first.norms[1].gain)
    # tanh would allow signs; layer normalisation does not.
    assert not found.symmetries.signs
    assert "Signs and scales are not undone" in found.text


@pytest.mark.parametrize("seed", range(10))
def test_the_verdict_is_right(seed: int) -> None:
    """As for plain networks; none is alike for having gains near 1."""
    before = seed % 2 == 0
    first, other = planted(seed, before), planted(100 + seed, before)
    rng = np.random.default_rng(seed)

    def near(vector: np.ndarray) -> np.ndarray:
        return (vector + 0.1 * vector.std() * rng.normal(size=vector.shape)).astype(np.float32)

    noisy = MLP(
        tuple(near(weight) for weight in first.weights),
        first.biases,
        tuple(one and one.changed(near) for one in first.norms),
    )
    both = MLP(
        (first.weights[0], *other.weights[1:]),
        (first.biases[0], *other.biases[1:]),
        (first.norms[0], *other.norms[1:]),
    )
    every = [first, *(shuffled(one, seed) for one in (first, noisy, both, other))]
    texts = [sentence.text for sentence in examine(every).sentences]
    assert texts[0].startswith("2 is a permutation of 1")
    assert texts[1].startswith("3 agrees with 1 in every layer")
    assert texts[2].startswith("4 agrees with 1 up to layer 1")
    assert texts[3].startswith("5 is no closer to 1 than noise")


def test_what_cannot_be_computed_says_why() -> None:
    observed = Observations(
        np.random.default_rng(0).normal(size=(40, 9)).astype(np.float32), "tanh"
    )
    first = planted(0)
    elsewhere = MLP(first.weights, first.biases, (None, first.norms[1]))
    plain = MLP(first.weights, first.biases)
    networks = [first, shuffled(first, 1), planted(0, None), elsewhere, plain]
    found = examine(networks, observations=observed)
    assert [line is None for line in found.lines] == [True, False, True, True, True]
    assert found.lines[1][1].disagreement.max() < 1e-5 < found.lines[1][0].disagreement.max()
    assert "Not run on the observations: 3." in found.text
    assert "No line from the reference to 4, 5" in found.text
    for sentence in found.sentences[1:]:
        assert sentence.relation not in ("same", "permutation")
    unknown, *known = (sentence.text for sentence in found.sentences[1:])
    assert "agrees with 1 in every layer" in unknown
    assert (
        "whether both are the same function is not known: names do not say on which side" in unknown
    )
    assert all("is in other layers" in text for text in known)
    with pytest.raises(UserError, match="network 3 cannot be matched by activations"):
        examine(networks, Question(by_activations=True), observed)


def test_it_is_said_in_what_layer_normalisations_differ_and_what_is_not_known() -> None:
    first = planted(0)
    before, epsilon, unknown = (
        MLP(
            first.weights,
            first.biases,
            tuple(replace(norm, **changed) for norm in first.norms if norm),
        )
        for changed in ({"before": not first.norms[0].before}, {"epsilon": 0.1}, {"before": None})
    )
    texts = [one.text for one in examine([first, before, epsilon, unknown]).sentences]
    for text, words in zip(
        texts, ("before an activation in one", "epsilons", "is not known"), strict=True
    ):
        assert words in text
    # Of two files that both do not say it, the same is assumed.
    (same,) = examine([unknown, unknown]).sentences
    assert same.text.startswith("2 has the same weights as 1 (")


@pytest.mark.parametrize("widths", [(7, 6), (9, 6)])
def test_weight_matching_uses_gains_and_shifts(widths: tuple[int, int]) -> None:
    """Where nothing else tells neurons apart: also beside a network of other widths."""
    rng = np.random.default_rng(0)
    sizes = (4, 7, 6, 2)
    made = [rng.normal(size=7), rng.normal(size=6)]
    norms = tuple(LayerNorm((1 + one).astype(np.float32), one.astype(np.float32)) for one in made)
    weights = tuple(
        np.full((gives, takes), 0.1, np.float32)
        for takes, gives in zip(sizes, sizes[1:], strict=False)
    )
    network = MLP(weights, tuple(np.zeros(n, np.float32) for n in sizes[1:]), norms)
    reference = resize(network, widths)
    moved = permute(network, random_permutations((7, 6), 1.0, rng))
    matching = weight_matching(reference, moved)
    for mine, theirs in zip(matching.apply(moved).norms, norms, strict=True):
        np.testing.assert_array_equal(mine.gain, theirs.gain)
    assert matching.after < 1e-6 < matching.before


def test_page_command_and_library_match_in_the_same_order() -> None:
    """The slider and `match` as `align`: where gains decide, all take them."""
    first = planted(0)
    other = shuffled(first, 3)
    (found,) = (pair for pair in examine([first, other]).pairs[1:])
    matching = weight_matching(first, other)
    for mine, theirs in zip(found.correspondence.permutations, matching.permutations, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert distance(first, matching.apply(other)) == pytest.approx(0, abs=1e-6)


def test_a_file_of_onnx_and_one_of_names_are_the_same_network() -> None:
    """ONNX holds the epsilon as float32, names leave it to PyTorch's default."""
    model = nn.Sequential(*ROWS["before"]())
    named = only("m.safetensors", save_torch(model.state_dict())).network
    norms = [
        LayerNorm(n.gain, n.shift, float(np.float32(n.epsilon)), n.before) for n in named.norms
    ]
    exported = MLP(named.weights, named.biases, tuple(norms))
    assert examine([named, exported]).pairs[1].relation == "same"


def test_it_takes_nothing_from_networks_without_it() -> None:
    """One network with layer normalisation among others: their signs are undone all the same, its own never."""
    rng = np.random.default_rng(2)
    normed = planted(0)
    plain = MLP(planted(1).weights, planted(1).biases)
    orders = random_permutations(hidden_widths(plain), 1.0, rng)
    signs = [rng.choice([-1.0, 1.0], width) for width in hidden_widths(plain)]
    turned = rescale(permute(plain, orders), signs)
    for activation in ("tanh", "auto"):
        found = examine([plain, turned, normed], Question(activation=activation))
        assert found.pairs[1].relation == "permutation"
        assert found.pairs[1].correspondence.turned > 0
        assert found.pairs[2].correspondence.turned == 0
        assert "not undone in 3: layer normalisation" in found.text
    reference = examine([normed, shuffled(normed, 1), plain], Question(activation="tanh"))
    assert not reference.symmetries.signs
    assert "not undone: layer normalisation" in reference.text


def test_signs_and_scales_are_never_changed_through_it() -> None:
    first = planted(0)
    factors = [np.ones(24), np.ones(20)]
    rescale(first, factors)
    factors[0][3] = -1
    with pytest.raises(ValueError, match="layer normalisation"):
        rescale(first, factors)


def test_what_holds_of_many_files_is_said_once() -> None:
    torch.manual_seed(0)
    module = nn.Sequential(*ROWS["before"]())
    reading = only("a.safetensors", save_torch(module.state_dict()))
    notes = notes_of([f"{i}.pt" for i in range(9)], [reading] * 9)
    assert len(notes) == 2  # and that they were read as a chain
    assert notes[0].startswith("0.pt, 1.pt, 2.pt and 6 more: layer normalisation (1, 4)")
