"""What the system refuses, as users meet it: one line, exit code 2, nothing half done, no result lost."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from patience import SECONDS
from safetensors.numpy import save_file

from nnit.__main__ import main
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture
from strategies import random_policy

ROOT = Path(__file__).resolve().parent.parent
# As a full disk: no file may become larger than so many bytes (the system says EFBIG in place of ENOSPC).
_LIMITED = """
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
sys.argv[0] = "nnit"
runpy.run_module("nnit", run_name="__main__")
"""
_EXPERT = ["evaluate", "--task", "reach-v3", "--source", "expert"]


def run(
    folder: Path, *arguments: str, limit: int | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own."""
    start = ["-m", "nnit"] if limit is None else ["-c", _LIMITED.format(limit=limit)]
    return subprocess.run(
        [sys.executable, *start, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )


def assert_refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """One line, exit code 2."""
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    for word in words:
        assert word in line


def small_policy(folder: Path) -> Path:
    file = folder / "policy.safetensors"
    random_policy(MLPArchitecture((8,)), 0).save(file)
    return file


def test_a_full_disk_leaves_no_cut_policy(tmp_path: Path, tiny_checkpoint: Path):
    task = json.loads((tiny_checkpoint / "config.json").read_text())["preset"]["tasks"][0]
    options = ["--task", task, "--arch", "64-64", "--checkpoint", str(tiny_checkpoint)]
    done = run(tmp_path, "generate", *options, "--out", "networks", limit=4000)
    assert_refused(done, "cannot write networks", "File too large")
    assert done.stdout == ""
    assert not list(tmp_path.rglob("*"))


def test_a_film_that_does_not_fit_leaves_no_cut_film(tmp_path: Path):
    file = small_policy(tmp_path)
    sizes = ["--width", "96", "--height", "64"]
    done = run(tmp_path, "render", "--policy", file.name, "--out", "clip.mp4", *sizes, limit=3000)
    assert_refused(done)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


@pytest.mark.parametrize("command", ["match", "align --files"])
@pytest.mark.parametrize("target", [None, "results.json"])
def test_aligned_files_are_all_whole_or_none_and_results_are_not_lost(
    tmp_path: Path, command: str, target: str | None
):
    """The first file fits on the disk, the second one does not."""
    rng = np.random.default_rng(0)
    layers = {"0.weight": rng.normal(size=(4, 2)), "1.weight": rng.normal(size=(2, 4))}
    save_file(layers, tmp_path / "small.safetensors")
    save_file(layers, tmp_path / "large.safetensors", {"filling": 40_000 * "-"})
    files = sorted(tmp_path.iterdir(), reverse=True)
    given = [*command.split(), *(file.name for file in files), "--out", "new/folder"]
    given += [] if target is None else ["--json", target]
    done = run(tmp_path, *given, limit=20_000)
    assert done.returncode == 2
    assert "cannot write" in done.stderr.splitlines()[-1]
    assert "File too large" in done.stderr.splitlines()[-1]
    told = done.stdout if target is None else (tmp_path / target).read_text()
    assert "large.safetensors" in told
    assert {file for file in tmp_path.rglob("*") if file.name != target} == set(files)


def test_results_that_cannot_be_written_are_printed(tmp_path: Path):
    counts = ["--networks", "1", "--episodes", "1"]
    done = run(tmp_path, *_EXPERT, *counts, "--json", "results.json", limit=100)
    assert_refused(done, "cannot write results.json", "standard output")
    assert json.loads(done.stdout)["results"][0]["successes"] == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_device_is_written_to_and_not_replaced(capsys: pytest.CaptureFixture[str]):
    assert main(["tasks", "--json", "/dev/full"]) == 2
    said = capsys.readouterr()
    assert json.loads(said.out)["tasks"]
    assert "cannot write /dev/full (No space left on device)" in said.err
    assert Path("/dev/full").is_char_device()
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "nnit", "tasks"],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 2
    assert done.stderr == "error: the system refuses: No space left on device\n"


