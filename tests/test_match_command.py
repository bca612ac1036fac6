"""The command `match`: networks of others brought into one order, in their own files."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mlp_files import as_onnx, npz, small
from safetensors.numpy import load_file, save_file

from nnit.__main__ import main
from nnit.alignment.symmetry import permute, random_permutations
from nnit.mlp.files import read_network
from nnit.mlp.network import MLP, hidden_widths

NAMES = ["encoder.0", "encoder.2", "decoder"]


def shuffled(network: MLP) -> MLP:
    rng = np.random.default_rng(1)
    return permute(network, random_permutations(hidden_widths(network), 1.0, rng))


def tensors(network: MLP) -> dict[str, np.ndarray]:
    named: dict[str, np.ndarray] = {"log_std": np.ones(2, np.float32)}
    for name, weight, bias in zip(NAMES, network.weights, network.biases, strict=True):
        named |= {f"{name}.weight": weight, f"{name}.bias": bias}
    return named


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """One network in three formats, twice with its neurons shuffled."""
    paths = [tmp_path / name for name in ("a.npz", "b.safetensors", "c.onnx")]
    network = small()
    paths[0].write_bytes(npz(**tensors(network)))
    save_file(tensors(shuffled(network)), paths[1], {"made": "by a test"})
    paths[2].write_bytes(as_onnx(shuffled(network)))
    return paths


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> Any:
    assert main(["match", *map(str, arguments), "--json", "-"]) == 0
    return json.loads(capsys.readouterr().out)


def test_files_of_any_format_are_brought_into_the_order_of_the_first(
    files: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    results = run(capsys, *files, "--out", out)
    assert results["reference"] == str(files[0])
    for row, path in zip(results["results"], files[1:], strict=True):
        assert row["file"] == str(path)
        assert row["distance"] > 0.5
        assert row["distance_matched"] == pytest.approx(0, abs=1e-6)
        aligned = read_network(path.name, (out / path.name).read_bytes())
        for mine, theirs in zip(aligned.weights, small().weights, strict=True):
            assert np.array_equal(mine, theirs)
    assert (out / "a.npz").read_bytes() == files[0].read_bytes()
    assert load_file(out / "b.safetensors").keys() == tensors(small()).keys()
    described = json.loads((out / "permutations.json").read_text())["networks"]
    assert [network["file"] for network in described] == [path.name for path in files]
    orders = [np.array(layer) for layer in described[1]["permutations"]]
    moved = permute(shuffled(small()), orders)
    assert all(map(np.array_equal, moved.weights, small().weights))
    # The same again writes the same; a table is printed without --json.
    assert main(["match", *map(str, files), "--out", str(out)]) == 0
    assert "0.000" in capsys.readouterr().out


def both(path: Path) -> Path:
    rng = np.random.default_rng(0)
    shapes = {"actor.0": (9, 5), "actor.2": (2, 9), "critic.0": (7, 5), "critic.2": (1, 7)}
    save_file({f"{n}.weight": rng.normal(size=shape) for n, shape in shapes.items()}, path)
    return path


def test_one_network_of_several_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = both(tmp_path / "both.safetensors")
    (row,) = run(capsys, file, file, "--out", tmp_path / "out", "--network", "critic")["results"]
    assert row["distance"] == 0
    assert row["aligned"].endswith("both (2).safetensors")
    described = json.loads((tmp_path / "out" / "permutations.json").read_text())["networks"]
    assert [len(layer) for layer in described[1]["permutations"]] == [7]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["a.npz"], "two files or more"),
        (["a.npz", "missing.npz"], "cannot read missing.npz"),
        (["a.npz", "both.safetensors"], "in 2 ways (actor: actor.0"),
        (["a.npz", "both.safetensors", "--network", "student"], 'no network called "student"'),
        (["a.npz", "both.safetensors", "--network", "critic"], "cannot be compared with a.npz"),
        (["a.npz", "square.npz"], "number the layers"),
        (["a.npz", "text.npz"], "not a whole npz file"),
        (["a.npz", "b.safetensors", "--out", "."], "another file"),
        (["a.npz", "b.safetensors", "--out", "a.npz"], "cannot make the folder a.npz"),
    ],
)
def test_bad_input(
    files: list[Path],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    words: str,
) -> None:
    folder = files[0].parent
    both(folder / "both.safetensors")
    (folder / "square.npz").write_bytes(npz(W1=np.eye(3), W2=np.eye(3)))
    (folder / "text.npz").write_bytes(b"PK")
    monkeypatch.chdir(folder)
    before = sorted(folder.rglob("*"))
    given = arguments if "--out" in arguments else [*arguments, "--out", "out"]
    assert main(["match", *given]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert line.startswith("error: ")
    assert words in line
    assert sorted(folder.rglob("*")) == before  # nothing is left behind
