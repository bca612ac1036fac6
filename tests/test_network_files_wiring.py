"""Networks that are no chain of layers, in files whose shapes would allow one: refused, or doubted aloud."""

import io
import json
import re
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from mlp_files import only, orders_of
from safetensors.torch import load as load_torch
from safetensors.torch import save as save_torch
from torch import Tensor, nn

from nnit.__main__ import main
from nnit.errors import UserError
from nnit.mlp.files import permuted_file, read_file
from nnit.mlp.notes import notes_of, warnings_of

WIDTH = 16


class Blocks(nn.Module):
    """Residual blocks by any name, normalised before or behind, of one layer or two."""

    def __init__(self, name: str, inner: str, norm: bool = False, skip: bool = True) -> None:
        super().__init__()
        self.name, self.skip = name, skip
        self.fc_in, self.fc_out = nn.Linear(5, WIDTH), nn.Linear(WIDTH, 2)
        blocks = [
            nn.ModuleDict({key: nn.Linear(WIDTH, WIDTH) for key in inner.split()}) for _ in range(2)
        ]
        for block in blocks if norm else ():
            block["norm"] = nn.LayerNorm(WIDTH)
        self.add_module(name, nn.ModuleList(blocks))

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.fc_in(x))
        for block in self.get_submodule(self.name):
            y = x
            for layer in block.values():
                y = torch.relu(layer(y))
            x = x + y if self.skip else y
        return self.fc_out(x)


class Two(nn.Module):
    """A layer beside another, whatever joins both."""

    def __init__(self, names: str, join: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
        super().__init__()
        first, one, other, last = names.split()
        self.names, self.join = names.split(), join
        self.add_module(first, nn.Linear(5, WIDTH))
        self.add_module(one, nn.Linear(WIDTH, WIDTH))
        self.add_module(other, nn.Linear(WIDTH, WIDTH))
        self.add_module(last, nn.Linear(WIDTH, 2))

    def forward(self, x: Tensor) -> Tensor:
        first, one, other, last = (self.get_submodule(name) for name in self.names)
        h = torch.relu(first(x))
        return last(self.join(h, one(h), other(h)))


class Dueling(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.feature = nn.Sequential(nn.Linear(5, WIDTH), nn.ReLU())
        self.advantage_stream = nn.Sequential(
            nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 3)
        )
        self.value_stream = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 1))

    def forward(self, x: Tensor) -> Tensor:
        h = self.feature(x)
        advantage = self.advantage_stream(h)
        return self.value_stream(h) + advantage - advantage.mean(1, keepdim=True)