def test_no_folder_for_temporary_files(tmp_path: Path):
    """Where not one byte can be written, Python finds no such folder."""
    file = small_policy(tmp_path)
    quiet = {"PYTHONWARNINGS": "ignore"}  # joblib, which cannot write either, warns
    done = run(tmp_path, "render", "--policy", file.name, "--out", "clip.mp4", limit=0, **quiet)
    assert_refused(done, "temporary")
    counts = ["--networks", "2", "--episodes", "1", "--workers", "2"]
    done = run(tmp_path, *_EXPERT, *counts, limit=0, **quiet)
    if done.returncode != 0:  # joblib may find out in time that it can do without
        assert_refused(done, "temporary")


@pytest.mark.parametrize("device", ["meta", "nonsense", "cuda:99", "mps", "vulkan"])
def test_a_device_that_computes_nothing(tmp_path: Path, tiny_checkpoint: Path, device: str):
    task = json.loads((tiny_checkpoint / "config.json").read_text())["preset"]["tasks"][0]
    options = ["--task", task, "--checkpoint", str(tiny_checkpoint), "--out", "networks"]
    done = run(tmp_path, "generate", *options, "--arch", "16", NNIT_DEVICE=device)
    assert_refused(done, f'"{device}"', "NNIT_DEVICE=cpu")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "arguments",
    [
        "generate --task reach-v3 --arch 16 --checkpoint missing --out new/folder",
        "generate --task nope-v3 --arch 16 --out new/folder",
        "render --policy missing.safetensors --out new/folder/clip.mp4",
        "evaluate --task nope-v3 --json new/folder/results.json",
        "align --task reach-v3 --arch 16 --checkpoint missing --markdown new/folder/table.md",
        "benchmark --checkpoint missing --json new/folder/figures.json",
        "reproduce --checkpoint missing --out new/folder",
        "train --preset smoke --stage nope --out new/folder",
    ],
)
def test_a_command_that_fails_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: str
):
    monkeypatch.chdir(tmp_path)
    assert main(arguments.split()) == 2
    assert not list(tmp_path.iterdir())


def test_installed_without_the_repository_it_says_how_to_name_a_checkpoint(tmp_path: Path):
    shutil.copytree(ROOT / "nnit", tmp_path / "packages" / "nnit")
    environment = {"PYTHONPATH": str(tmp_path / "packages"), "NNIT_CHECKPOINT": ""}
    options = ["--task", "reach-v3", "--arch", "16"]
    for command in (["generate", *options, "--out", "x"], ["evaluate", *options], ["benchmark"]):
        done = run(tmp_path, *command, **environment)
        assert_refused(done, "there is no checkpoint", "NNIT_CHECKPOINT", "--checkpoint")
    done = run(tmp_path, "benchmark", **{**environment, "NNIT_CHECKPOINT": "elsewhere"})
    assert_refused(done, "there is no checkpoint in elsewhere, which NNIT_CHECKPOINT names")


# --- Signals --------------------------------------------------------------------------------------


def descendants(process: int) -> set[int]:
    """Processes that a process started, and those that they started."""
    found: set[int] = set()
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found |= {child} | descendants(child)
    return found


