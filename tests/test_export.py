"""What is taken elsewhere does the same there."""

import io
import os
import re
import runpy
import shlex
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import gymnasium
import imageio.v3 as imageio
import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from onnx.reference import ReferenceEvaluator
from packaging.requirements import Requirement

from nnit.errors import UserError
from nnit.mlp.files import read_network
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture
from nnit.sim.export import MAX_GIF_BYTES, ONNX_OPSET, gif_bytes, onnx_bytes, script
from nnit.sim.video import Mp4Writer
from strategies import architectures, random_policy, sized_architectures


def film(frames: int, *, noise: bool) -> bytes:
    """A film of something that moves, or of noise, which compresses worst."""
    rng = np.random.default_rng(0)
    with Mp4Writer(480, 360, 20) as writer:
        for number in range(frames):
            frame = np.full((360, 480, 3), 90, np.uint8)
            frame[100:200, 3 * number % 380 :][:, :100] = (200, 80, 30)
            writer.add(rng.integers(0, 255, frame.shape, np.uint8) if noise else frame)
    return writer.video


@settings(max_examples=10)
@given(architectures() | sized_architectures())
def test_onnx_acts_as_the_policy_does(architecture):
    policy = random_policy(architecture, 0)
    shape = (20, architecture.observation_size)
    observations = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    (actions,) = ReferenceEvaluator(onnx_bytes(policy)).run(None, {"observation": observations})
    assert actions.dtype == np.float32
    assert np.allclose(actions, policy.act(observations), rtol=0, atol=3e-6)
    assert np.abs(actions).max() <= 1


def test_an_onnx_file_says_what_it_is_and_is_read_again():
    policy = random_policy(MLPArchitecture((16, 9)), 7)
    content = onnx_bytes(policy)
    model = onnx.load_model_from_string(content)
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", ONNX_OPSET)]
    said = {entry.key: entry.value for entry in model.metadata_props}
    assert said == {
        "task": "reach-v3",
        "architecture": "16-9",
        "provenance": '{"source": "random", "seed": 7}',
    }
    network = read_network("policy.onnx", content)
    for ours, theirs in zip(policy.weights, network.weights, strict=True):
        assert np.array_equal(ours, theirs)
    for ours, theirs in zip(policy.biases, network.biases, strict=True):
        assert np.array_equal(ours, theirs)


@pytest.mark.filterwarnings("ignore:.*:UserWarning:gymnasium.*")
def test_the_script_runs_the_policy_with_nothing_of_ours(tmp_path, monkeypatch, capsys):
    policy = Policy.load(Path("assets/example/policy.safetensors"))
    policy.save(tmp_path / "policy.safetensors")
    program = tmp_path / "run.py"
    assert "another number of steps" in script(policy, "policy.safetensors")
    program.write_text(script(policy, "policy.safetensors"))
    assert "nnit" not in program.read_text()
    monkeypatch.chdir(tmp_path)
    left = runpy.run_path(str(program))
    assert left["env"].spec.kwargs["env_name"] == policy.task
    seed = policy.provenance["seed"]
    environment = gymnasium.make(
        "Meta-World/MT1", env_name=policy.task, seed=seed, disable_env_checker=True
    )
    observation, _ = environment.reset()
    for _ in range(left["step"] + 1):
        action = policy.act(observation)
        assert np.array_equal(left["act"](observation), action)
        observation, *_ = environment.step(action)
    assert np.array_equal(observation, left["observation"])
    outcome = "success" if left["info"]["success"] else "no success"
    assert capsys.readouterr().out == f"{outcome} after {left['step'] + 1} steps\n"


def installed(folder: Path, names: list[str]) -> None:
    """Make a folder with these distributions and what they say they require, as pip would fill it.

    Packages are links to those of this environment; nothing is downloaded.
    """
    folder.mkdir()
    waiting, done = [Requirement(name) for name in names], set()
    while waiting:
        requirement = waiting.pop()
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        if requirement.name in done:
            continue
        done.add(requirement.name)
        found = distribution(requirement.name)
        assert requirement.specifier.contains(found.version)
        waiting += map(Requirement, found.requires or ())
        root = Path(str(found.locate_file("")))
        for top in {file.parts[0] for file in found.files or ()} - {"..", "__pycache__"}:
            if not (folder / top).exists():
                (folder / top).symlink_to(root / top)


def test_the_script_needs_what_its_first_line_installs_and_finds_its_weights_beside_itself(
    tmp_path,
):
    policy = Policy.load(Path("assets/example/policy.safetensors"))
    policy.save(tmp_path / "files" / "policy.safetensors")
    program = tmp_path / "files" / "run.py"
    program.write_text(script(policy, "policy.safetensors"))
    command = program.read_text().splitlines()[0].partition("pip install ")[2]
    installed(tmp_path / "packages", shlex.split(command.rstrip('."')))
    done = subprocess.run(
        [sys.executable, "-S", str(program)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "packages"), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"(success|no success) after \d+ steps\n", done.stdout)


@pytest.mark.usefixtures("toy")
def test_a_suite_without_a_program_says_so():
    policy = random_policy(MLPArchitecture((8,), 6, 2, "relu"), 0, "toy-push")
    with pytest.raises(UserError, match="no program for toy-push"):
        script(policy, "policy.safetensors")


def test_a_program_has_the_policy_s_own_activation():
    programs = [
        script(random_policy(MLPArchitecture((8,), activation=name), 0), "policy.safetensors")
        for name in ("tanh", "relu")
    ]
    assert "np.tanh(x @ weight + bias)" in programs[0]
    assert "np.maximum(x @ weight + bias, 0)" in programs[1]
    assert "np.tanh" not in programs[1]


def test_a_gif_moves_at_the_speed_of_the_film():
    gif = gif_bytes(film(40, noise=False))
    assert gif.startswith(b"GIF89a")
    pictures = imageio.imread(io.BytesIO(gif), extension=".gif", index=None)
    assert pictures.shape == (20, 270, 360, 3)
    assert np.abs(pictures[0].astype(int) - pictures[-1]).max() > 50
    details = imageio.immeta(io.BytesIO(gif), extension=".gif")
    assert details["duration"] == 100
    assert details["loop"] == 0


def test_no_gif_is_larger_than_it_may_be():
    assert len(gif_bytes(film(16, noise=True))) <= MAX_GIF_BYTES


def test_what_is_no_film_is_refused():
    with pytest.raises(UserError, match="ffmpeg"):
        gif_bytes(b"no film")
