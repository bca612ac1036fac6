"""PyTorch files: read in a process of their own, refused where they hold more than tensors, written back unchanged."""

import argparse
import io
import pickle
import subprocess
import sys
import warnings
import zipfile
from collections import OrderedDict
from pathlib import Path, PureWindowsPath
from typing import Any

import numpy as np
import pytest
import torch

from nnit.errors import UserError
from nnit.mlp import worker_files
from nnit.mlp.files import Change, permuted_file, permuted_files, read_file, read_files

ROOT = Path(__file__).parent.parent


def dumped(value: object) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


def small() -> torch.nn.Sequential:
    torch.manual_seed(0)
    layers = [(7, 12), (12, 9), (9, 2)]
    parts = [part for i, o in layers for part in (torch.nn.Linear(i, o), torch.nn.Tanh())]
    return torch.nn.Sequential(*parts[:-1])


class Policy(torch.nn.Module):
    """As Stable-Baselines3 lays its actor-critic out."""

    def __init__(self) -> None:
        super().__init__()
        self.log_std = torch.nn.Parameter(torch.zeros(2))
        self.mlp_extractor = torch.nn.ModuleDict(
            {
                name: torch.nn.Sequential(
                    torch.nn.Linear(7, 12), torch.nn.Tanh(), torch.nn.Linear(12, 9), torch.nn.Tanh()
                )
                for name in ("policy_net", "value_net")
            }
        )
        self.action_net, self.value_net = torch.nn.Linear(9, 2), torch.nn.Linear(9, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.action_net(self.mlp_extractor["policy_net"](x))

    def values(self, x: torch.Tensor) -> torch.Tensor:
        return self.value_net(self.mlp_extractor["value_net"](x))


def sb3_archive(policy: Policy) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("data", "{}")
        archive.writestr("policy.pth", dumped(policy.state_dict()))
        archive.writestr("_stable_baselines3_version", "2.3.2")
    return buffer.getvalue()


def changes(widths: tuple[int, ...]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    rng = np.random.default_rng(0)
    return [rng.permutation(w) for w in widths], [rng.choice([-1.0, 1.0], w) for w in widths]


def test_a_state_dict_comes_back_aligned_into_what_it_came_from() -> None:
    network = small()
    inputs = torch.randn(60, 7)
    before = network(inputs)
    checkpoint = {
        "model_state_dict": network.state_dict(),
        "optimizer_state_dict": {"state": {0: {"exp_avg": torch.zeros(12, 7)}}},
        "iter": 5,
    }
    content = dumped(checkpoint)
    (reading,) = read_file("model.pt", content)
    assert reading.title.endswith("(7-12-9-2)")
    aligned = permuted_file("model.pt", content, reading, *changes((12, 9)))
    read = torch.load(io.BytesIO(aligned), weights_only=True)
    assert read["iter"] == 5
    assert read["optimizer_state_dict"]["state"][0]["exp_avg"].shape == (12, 7)
    assert isinstance(read["model_state_dict"], OrderedDict)
    assert not torch.equal(read["model_state_dict"]["0.weight"], network[0].weight)
    network.load_state_dict(read["model_state_dict"])
    assert torch.allclose(network(inputs), before, atol=1e-6)


def test_an_archive_of_stable_baselines_comes_back_aligned() -> None:
    policy = Policy()
    inputs = torch.randn(60, 7)
    before, values = policy(inputs), policy.values(inputs)
    content = sb3_archive(policy)
    readings = read_file("ppo.zip", content)
    assert [reading.title.split(":")[0] for reading in readings] == ["actor", "critic"]
    assert "log_std" in readings[0].left_out
    aligned = permuted_file("ppo.zip", content, readings[0], *changes((12, 9)))
    with zipfile.ZipFile(io.BytesIO(aligned)) as archive:
        assert archive.namelist() == ["data", "policy.pth", "_stable_baselines3_version"]
        state = torch.load(io.BytesIO(archive.read("policy.pth")), weights_only=True)
    policy.load_state_dict(state)
    assert torch.allclose(policy(inputs), before, atol=1e-6)
    assert torch.equal(policy.values(inputs), values)


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (Path("evil_ran"),))  # type: ignore[return-value]


class Array:
    """An array of another size than its numbers."""

    def __reduce__(self) -> tuple[object, ...]:
        rebuild, given, (*state, numbers) = np.ones(9).__reduce__()
        return (rebuild, given, (*state, numbers[:8]))


def program() -> bytes:
    """What `torch.jit.save` writes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return bytes(torch.jit.trace(small(), torch.zeros(1, 7)).save_to_buffer())


def hostile() -> dict[str, tuple[bytes, str]]:
    good = dumped(small().state_dict())
    deep: object = torch.zeros(2, 2)
    for _ in range(30):
        deep = {"a": deep}
    vast = torch.zeros(1).expand(40_000, 40_000)
    endless: list[object] = []
    for _ in range(7):
        endless = [endless] * 1_000
    return {
        "object": (dumped(small()), "holds more than tensors: torch.nn.modules"),
        "code": (dumped({"a": Evil()}), "holds more than tensors: builtins.getattr"),
        "array": (dumped({"a": Array()}), "is not a whole PyTorch file"),
        "pickle": (pickle.dumps(Evil()), "is not a whole PyTorch file"),
        "nonsense": (b"nonsense", "is not a whole PyTorch file"),
        "empty": (b"", "is empty"),
        "program": (program(), "is a TorchScript program"),
        "deep": (dumped(deep), "is nested too deep"),
        "cut": (good[: len(good) // 2], "is not a whole PyTorch file"),
        "vast": (dumped({"a.weight": vast}), "unpacks to more than 80 MiB"),
        "large": (dumped({"a.weight": vast[:6_000]}), "unpacks to more than 80 MiB"),
        "endless": (dumped(endless), "holds too many values"),
    }


def test_hostile_files_are_refused_and_nothing_of_them_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    # In one process, each file as if it were alone.
    good = ("a.pt", dumped(small().state_dict()))
    bad = hostile()
    names = [(f"{kind}.pt", content) for kind, (content, _) in bad.items()]
    first, *found, last = read_files([good, *names, good])
    assert isinstance(first, tuple)
    assert isinstance(last, tuple)
    for answer, (kind, (_, words)) in zip(found, bad.items(), strict=True):
        assert isinstance(answer, UserError)
        assert str(answer).startswith(f"{kind}.pt {words}")
    for content, words in (
        (b"PK", "whole zip"),
        (_zip({"a": b""}), "no policy.pth"),
        (_zip({"policy.pth": bytes(100 * 2**20)}), "larger"),
        (_zip({name: bytes(60 * 2**20) for name in ("a", "b", "policy.pth")}), "unpacks to more"),
    ):
        with pytest.raises(UserError, match=words):
            read_file("x.zip", content)
    assert not (tmp_path / "evil_ran").exists()


def test_what_a_file_says_of_arrays_of_numpy_never_becomes_an_address() -> None:
    """NumPy takes the bytes of an array for addresses of objects where its type's state says so; it is not asked."""
    scalar, of_objects = np.float64(0).__reduce__()[0], np.dtype(object)
    address = b"AAAAAAAA"

    class Type:
        def __init__(self, flags: int) -> None:
            self.flags = flags

        def __reduce__(self) -> tuple[object, ...]:
            state = (3, "|", None, None, None, -1, -1, self.flags)
            return (np.dtype, (of_objects.str[1:], False, True), state)

    class Number:
        def __reduce__(self) -> tuple[object, ...]:
            return (scalar, (Type(0), address))

    class Addresses:
        def __reduce__(self) -> tuple[object, ...]:
            rebuild, given, (version, shape, _, order, _) = np.ones(4).__reduce__()
            return (rebuild, given, (version, shape, Type(1), order, 4 * address))

    class Unwritten:
        def __reduce__(self) -> tuple[object, ...]:
            return (np.ndarray, ((1_000, 1_000), "f4"))

    state = small().state_dict()
    for value in (Number(), Addresses(), Unwritten()):
        (reading,) = read_file("a.pt", dumped({"model": state, "a": value}))
        assert reading.left_out == ()


def test_settings_and_paths_are_kept_and_never_made() -> None:
    state = {key: tensor.numpy() for key, tensor in small().state_dict().items()}
    state["0.weight"] = np.asfortranarray(state["0.weight"])
    given: dict[str, Any] = {
        "args": argparse.Namespace(lr=1e-3, out=Path("/etc/passwd")),
        "from": PureWindowsPath("C:/runs"),
        "seen": np.arange(24)[::2],
        "of": np.array([(1, 2.0)], [("a", "i4"), ("b", "f8")]),
    }
    content = dumped({"model": state, **given})
    (reading,) = read_file("a.pt", content)
    aligned = permuted_file("a.pt", content, reading, *changes((12, 9)))
    read = torch.load(io.BytesIO(aligned), weights_only=False)
    assert {key: read[key] for key in ("args", "from")} == {k: given[k] for k in ("args", "from")}
    for key in ("seen", "of"):
        np.testing.assert_array_equal(read[key], given[key])
        assert read[key].dtype == given[key].dtype
    orders, signs = changes((12, 9))
    moved = signs[0][:, None] * state["0.weight"][orders[0]]
    np.testing.assert_array_equal(read["model"]["0.weight"], moved)


def test_one_person_s_files_have_one_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that never come to an end do not each take it."""
    monkeypatch.setattr(worker_files, "_SECONDS", 3)
    # A key whose hash takes 2 ** 60 steps, which only a file by hand has.
    written = b"\x80\x02}X\x01\x00\x00\x00a" + b"q\x01h\x01\x86" * 60 + b"Ns."
    content = _zip({"a/data.pkl": written, "a/version": b"3\n", "a/byteorder": b"little"})
    answers = read_files([(f"{place}.pt", content) for place in range(5)])
    assert all(isinstance(answer, UserError) for answer in answers)
    assert "was not read: the files sent together took 3 seconds" in str(answers[-1])


def _zip(entries: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_the_reading_process_alone_has_torch() -> None:
    code = (
        "import sys\nfrom nnit.mlp.files import read_file\n"
        "read_file('a.pt', sys.stdin.buffer.read())\nassert 'torch' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=dumped(small().state_dict()),
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()


def test_a_file_that_ends_the_reader_takes_no_other_along(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if reading the second file had crashed the process."""
    real, calls = worker_files._said, []

    def crashing(asked: bytes, end: float) -> bytes:
        calls.append(len(asked))
        said = real(asked, end)
        return said[: len(said) // 2] if len(calls) == 1 else said

    monkeypatch.setattr(worker_files, "_said", crashing)
    good = dumped(small().state_dict())
    found = read_files([("a.pt", good), ("b.pt", good), ("c.pt", b"nonsense")])
    assert isinstance(found[0], tuple)
    assert isinstance(found[1], tuple)
    assert isinstance(found[2], UserError)
    assert len(calls) > 1


def test_a_process_that_waits_reads_the_next_files_and_one_that_has_ended_is_not_missed() -> None:
    good = dumped(small().state_dict())
    worker_files.keep_one_ready()
    worker_files.keep_one_ready()
    (waiting,) = worker_files._waiting
    assert isinstance(read_files([("a.pt", good)])[0], tuple)
    assert waiting.returncode == 0
    assert not worker_files._waiting
    worker_files.keep_one_ready()
    (waiting,) = worker_files._waiting
    waiting.kill()
    waiting.wait()
    assert isinstance(read_files([("a.pt", good)])[0], tuple)


def test_files_of_several_kinds_are_changed_together_each_as_it_is_alone() -> None:
    state, archive = dumped(small().state_dict()), sb3_archive(Policy())
    files = [("a.pt", state), ("b.zip", archive), ("c.pt", state)]
    readings = [found[0] for found in read_files(files) if not isinstance(found, UserError)]
    done = [Change(reading, *changes((12, 9))) for reading in readings]
    together = permuted_files(files, done)
    for (name, content), change, changed in zip(files, done, together, strict=True):
        alone = permuted_file(name, content, change.reading, change.permutations, change.factors)
        (one, other) = (read_file(name, c)[0].network for c in (alone, changed))
        assert all(np.array_equal(a, b) for a, b in zip(one.weights, other.weights, strict=True))


def test_changed_bytes_are_read_or_refused() -> None:
    """Damage anywhere in a file ends in a network of finite numbers, or in a sentence; never in anything else."""
    arrays = {"obs_rms": {"mean": np.ones(7), "count": np.int64(1)}, "n": np.array(["a", None])}
    every = [dumped(small().state_dict()), dumped({**small().state_dict(), **arrays})]
    rng = np.random.default_rng(0)
    files = []
    for number in range(120):
        good = every[number % 2]
        content = np.frombuffer(good, np.uint8).copy()
        places = rng.integers(0, len(content), rng.integers(1, 20))
        content[places] = rng.integers(0, 256, len(places))
        end = rng.integers(1, len(content)) if number % 4 == 0 else len(content)
        files.append((f"{number}.pt", content[:end].tobytes()))
    for answer in read_files(files):
        if isinstance(answer, UserError):
            assert len(str(answer)) < 400
            continue
        for reading in answer:
            assert all(np.isfinite(weight).all() for weight in reading.network.weights)


def test_numbers_and_arrays_of_numpy_are_read_beside_tensors_and_as_weights() -> None:
    network = small()
    checkpoint = {
        "model": network.state_dict(),
        "best_return": np.float32(3.5),
        "obs_rms": {"mean": np.zeros(7), "var": np.ones(7), "count": np.int64(9)},
        "names": np.array(["a", "bc"]),
    }
    content = dumped(checkpoint)
    (reading,) = read_file("model.pt", content)
    assert set(reading.left_out) == {"obs_rms.mean", "obs_rms.var"}
    aligned = permuted_file("model.pt", content, reading, *changes((12, 9)))
    read = torch.load(io.BytesIO(aligned), weights_only=False)
    assert (read["best_return"], read["obs_rms"]["count"]) == (3.5, 9)
    assert list(read["names"]) == ["a", "bc"]
    # As NumPy 1 names them.
    (old,) = read_file("model.pt", with_names_of_numpy_1(content))
    assert old.title == reading.title
    arrays = {key: tensor.numpy() for key, tensor in network.state_dict().items()}
    (of_arrays,) = read_file("arrays.pt", dumped(arrays))
    for mine, theirs in zip(of_arrays.network.weights, reading.network.weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    moved = permuted_file("arrays.pt", dumped(arrays), of_arrays, *changes((12, 9)))
    back = torch.load(io.BytesIO(moved), weights_only=False)
    assert isinstance(back["0.weight"], np.ndarray)
    assert not np.array_equal(back["0.weight"], arrays["0.weight"])


def with_names_of_numpy_1(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as archive,
        zipfile.ZipFile(buffer, "w") as written,
    ):
        for entry in archive.infolist():
            data = archive.read(entry)
            if entry.filename.endswith("data.pkl"):
                assert b"numpy._core.multiarray" in data
                data = data.replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
            written.writestr(entry.filename, data)
    return buffer.getvalue()


class Settings:
    pass


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"model_state_dict": {}, "args": Settings()}, r'torch.load(FILE, weights_only=False)["model_state_dict"]'),
        ({"state_dict": {}, "act": torch.nn.Tanh, "cfg": Settings()}, r'weights_only=False)["state_dict"]'),
        (torch.nn.Linear(3, 2), "torch.save(MODEL.state_dict(), "),
    ],
)  # fmt: skip
def test_what_stands_in_the_way_is_named_and_how_to_save_what_is_needed(
    value: object, words: str
) -> None:
    with pytest.raises(UserError) as error:
        read_file("a.ckpt", dumped(value))
    said = str(error.value)
    assert words in said
    own = f"{Settings.__module__}.Settings" if isinstance(value, dict) else "torch.nn.modules"
    assert f"holds more than tensors: {own}" in said
    assert "\n" not in said


def test_names_in_a_file_do_not_steer_a_terminal() -> None:
    written = b"\x80\x02cevil\nred\x1b[31m\rtext\n)R."
    content = _zip({"a/data.pkl": written, "a/version": b"3\n", "a/byteorder": b"little"})
    with pytest.raises(UserError, match=r"holds more than tensors: evil.red \[31m text, which"):
        read_file("a.pt", content)
