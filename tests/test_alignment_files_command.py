"""`align --files`: a researcher's own files, compared and given back; its numbers are the library's."""

import argparse
import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from mlp_files import as_onnx, npz, small
from onnx.reference import ReferenceEvaluator
from safetensors.numpy import load_file, save_file

from nnit.__main__ import main
from nnit.alignment.correspondence import rescale
from nnit.alignment.examination import Question, examine
from nnit.alignment.symmetry import permute, random_permutations
from nnit.errors import UserError
from nnit.mlp.files import read_file
from nnit.mlp.formats import ENDINGS, format_words
from nnit.mlp.network import MLP, forward, hidden_widths, layer_sizes

FLAX = ["Dense_0", "Dense_1", "Dense_2"]


def turned(seed: int) -> MLP:
    """The small network, shuffled, some signs turned."""
    rng = np.random.default_rng(seed)
    moved = permute(small(), random_permutations(hidden_widths(small()), 1.0, rng))
    return rescale(moved, [rng.choice([-1.0, 1.0], w) for w in hidden_widths(moved)])


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """One network in four layouts, three of them shuffled, with signs turned."""
    paths = [tmp_path / name for name in ("a.npz", "flax.safetensors", "c.onnx", "d.pt")]
    layers = list(zip(FLAX, small().weights, small().biases, strict=True))
    paths[0].write_bytes(
        npz(**{f"{n}.{k}": v for n, w, b in layers for k, v in (("weight", w), ("bias", b))})
    )
    flax = list(zip(FLAX, turned(1).weights, turned(1).biases, strict=True))
    tensors = {
        f"params/{n}/{k}": np.ascontiguousarray(v)
        for n, w, b in flax
        for k, v in (("kernel", w.T), ("bias", b))
    }
    save_file(tensors, paths[1])
    paths[2].write_bytes(as_onnx(turned(2)))
    other = zip(("0", "2", "4"), turned(3).weights, turned(3).biases, strict=True)
    state = {
        f"{n}.{k}": torch.from_numpy(v.copy())
        for n, w, b in other
        for k, v in (("weight", w), ("bias", b))
    }
    torch.save(state, paths[3])
    return paths


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> Any:
    assert main(["align", "--files", *map(str, arguments), "--json", "-"]) == 0
    return json.loads(capsys.readouterr().out)


