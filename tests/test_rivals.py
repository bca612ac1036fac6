"""Rivals of the generator that are fitted: a regression of each weight, and a transformer without a flow."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import nnit.sim.suites as registry
from nnit.__main__ import main
from nnit.baselines.ridge import Ridge, from_ridge, networks_to_fit
from nnit.checkpoint import load_json, load_tensors, save_json
from nnit.dit.generator import Generator
from nnit.errors import UserError
from nnit.evaluation.sources import sample_from
from nnit.mlp.spec import MLPArchitecture
from nnit.request import SampleRequest
from nnit.zoo.networks import Zoo

SHIPPED = Path(__file__).resolve().parent.parent / "checkpoints" / "mt10"
TASK = "drawer-close-v3"
SHAPE = MLPArchitecture((27, 45))


# --- Ridge regression ------------------------------------------------------------------------------


def test_a_regression_fits_its_training_networks_and_others_like_them() -> None:
    networks = networks_to_fit("push-v3", 2, SHIPPED, count=256)
    ridge = Ridge.fit(networks)
    assert ridge.explained(networks) > 0.9
    assert ridge.explained(networks_to_fit("push-v3", 2, SHIPPED, seed=1, count=64)) > 0.85


def test_a_regression_without_its_features_explains_nothing() -> None:
    networks = networks_to_fit("push-v3", 1, SHIPPED, count=64)
    constant = Ridge.fit(networks)
    for coefficients in constant.coefficients:
        coefficients[..., 1:] = 0
    assert constant.explained(networks) < 0.2


def test_weights_that_are_linear_in_the_features_are_found(tiny_checkpoint: Path) -> None:
    networks = networks_to_fit(TASK, 2, tiny_checkpoint, count=256)
    planted = Ridge.fit(networks)
    written = planted.write(networks.batch.architectures, networks.conditions, networks.latents)
    again = replace(networks, batch=written)
    assert Ridge.fit(again).explained(again) > 0.999


@pytest.mark.parametrize("hidden", [(33,), (12, 20), (64, 64, 64)])
def test_a_regression_writes_networks_of_any_trained_depth(
    tiny_checkpoint: Path, hidden: tuple[int, ...]
) -> None:
    request = SampleRequest(TASK, MLPArchitecture(hidden), count=2)
    first, second = from_ridge(request, tiny_checkpoint)
    assert first.architecture.hidden == hidden
    assert np.isfinite(first.act(np.zeros((3, 39)))).all()
    assert np.abs(first.weights[0] - second.weights[0]).max() > 0  # latents differ
    (slow, _) = from_ridge(replace(request, conditions={"tempo": 0.0}), tiny_checkpoint)
    assert np.abs(first.weights[0] - slow.weights[0]).max() > 0
    for weight, same in zip(
        first.weights, from_ridge(request, tiny_checkpoint)[0].weights, strict=True
    ):
        np.testing.assert_array_equal(weight, same)


@pytest.mark.parametrize(
    ("hidden", "message"),
    [
        ((65, 20), "layers of 8 to 64 neurons"),
        ((7,), "layers of 8 to 64 neurons"),
        ((20, 20, 20, 20), "1, 2, 3 hidden layers, not 4"),
    ],
)
def test_a_regression_says_what_it_was_not_fitted_on(
    tiny_checkpoint: Path, hidden: tuple[int, ...], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        from_ridge(SampleRequest(TASK, MLPArchitecture(hidden)), tiny_checkpoint)


# --- One step --------------------------------------------------------------------------------------


def test_one_step_networks_depend_on_the_latent_and_on_no_noise(tiny_checkpoint: Path) -> None:
    generator = Generator.load(tiny_checkpoint, model="one-step")
    request = SampleRequest(TASK, SHAPE, count=2, steps=8, solver="heun")
    plan = generator.plan(request)
    assert all((noise == 0).all() for noise in plan.noise)
    assert plan.request.steps == 1
    same = replace(plan, latents=np.repeat(plan.latents[:1], 2, 0))
    (first, second), (one, other) = generator.sample_together([same, plan])
    for a, b in zip(first.weights, second.weights, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
    assert np.abs(one.weights[1] - other.weights[1]).max() > 1e-5


def test_one_step_is_another_model_than_the_flow(tiny_checkpoint: Path) -> None:
    dit, regression = (
        load_tensors(tiny_checkpoint / f"{name}.safetensors") for name in ("dit", "one-step")
    )
    assert dit.keys() == regression.keys()
    name = "final_layer.linear.weight"
    assert (dit[name] - regression[name]).abs().max() > 0


def test_a_checkpoint_without_one_step_says_what_to_train(
    tiny_checkpoint: Path, tmp_path: Path
) -> None:
    shutil.copytree(tiny_checkpoint, tmp_path / "without")
    config = load_json(tiny_checkpoint / "config.json")
    del config["one-step"]
    save_json(tmp_path / "without" / "config.json", config)
    with pytest.raises(UserError, match="the stage `one-step` trains one"):
        sample_from("one-step", SampleRequest(TASK, SHAPE), tmp_path / "without")


# --- What checkpoints carry ------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["nearest", "noise", "mean", "interpolate"])
def test_what_training_networks_there_are_is_said(
    tiny_checkpoint: Path, tmp_path: Path, source: str
) -> None:
    shutil.copytree(tiny_checkpoint, tmp_path / "few")
    zoo = Zoo.load(tiny_checkpoint / "zoo.safetensors")
    task = zoo.tasks.index(TASK)
    depths = (zoo.hidden > 0).sum(1)
    zoo.subset(np.flatnonzero(~((zoo.task == task) & (depths == 2)))).save(
        tmp_path / "few" / "zoo.safetensors"
    )
    left = int(((zoo.task == task) & (depths == 3)).sum())
    with pytest.raises(UserError, match=f"{left} of depth 3"):
        sample_from(source, SampleRequest(TASK, SHAPE), tmp_path / "few")


def test_networks_for_a_covered_task_that_no_suite_registers(
    tiny_checkpoint: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    registry.task_names()
    others = {name: task for name, task in registry._TASKS.items() if name != TASK}
    monkeypatch.setattr(registry, "_TASKS", others)
    options = ["--arch", "12-9", "--steps", "1", "--checkpoint", str(tiny_checkpoint)]
    assert main(["generate", "--task", TASK, "--out", str(tmp_path), *options]) == 0
    assert (tmp_path / f"{TASK}_12-9_seed0_steps1_0.safetensors").exists()
    capsys.readouterr()
    assert main(["generate", "--task", "nope-v3", "--out", str(tmp_path), *options]) == 2
    assert "unknown task" in capsys.readouterr().err
