"""The command line: its contracts, and bad input, which ends with one line and exit code 2.

Error paths run as a user runs them, in a process of their own; the rest runs in this one.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args, get_type_hints

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from torch.utils.flop_counter import FlopCounterMode

from nnit.__main__ import main
from nnit.commands.evaluate import Evaluate
from nnit.commands.options import parse_architectures
from nnit.dit.generator import Generator
from nnit.evaluation import benchmark
from nnit.evaluation.sources import SOURCES
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture
from nnit.request import SampleRequest
from nnit.sim.gl import GLUnavailable, choose_backend
from nnit.sim.rollout import run_episode
from nnit.sim.suites import get_task, suites, task_names
from nnit.sim.suites.metaworld.tasks import MT10
from nnit.splits import DENSE, HELD_OUT, evaluation_goal
from strategies import assert_same_policy, random_policy

ROOT = Path(__file__).resolve().parent.parent
ROW_KEYS = {"task", "arch", "split", "source", "networks", "episodes", "successes"} | {
    "success_rate",
    "ci95",
    "seed",
}


def run_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """What a command writes with `--json -`, which must be all of its standard output."""
    assert main([*arguments, "--json", "-"]) == 0
    return json.loads(capsys.readouterr().out)


def assert_refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line of an error in this process."""
    assert main(list(arguments)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert line.startswith("error: ")
    return line


# --- Bad input, as users meet it ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "train, generate, evaluate"),
        ("nonsense", "nonsense"),
        ("evaluate", "--task"),
        ("evaluate --task nope-v3", "nope-v3"),
        ("evaluate --task reach-v3 --arch 64-x", "64-x"),
        ("evaluate --task reach-v3 --arch 0", "width 0"),
        ("evaluate --task reach-v3 --arch 64,10000", "width 10000"),
        ("evaluate --task reach-v3 --episodes 0", "--episodes"),
        ("evaluate --task reach-v3 --episodes many", "--episodes"),
        ("evaluate --task reach-v3 --source magic", "magic"),
        ("evaluate --task reach-v3 --seed -1", "--seed must be from 0 to"),
        ("generate --task reach-v3 --arch 64-32,16 --out x", "64-32,16"),
        ("generate --task reach-v3 --arch 64-32 --out x --checkpoint missing", "missing"),
        ("render --policy missing.safetensors --out x.mp4", "missing.safetensors"),
        ("render --policy README.md --out x.mp4", "README.md"),
        ("render --policy README.md --out x.gif", ".mp4"),
        ("train --preset huge", "huge"),
        ("tasks --json .", "is a folder"),
        ("benchmark --workers 0", "--workers"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    tmp_path: Path, arguments: str, message: str
) -> None:
    (tmp_path / "README.md").write_text("not a policy\n")
    done = subprocess.run(
        [sys.executable, "-m", "nnit", *arguments.split()],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("error: ")
    assert message in done.stderr
    assert len(done.stderr) < 400


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("evaluate --task reach-v3 --checkpoint missing", "missing"),
        ("generate --task reach-v3 --arch 64-32 --out README.md", "README.md"),
        (
            "generate --task reach-v3 --arch 64-32 --out x --steps 0",
            "--steps must be from 1 to 100",
        ),
        ("train --preset smoke --stage nope", "nope"),
        ("generate --task reach-v3 --arch 64-32 --out x --count 0", "--count must be from 1 to 64"),
        ("evaluate --task reach-v3 --steps 1000", "--steps must be from 1 to 100"),
        ("evaluate --task reach-v3 --tempo 1.5", "tempo must be from 0 to 1"),
        ("evaluate --task reach-v3 --height nan", "height must be from 0 to 1"),
        ("evaluate --task reach-v3 --max-params 0", "--max-params must be from 1"),
        ("benchmark --checkpoint missing", "missing"),
    ],
)
def test_bad_input_found_after_slow_imports(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: str,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "README.md").write_text("not a folder\n")
    assert message in assert_refused(capsys, *arguments.split())
    assert [path.name for path in tmp_path.rglob("*.safetensors")] == []