def alive(process: int) -> bool:
    """Whether a process runs; one that has ended and waits to be noticed does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="processes are seen in /proc")
@pytest.mark.parametrize(("which", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_the_workers_too(tmp_path: Path, which: signal.Signals, code: int):
    counts = ["--networks", "4", "--episodes", "100000", "--workers", "2"]
    # Shells start what they run in the background with SIGINT ignored, and children inherit that.
    ignored = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "nnit", *_EXPERT, *counts],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    finally:
        signal.signal(signal.SIGINT, ignored)
    started: set[int] = set()
    try:
        deadline = time.monotonic() + SECONDS
        while len(started) < 3:  # two workers, and what joblib watches their files with
            assert process.poll() is None
            assert time.monotonic() < deadline, "no workers"
            time.sleep(0.1)
            started |= descendants(process.pid)
        time.sleep(1)  # they are at work, or about to be
        started |= descendants(process.pid)
        process.send_signal(which)  # to the command alone, as a service manager does
        out, said = process.communicate(timeout=SECONDS)
        assert process.returncode == code
        assert out == ""
        assert "Traceback" not in said
        while any(map(alive, started)):
            assert time.monotonic() < deadline, "workers compute on"
            time.sleep(0.1)
    finally:
        process.kill()
        for one in filter(alive, started):
            os.kill(one, signal.SIGKILL)
        process.communicate()


def test_what_a_caller_does_at_a_signal_stays(tmp_path: Path):
    def mine(*_: object) -> None: ...

    before = signal.signal(signal.SIGTERM, mine)
    try:
        assert main(["tasks", "--json", str(tmp_path / "tasks.json")]) == 0
        assert signal.getsignal(signal.SIGTERM) is mine
    finally:
        signal.signal(signal.SIGTERM, before)
    assert main(["tasks", "--json", str(tmp_path / "tasks.json")]) == 0
    assert signal.getsignal(signal.SIGTERM) == before


# --- Identity -------------------------------------------------------------------------------------


def test_the_same_policy_has_the_same_bytes_in_every_process():
    """The library's own order of metadata differs from one process to the next."""
    code = (
        "import hashlib; from nnit.mlp.spec import MLPArchitecture\n"
        "from strategies import random_policy\n"
        "policy = random_policy(MLPArchitecture((16, 9)), 3)\n"
        "print(hashlib.sha256(policy.to_bytes()).hexdigest())"
    )
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONPATH": paths},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(4)
    }
    assert len(digests) == 1


def test_names_tell_requests_apart_and_nothing_is_overwritten_unasked(
    tmp_path: Path, tiny_checkpoint: Path, capsys: pytest.CaptureFixture[str]
):
    task = json.loads((tiny_checkpoint / "config.json").read_text())["preset"]["tasks"][0]

    def made(*options: str, code: int = 0) -> list[Path]:
        asked = ["--task", task, "--checkpoint", str(tiny_checkpoint), "--out", str(tmp_path)]
        assert main(["generate", *asked, *options]) == code
        return [Path(line) for line in capsys.readouterr().out.split()]

    (plain,) = made("--arch", "16-9")
    content = plain.read_bytes()
    assert plain.name == f"{task}_16-9_seed0_0.safetensors"
    others = [
        ("--arch", "16-9", "--tempo", "0.25"),
        ("--arch", "16-9", "--tempo", "0.250001"),
        ("--arch", "16-9", "--height", "0.25"),
        ("--arch", "16-9", "--steps", "2"),
        ("--arch", "16-9", "--solver", "heun"),
        ("--arch", "16-9", "--max-params", "5000"),
        ("--arch", "16-9", "--seed", "1"),
        ("--arch", "16-?"),
        ("--arch", "?-9"),
        ("--arch", "?"),
    ]
    files = [file for options in others for file in made(*options)]
    assert len({plain, *files}) == len(others) + 1
    assert plain.read_bytes() == content

    # The same again, and more of the same, leaves what is there.
    assert made("--arch", "16-9", "--count", "2")[0] == plain
    assert plain.read_bytes() == content

    # Another network of this name, such as one of another checkpoint.
    random_policy(MLPArchitecture((16, 9)), 0, task).save(plain)
    other = plain.read_bytes()
    before = sorted(tmp_path.iterdir())
    assert made("--arch", "16-9", "--count", "4", code=2) == []
    assert plain.read_bytes() == other
    assert sorted(tmp_path.iterdir()) == before, "all files or none"
    made("--arch", "16-9", "--force")
    assert plain.read_bytes() == content
    assert Policy.load(plain).is_in(plain)