def test_files_of_four_layouts_are_compared_and_come_back_unchanged_in_function(
    files: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    found = run(capsys, *files, "--out", out)
    assert [line["relation"] for line in found["verdict"]] == ["permutation"] * 3
    assert found["symmetries"] == {"signs": True, "scales": False}
    inputs = np.random.default_rng(0).normal(size=(40, layer_sizes(small())[0])).astype(np.float32)
    expected = forward(small().weights, small().biases, inputs)
    # Read as they come, and run by what they are for.
    model = ReferenceEvaluator(str(out / "c.onnx"))
    (outputs,) = model.run(None, {model.input_names[0]: inputs})
    assert np.allclose(outputs, expected, atol=1e-5)
    kernels = load_file(out / "flax.safetensors")
    hidden = inputs
    for place, name in enumerate(FLAX):
        hidden = hidden @ kernels[f"params/{name}/kernel"] + kernels[f"params/{name}/bias"]
        hidden = np.tanh(hidden) if place < 2 else hidden
    assert np.allclose(hidden, expected, atol=1e-5)
    state = torch.load(out / "d.pt", weights_only=True)
    hidden = torch.from_numpy(inputs)
    for place in (0, 2, 4):
        hidden = hidden @ state[f"{place}.weight"].T + state[f"{place}.bias"]
        hidden = torch.tanh(hidden) if place < 4 else hidden
    assert np.allclose(hidden.numpy(), expected, atol=1e-5)
    # All of them in one order, with one choice of signs.
    for path in files:
        (reading,) = read_file(path.name, (out / path.name).read_bytes())
        for mine, theirs in zip(reading.network.weights, small().weights, strict=True):
            assert np.allclose(mine, theirs, atol=1e-6)
    described = json.loads((out / "permutations.json").read_text())["networks"][1]
    assert sorted(described["permutations"][0]) == list(range(hidden_widths(small())[0]))
    assert set(described["factors"][0]) == {-1.0, 1.0}


def test_the_numbers_are_those_of_the_library(
    files: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [path.name for path in files[:3]]
    found = run(
        capsys, *files[:3], "--activation", "tanh", "--reference", "2", "--out", tmp_path / "out"
    )
    networks = [read_file(path.name, path.read_bytes())[0].network for path in files[:3]]
    expected = examine(networks, Question(reference=1, activation="tanh")).as_json(names)
    assert found == json.loads(json.dumps(expected))
    assert json.loads((tmp_path / "out" / "alignment.json").read_text()) == found
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out" / "metrics.csv").read_text())))
    assert [float(row["value"]) for row in rows] == [row["value"] for row in found["metrics"]]
    assert len(found["neurons"]) == 2 * sum(hidden_widths(small()))


def test_words_come_first_without_json(
    files: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["align", "--files", str(files[0]), str(files[1])]) == 0
    first, _, *table = capsys.readouterr().out.splitlines()
    assert first.startswith("2 is the same function as 1:")
    assert table[0].split() == ["network", "layer", "metric", "value", "noise"]


def test_one_file_alone_is_told_that_there_is_nothing_to_compare(
    files: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["align", "--files", str(files[0])]) == 0
    said = capsys.readouterr().out
    assert "give another network as well" in said
    assert "metric" not in said


def test_observations_add_what_happens_on_the_line(
    files: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(50, layer_sizes(small())[0])).astype(np.float32)
    targets = forward(small().weights, small().biases, inputs)
    np.savez(tmp_path / "data.npz", obs=inputs, actions=targets)
    options = ["--activation", "tanh", "--observations", tmp_path / "data.npz", "--by-activations"]
    found = run(capsys, *files[:2], *options)
    assert found["verdict"][0]["relation"] == "permutation"
    rows = {row["metric"]: row["value"] for row in found["metrics"] if row["network"] == 2}
    assert rows["loss_barrier_before"] > rows["loss_barrier_after"] + 1e-6
    assert rows["disagreement_after"] == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "needs --task and --arch, or --files"),
        (["--files", "a.npz", "--task", "mt10"], "leave out --task"),
        (["--files", "gone.npz"], "cannot read gone.npz"),
        (["--files", "a.npz", "--reference", "3"], "no network 3"),
        (["--files", "a.npz", "a.npz", "--second-group", "9"], "no network 9"),
        (["--files", "a.npz", "a.npz", "--observations", "a.npz"], "tanh or relu"),
        (["--files", "a.npz", "a.npz", "--by-activations"], "needs observations"),
    ],
)
def test_bad_input(
    files: list[Path],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.chdir(files[0].parent)
    assert main(["align", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert words in captured.err


def test_all_kinds_of_files_are_named_where_files_are_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for command in ("align", "match"):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        shown = re.sub(r"[\s\u2502|]+", " ", capsys.readouterr().out)
        assert format_words("or") in shown
    documented = (Path(__file__).parent.parent / "docs" / "alignment.md").read_text()
    assert [ending for ending in ENDINGS if f"`{ending}`" not in documented] == [
        ".safetensors",
        ".npz",
        ".onnx",
    ]
    with pytest.raises(
        UserError, match=re.escape(f"a.txt is none of the files that are read: {format_words()}")
    ):
        read_file("a.txt", b"")


def test_a_checkpoint_of_lightning_is_compared_and_given_back(
    files: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = torch.load(files[3], weights_only=True)
    checkpoint = {
        "epoch": 3,
        "global_step": np.int64(70),
        "pytorch-lightning_version": "2.5.1",
        "state_dict": {f"net.{key}": tensor for key, tensor in state.items()},
        "callbacks": {"ModelCheckpoint": {"best_k_models": {"a": torch.ones(9, 9)}}},
        "optimizer_states": [{"state": {0: {"exp_avg": torch.ones(5, 3)}}}],
        "hyper_parameters": {"lr": np.float64(1e-3), "cfg": argparse.Namespace(out=Path("runs"))},
    }
    torch.save(checkpoint, tmp_path / "epoch=3.ckpt")
    found = run(capsys, files[0], tmp_path / "epoch=3.ckpt", "--out", tmp_path / "out")
    assert found["verdict"][0]["relation"] == "permutation"
    back = torch.load(tmp_path / "out" / "epoch=3.ckpt", weights_only=False)
    assert back["hyper_parameters"] == checkpoint["hyper_parameters"]
    assert (back["global_step"], back["epoch"]) == (70, 3)
    for place, weight in zip((0, 2, 4), small().weights, strict=True):
        np.testing.assert_allclose(back["state_dict"][f"net.{place}.weight"], weight, atol=1e-6)


@pytest.mark.parametrize("command", ["align", "match"])
def test_an_unknown_name_of_a_network_is_said_to_be_unknown_and_the_known_ones_are_listed(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A layer's name is none of them, though it is shown with its network."""
    layers = zip((0, 2, 4), small().weights, strict=True)
    both = {f"{n}.{i}.weight": w for i, w in layers for n in ("actor_mean", "critic")}
    several, alone = tmp_path / "a.npz", tmp_path / "b.npz"
    several.write_bytes(npz(**both))
    alone.write_bytes(npz(**{f"{i}.weight": w for i, w in enumerate(small().weights)}))
    start = {"align": ["align", "--files"], "match": ["match", "--out", str(tmp_path / "o")]}[
        command
    ]

    def refused(*arguments: object) -> str:
        assert main([*start, *map(str, arguments)]) == 2
        return capsys.readouterr().err

    known = '--network may be "actor", "critic"'
    for unknown in ("foo", "actor_mean"):
        said = refused(several, several, "--network", unknown)
        assert f'a.npz holds no network called "{unknown}"; {known}' in said
    assert 'say which with --network: "actor", "critic"' in refused(several, several)
    assert 'no file holds a network called "foo"' in refused(alone, alone, "--network", "foo")
    # A file that holds one alone goes with others that hold several.
    if command == "align":
        assert main([*start, str(several), str(alone), "--network", "critic"]) == 0