def test_help_needs_no_torch() -> None:
    """Help answers at once: what is slow to import is not imported."""
    code = (
        "import sys; from nnit.__main__ import main\n"
        "try: main(['evaluate', '--help'])\n"
        "except SystemExit as e: assert e.code == 0\n"
        "assert not {'torch', 'mujoco', 'metaworld'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "--networks" in done.stdout


@pytest.mark.parametrize("damage", ["truncated", "NaN", "no weights", "no config", "no JSON"])
def test_broken_checkpoint(
    tmp_path: Path, tiny_checkpoint: Path, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    broken = tmp_path / "checkpoint"
    shutil.copytree(tiny_checkpoint, broken)
    config, weights = broken / "config.json", list(broken.glob("*.safetensors"))
    if damage == "no config":
        config.unlink()
    elif damage == "no JSON":
        config.write_text(config.read_text()[:20])
    for file in weights:
        if damage == "truncated":
            file.write_bytes(file.read_bytes()[:-100])
        elif damage == "no weights":
            file.unlink()
        elif damage == "NaN":
            tensors = load_file(file)
            for tensor in tensors.values():
                if tensor.dtype.kind == "f":
                    tensor.flat[0] = np.nan
            save_file(tensors, file)
    out = tmp_path / "out"
    task = tiny_tasks(tiny_checkpoint)[0]
    options = ["--task", task, "--arch", "16", "--checkpoint", str(broken)]
    assert_refused(capsys, "generate", *options, "--out", str(out))
    assert not list(out.glob("*.safetensors"))
    assert_refused(capsys, "evaluate", *options)


# --- tasks, generate, render ----------------------------------------------------------------------


def tiny_tasks(checkpoint: Path) -> tuple[str, ...]:
    from nnit.dit.generator import Generator

    return tuple(Generator.load(checkpoint).tasks)


def test_tasks(capsys: pytest.CaptureFixture[str]) -> None:
    listed = run_json(capsys, "tasks")["tasks"]
    assert [row["name"] for row in listed] == list(task_names())
    assert [row["name"] for row in listed if row["mt10"]] == list(MT10)
    assert {row["suite"] for row in listed} == {suite.name for suite in suites()}
    assert main(["tasks"]) == 0
    assert "door-open-v3" in capsys.readouterr().out


def generate(checkpoint: Path, out: Path, *more: str) -> list[str]:
    task = tiny_tasks(checkpoint)[0]
    options = ["--task", task, "--arch", "27-11", "--checkpoint", str(checkpoint)]
    return ["generate", *options, "--out", str(out), *more]


def test_generate(
    tmp_path: Path, tiny_checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    task = tiny_tasks(tiny_checkpoint)[0]
    out = tmp_path / "new" / "folder"
    assert main(generate(tiny_checkpoint, out, "--count", "2", "--seed", "5", "--steps", "3")) == 0
    files = [out / f"{task}_27-11_seed5_steps3_{i}.safetensors" for i in range(2)]
    assert capsys.readouterr().out.split() == [str(file) for file in files]
    first, second = (Policy.load(file) for file in files)
    assert (first.task, first.architecture) == (task, MLPArchitecture((27, 11)))
    assert not np.array_equal(first.weights[0], second.weights[0])

    again = tmp_path / "again"
    more = ("--count", "2", "--seed", "5", "--steps", "3")
    made = run_json(capsys, *generate(tiny_checkpoint, again, *more))
    assert made["seed"] == 5
    assert made["steps"] == 3
    assert_same_policy(Policy.load(Path(made["files"][0])), first)
    assert main(generate(tiny_checkpoint, again, "--seed", "6", "--steps", "3")) == 0
    other = Policy.load(again / f"{task}_27-11_seed6_steps3_0.safetensors")
    assert not np.array_equal(first.weights[0], other.weights[0])


def test_render(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        choose_backend()
    except GLUnavailable as error:
        pytest.skip(str(error))
    policy = random_policy(MLPArchitecture((8,)), seed=0)
    file, clip = tmp_path / "policy.safetensors", tmp_path / "videos" / "clip.mp4"
    policy.save(file)
    result = run_json(
        capsys,
        *("render", "--policy", str(file), "--out", str(clip), "--seed", "4"),
        *("--width", "96", "--height", "64"),
    )
    task = get_task("reach-v3")
    goal = evaluation_goal(4, "reach-v3", "8", 0, 0)
    episode = run_episode(task, task.make_environment(), policy.act, goal)
    assert (result["success"], result["steps"]) == (episode.success, episode.steps)
    assert clip.read_bytes()[4:8] == b"ftyp"


# --- evaluate -------------------------------------------------------------------------------------


def test_default_architectures_are_held_out() -> None:
    splits = [
        DENSE.split_of(architecture) for architecture in parse_architectures(",".join(HELD_OUT))
    ]
    assert splits == ["recombined"] * 6 + ["new-width"] * 6


def test_sources_offered_are_the_sources_there_are() -> None:
    offered = get_args(get_type_hints(Evaluate)["source"])
    assert set(offered) == {*SOURCES, "expert"}


def test_evaluate_contract(tiny_checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    task = tiny_tasks(tiny_checkpoint)[0]
    options = ["--task", task, "--arch", "27-45,61", "--checkpoint", str(tiny_checkpoint)]
    results = run_json(
        capsys, "evaluate", *options, "--networks", "2", "--episodes", "2", "--steps", "2"
    )
    assert set(results) == {"results", "mean_success_rate", "checkpoint", "version"}
    assert [row["arch"] for row in results["results"]] == ["27-45", "61"]
    for row in results["results"]:
        assert set(row) == ROW_KEYS
        assert row["split"] == "new-width"
        assert row["source"] == "nnit"
        assert (row["networks"], row["episodes"], row["seed"]) == (2, 4, 0)
        assert row["success_rate"] == row["successes"] / row["episodes"]
        assert 0 <= row["ci95"][0] <= row["success_rate"] <= row["ci95"][1] <= 1
    rates = [row["success_rate"] for row in results["results"]]
    assert results["mean_success_rate"] == pytest.approx(sum(rates) / len(rates))


def test_permuted_networks_succeed_where_the_generated_do(
    tiny_checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tasks = ",".join(tiny_tasks(tiny_checkpoint)[:2])
    counts = ["--networks", "2", "--episodes", "2", "--steps", "2", "--seed", "3"]
    options = ["--task", tasks, "--arch", "24", *counts, "--checkpoint", str(tiny_checkpoint)]
    outcomes = [
        [
            (row["task"], row["successes"])
            for row in run_json(capsys, "evaluate", *options, "--source", source)["results"]
        ]
        for source in ("nnit", "permuted")
    ]
    assert outcomes[0] == outcomes[1]


def test_evaluate_expert(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "results" / "expert.json"
    command = ["evaluate", "--task", "reach-v3,drawer-close-v3", "--source", "expert"]
    counts = ["--networks", "1", "--episodes", "2"]
    assert main([*command, *counts, "--json", str(file)]) == 0
    assert capsys.readouterr().out == ""
    results = json.loads(file.read_text())
    assert [(row["task"], row["arch"]) for row in results["results"]] == [
        ("reach-v3", "-"),
        ("drawer-close-v3", "-"),
    ]
    assert results["mean_success_rate"] == 1.0
    assert main([*command, *counts]) == 0
    assert "2/2 (100 %" in capsys.readouterr().out


def test_evaluate_ghn(tiny_checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    task = tiny_tasks(tiny_checkpoint)[0]
    options = ["--task", task, "--arch", "40", "--checkpoint", str(tiny_checkpoint)]
    results = run_json(
        capsys,
        *("evaluate", *options, "--source", "ghn", "--networks", "1", "--episodes", "1"),
    )
    assert results["results"][0]["source"] == "ghn"


def test_evaluate_refuses_a_task_that_the_checkpoint_does_not_cover(
    tiny_checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    covered = tiny_tasks(tiny_checkpoint)
    other = next(name for name in task_names() if name not in covered)
    line = assert_refused(capsys, "evaluate", "--task", other, "--checkpoint", str(tiny_checkpoint))
    assert other in line


# --- benchmark ------------------------------------------------------------------------------------


def test_benchmark_contract(
    tiny_checkpoint: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # How long it measures, not what: the tiny networks fail, so that each episode lasts 500 steps.
    for name in ("_POLICIES_PER_WORKER", "_EPISODES", "_REPEATS", "_CLICKS", "_FRAMES"):
        monkeypatch.setattr(benchmark, name, 1)
    figures = run_json(capsys, "benchmark", "--workers", "2", "--checkpoint", str(tiny_checkpoint))
    assert set(figures) == {"device", "sample_seconds", "matmul_seconds"} | {
        "sample_peak_fraction",
        "alignment_seconds",
        "bare_assignment_seconds",
        "workers",
        "env_steps_per_second",
        "bare_env_steps_per_second",
        "render_fps",
        "click_to_video_seconds",
    }
    assert figures["workers"] == 2
    # Times mean nothing without it.
    assert re.search(r": .+, \d+ processors, with(out)? bfloat16$", figures["device"])
    assert set(figures["sample_seconds"]) == {"1", "16", "64"}
    assert all(seconds > 0 for seconds in figures["sample_seconds"].values())
    for key in set(figures) - {
        "device",
        "workers",
        "sample_seconds",
        "render_fps",
        "click_to_video_seconds",
    }:
        assert figures[key] > 0
    # What is counted, not how fast it went: the operations of one batch.
    generator = Generator.load(tiny_checkpoint)
    with FlopCounterMode(display=False) as counter:
        generator.sample(SampleRequest(generator.tasks[0], MLPArchitecture((64, 64, 64)), count=64))
    rate = figures["sample_peak_fraction"] * 2 * 1024**3 / figures["matmul_seconds"]
    assert rate * figures["sample_seconds"]["64"] == pytest.approx(counter.get_total_flops())
    assert (figures["render_fps"] is None) == (figures["click_to_video_seconds"] is None)