class Branches(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        for name in ("left", "right"):
            self.add_module(
                name, nn.Sequential(nn.Linear(5, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH))
            )
        self.out = nn.Linear(WIDTH, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(torch.relu(self.left(x) + self.right(x)))


class Concatenated(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(5, WIDTH), nn.Linear(5 + WIDTH, 8)
        self.fc3 = nn.Linear(5 + WIDTH + 8, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([x, torch.relu(self.fc1(x))], 1)
        return self.fc3(torch.cat([x, torch.relu(self.fc2(x))], 1))


def glu() -> nn.Module:
    return nn.Sequential(nn.Linear(5, 32), nn.GLU(), nn.Linear(16, 32), nn.GLU(), nn.Linear(16, 2))


def added(h: Tensor, one: Tensor, other: Tensor) -> Tensor:
    return one + other


def gated(h: Tensor, one: Tensor, other: Tensor) -> Tensor:
    return one * torch.sigmoid(other)


def highway(h: Tensor, one: Tensor, other: Tensor) -> Tensor:
    share = torch.sigmoid(other)
    return share * one + (1 - share) * h


class PreActivation(nn.Module):
    """The activation, which takes its input twice, stands inside the skip connection."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(5, 8), nn.Linear(8, 8), nn.Linear(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        h = self.fc1(x)
        return self.fc3(nn.functional.silu(h + self.fc2(nn.functional.silu(h))))


# What the names say for certain: module, words of the state dict's refusal, words of ONNX's.
REFUSED: dict[str, tuple[Callable[[], nn.Module], str, str]] = {
    "residual blocks": (
        lambda: Blocks("residual_blocks", "fc1 fc2"),
        "residual_blocks.0 and residual_blocks.1 are residual blocks by name",
        r"an Add .*: a skip connection",
    ),
    "residual layers": (
        lambda: Blocks("res_layers", "linear"),
        "res_layers.0 and res_layers.1 are residual blocks by name",
        r"an Add .*: a skip connection",
    ),
    "skip": (
        lambda: Two("fc1 fc2 skip head", added),
        "skip is a skip connection by its name",
        r"an Add .*: branches that are added",
    ),
    "gate": (
        lambda: Two("fc1 fc2 gate out", gated),
        "belongs to a gated layer",
        r"a Mul .*: a layer and its gate",
    ),
    "numbered gate": (
        lambda: Two("fc1 fc2 gate1 out", gated),
        "belongs to a gated layer",
        r"a Mul .*: a layer and its gate",
    ),
    "branches": (
        Branches,
        "out takes what left.2 gives and what right.2 gives",
        r"an Add .*: branches that are added",
    ),
    "concatenated": (
        Concatenated,
        r"layer 1 gives 16 values, layer 2 takes 21, as many as with earlier ones beside them \(concatenation\)",
        r"a Concat .*: a skip connection by concatenation",
    ),
    "glu": (
        glu,
        "layer 1 gives 32 values, layer 2 takes 16, half of them, as behind a gated unit",
        '"Split" as a gated unit',
    ),
    "norm in blocks": (
        lambda: Blocks("blocks", "fc1 fc2", norm=True),
        "as residual blocks do, and networks of an ensemble, and an MLP has neither",
        r"an Add .*: a skip connection",
    ),
}
# What they leave open: module, words of the warning, words of ONNX's refusal.
DOUBTED: dict[str, tuple[Callable[[], nn.Module], str, str]] = {
    "blocks": (
        lambda: Blocks("blocks", "fc1 fc2"),
        "blocks.0 and blocks.1 give as many numbers as they take, as residual blocks do",
        r"an Add .*: a skip connection",
    ),
    "blocks of one layer": (
        lambda: Blocks("blocks", "linear"),
        "blocks.0 and blocks.1 give as many numbers",
        r"an Add .*: a skip connection",
    ),
    "highway": (
        lambda: Two("fc1 transform carry out", highway),
        "Names do not say in which order (carry and transform|transform and carry) stand",
        r"a Mul .*: a layer and its gate",
    ),
}


def state_of(module: nn.Module) -> bytes:
    return save_torch(module.state_dict())


def onnx_of(module: nn.Module) -> bytes:
    stream = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(module.eval(), (torch.zeros(1, 5),), stream, dynamo=False)
    return stream.getvalue()


@pytest.mark.parametrize("kind", REFUSED)
def test_what_names_and_sizes_say_is_no_chain_is_refused_with_the_reason(kind: str) -> None:
    make, of_state, of_graph = REFUSED[kind]
    torch.manual_seed(0)
    for name, content, words in (
        ("a.safetensors", state_of(make()), of_state),
        ("a.onnx", onnx_of(make()), of_graph),
    ):
        with pytest.raises(UserError, match=words) as error:
            read_file(name, content)
        assert len(str(error.value)) < 330


@pytest.mark.parametrize("kind", DOUBTED)
def test_what_names_leave_open_is_read_with_a_warning_and_refused_where_the_graph_is_known(
    kind: str,
) -> None:
    make, of_state, of_graph = DOUBTED[kind]
    torch.manual_seed(0)
    module = make()
    content = state_of(module)
    inputs = torch.randn(9, 5)
    before = module(inputs)
    for reading in read_file("a.safetensors", content):
        (warning,) = warnings_of(["a.safetensors"], [reading])
        assert warning.startswith("a.safetensors: ")
        (doubt,) = reading.doubts
        assert re.search(of_state, doubt)
        assert "does not compute what yours does; export the network as ONNX" in doubt
        # And so it is.
        aligned = permuted_file("a.safetensors", content, reading, orders_of(reading.network))
        module.load_state_dict(load_torch(aligned))
        assert not torch.allclose(module(inputs), before, atol=1e-2)
    with pytest.raises(UserError, match=of_graph):
        read_file("a.onnx", onnx_of(make()))


def test_blocks_without_a_skip_connection_are_as_doubtful_but_kept_right() -> None:
    module = Blocks("blocks", "fc1 fc2", skip=False)
    inputs = torch.randn(9, 5)
    before = module(inputs)
    reading = only("a.safetensors", state_of(module))
    assert reading.doubts
    aligned = permuted_file("a.safetensors", state_of(module), reading, orders_of(reading.network))
    module.load_state_dict(load_torch(aligned))
    torch.testing.assert_close(module(inputs), before)


@pytest.mark.parametrize(
    ("names", "doubtful"),
    [
        ("nets.0.layers.0 nets.0.layers.1 nets.1.layers.0 nets.1.layers.1", "nets.0 and nets.1"),
        ("blocks.0.fc1 blocks.0.fc2 blocks.1.fc1 blocks.1.fc2", "blocks.0 and blocks.1"),
    ],
)
def test_networks_of_an_ensemble_are_not_put_in_a_row_unsaid(names: str, doubtful: str) -> None:
    """Models of a dynamics give as many numbers as they take."""
    layers = [nn.Linear(5, 16), nn.Linear(16, 5), nn.Linear(5, 16), nn.Linear(16, 5)]
    state = nn.ModuleDict({str(i): layer for i, layer in enumerate(layers)}).state_dict()
    renamed = {
        f"{name}.{kind}": state[f"{i}.{kind}"]
        for i, name in enumerate(names.split())
        for kind in ("weight", "bias")
    }
    (doubt,) = only("a.safetensors", save_torch(renamed)).doubts
    assert doubt.startswith(f"{doubtful} give as many numbers as they take")
    assert "or each is a network of its own" in doubt


def test_networks_of_an_ensemble_that_do_not_fit_in_a_row_are_asked_about() -> None:
    def one() -> nn.Sequential:
        return nn.Sequential(nn.Linear(5, 16), nn.Tanh(), nn.Linear(16, 16), nn.Linear(16, 2))

    module = nn.ModuleDict({"nets": nn.ModuleList(one() for _ in range(5))})
    readings = read_file("a.safetensors", state_of(module))
    assert [reading.name for reading in readings] == [f"network {number}" for number in range(5)]
    assert not any(reading.doubts for reading in readings)


@pytest.mark.parametrize("names", ["a.0 a.2 b.0 b.2", "stage1.0 stage1.2 stage2.0 stage2.2"])
def test_blocks_that_may_stand_in_a_row_or_beside_each_other_are_asked_about_and_doubted(
    names: str,
) -> None:
    layers = [nn.Linear(5, 16), *(nn.Linear(16, 16) for _ in range(4)), nn.Linear(16, 2)]
    state = {
        f"{name}.{kind}": tensor
        for name, layer in zip(("inp", *names.split(), "out"), layers, strict=True)
        for kind, tensor in layer.state_dict().items()
    }
    one, other, _, *_ = readings = read_file("a.safetensors", save_torch(state))
    assert readings[-1].title.startswith("all in a row")
    for reading in (one, other):
        assert "out may take what" in " ".join(reading.doubts)


def test_no_order_of_layers_is_read_where_one_is_refused() -> None:
    sizes = {"fc1": (5, 16), "layer1.fc1": (16, 16), "layer1.downsample": (16, 16), "fc": (16, 2)}
    layers = {name: nn.Linear(*size) for name, size in sizes.items()}
    state = {f"{n}.{k}": t for n, layer in layers.items() for k, t in layer.state_dict().items()}
    with pytest.raises(UserError, match=r"layer1.downsample is a residual block by name"):
        read_file("a.safetensors", save_torch(state))


def test_each_head_of_a_dueling_network_is_a_chain_and_both_keep_their_neurons() -> None:
    torch.manual_seed(0)
    module = Dueling()
    inputs = torch.randn(9, 5)
    before = module(inputs)
    readings = read_file("a.safetensors", state_of(module))
    assert [reading.name for reading in readings] == ["advantage", "value"]
    for reading in readings:
        assert not reading.doubts
        assert "heads of a dueling network" in " ".join(notes_of(["a.safetensors"], [reading]))
        aligned = permuted_file(
            "a.safetensors", state_of(module), reading, orders_of(reading.network)
        )
        module.load_state_dict(load_torch(aligned))
        torch.testing.assert_close(module(inputs), before)
    with pytest.raises(UserError, match=r"an Add .*: branches that are added"):
        read_file("a.onnx", onnx_of(module))


def test_a_skip_connection_is_named_and_not_the_activation_beside_it() -> None:
    with pytest.raises(UserError, match=r"an Add .*: a skip connection"):
        read_file("a.onnx", onnx_of(PreActivation()))


@pytest.mark.parametrize(
    "names",
    [
        "0 2 4 6",  # nn.Sequential
        "fc1 fc2 fc3 fc4",
        "_hidden_layers.0._model.0 _hidden_layers.1._model.0 _hidden_layers.2._model.0 _logits._model.0",  # RLlib
        "residual_policy.0 residual_policy.2 residual_policy.4 residual_policy.6",  # of residual learning: a chain
        "layers/dense/vars layers/dense_1/vars layers/dense_2/vars layers/dense_3/vars",  # Keras
        "net.0.0 net.1.0 net.2.0 net.3",
        "layers.0.linear layers.1.linear layers.2.linear head",
    ],
)
def test_plain_chains_are_not_doubted_and_what_is_assumed_is_said(names: str) -> None:
    sizes = [5, WIDTH, WIDTH, WIDTH, 2]
    tensors = {}
    for name, takes, gives in zip(names.split(), sizes, sizes[1:], strict=False):
        layer = nn.Linear(takes, gives)
        separator = "/" if "/" in name else "."
        tensors[f"{name}{separator}{0 if separator == '/' else 'weight'}"] = layer.weight
        tensors[f"{name}{separator}{1 if separator == '/' else 'bias'}"] = layer.bias
    reading = only("a.safetensors", save_torch(tensors))
    assert not reading.doubts
    (note,) = notes_of(["a.safetensors"], [reading])
    assert "does not say how its layers are wired; they were read as a chain: " in note
    assert note.count(", then ") == 3


def test_a_graph_says_how_it_is_wired() -> None:
    module = nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 2))
    assert notes_of(["a.onnx"], [only("a.onnx", onnx_of(module))]) == []


def test_the_command_and_the_report_warn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = []
    for seed in range(2):
        torch.manual_seed(seed)
        names.append(str(tmp_path / f"{seed}.safetensors"))
        Path(names[-1]).write_bytes(state_of(Blocks("blocks", "fc1 fc2")))
    out = tmp_path / "out"
    assert main(["align", "--files", *names, "--out", str(out)]) == 0
    captured = capsys.readouterr()
    assert (
        "warning: 0.safetensors, 1.safetensors: blocks.0 and blocks.1 give as many numbers"
        in captured.err
    )
    assert "read as a chain: fc_in, then blocks.0.fc1, then" in captured.out
    report = (out / "report.html").read_text()
    assert (
        "<strong>Warning.</strong> 0.safetensors, 1.safetensors: blocks.0 and blocks.1 give"
        in report
    )
    assert "read as a chain" in report
    assert main(["match", *names, "--out", str(tmp_path / "matched")]) == 0
    assert "warning: " in capsys.readouterr().err


def test_all_that_is_taken_along_carries_the_warnings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = []
    for seed in range(2):
        torch.manual_seed(seed)
        state = Blocks("blocks", "fc1 fc2").state_dict()
        # Who sends a file decides what its tensors are called.
        hostile = {
            key.replace("blocks.", "blocks\nraise OSError."): own for key, own in state.items()
        }
        names.append(str(tmp_path / f"{seed}.safetensors"))
        Path(names[-1]).write_bytes(save_torch(hostile))
    out = tmp_path / "out"
    assert main(["align", "--files", *names, "--out", str(out), "--json", "-"]) == 0
    (warning,) = json.loads(capsys.readouterr().out)["warnings"]
    assert warning.startswith("0.safetensors, 1.safetensors: ")
    assert "export the network as ONNX" in warning
    assert "\n" not in warning
    assert json.loads((out / "alignment.json").read_text())["warnings"] == [warning]
    for one in json.loads((out / "permutations.json").read_text())["networks"]:
        assert warning.endswith(one["warnings"][0])
    cells = json.loads((out / "notebook.ipynb").read_text())["cells"]
    (said,) = [cell["source"] for cell in cells if "warnings = [" in cell["source"]]
    exec(said, {})
    assert capsys.readouterr().out == f"{warning}\n"
    assert main(["match", *names, "--out", str(tmp_path / "matched"), "--json", "-"]) == 0
    (matched,) = json.loads(capsys.readouterr().out)["warnings"]
    assert "export the network as ONNX" in matched
