"""The flat baseline: every weight has a place of its own, and what it generates are networks."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from nnit.baselines.flat import DEPTH, places, vector_length
from nnit.baselines.flat_sampling import sample_flat
from nnit.baselines.flat_training import FlatTrainer
from nnit.checkpoint import load_tensors
from nnit.dit.generator import Generator
from nnit.errors import UserError
from nnit.mlp.spec import MLPArchitecture
from nnit.presets import PRESETS, FlatSettings
from nnit.request import SampleRequest
from nnit.zoo.builder import ZooBuilder
from strategies import architectures

TASK = "drawer-close-v3"
SMALL = replace(PRESETS["smoke"], flat=FlatSettings(components=8, fillings=1, steps=8, batch=8))

SIZES = (39, 4)  # of the observation and the action


def ignore(done: int, total: int, note: str) -> None:
    pass


@given(architectures(4, 64, 3))
@settings(max_examples=30)
def test_every_weight_has_a_place_of_its_own(architecture: MLPArchitecture) -> None:
    where = places(architecture, *SIZES)
    assert len(where) == len(set(where.tolist())) == architecture.parameter_count
    assert where.min() >= 0
    assert where.max() < vector_length(*SIZES)


def test_neurons_keep_their_place_at_every_width() -> None:
    narrow, wide = (
        places(MLPArchitecture((8, 9)), *SIZES),
        places(MLPArchitecture((50, 60)), *SIZES),
    )
    assert set(narrow.tolist()) <= set(wide.tolist())


@pytest.mark.parametrize(
    "architecture",
    [
        MLPArchitecture((65,)),
        MLPArchitecture((8, 8, 8, 8)),
        MLPArchitecture((8,), observation_size=40),
        MLPArchitecture((8,), action_size=5),
    ],
)
def test_what_does_not_fit_is_refused(architecture: MLPArchitecture) -> None:
    with pytest.raises(UserError, match="does not fit"):
        places(architecture, *SIZES)


def test_smaller_observations_and_actions_have_places_too() -> None:
    small, whole = MLPArchitecture((12, 9), 6, 2), MLPArchitecture((12, 9))
    found = places(small, *SIZES).tolist()
    assert len(set(found)) == small.parameter_count
    assert set(found) <= set(places(whole, *SIZES).tolist())


def test_samples_are_networks_and_follow_from_the_seed(tiny_checkpoint: Path) -> None:
    def sample(seed: int, **conditions: float) -> np.ndarray:
        request = SampleRequest(
            TASK, MLPArchitecture((27, 45)), seed=seed, count=2, steps=4, conditions=conditions
        )
        policies = sample_flat(request, tiny_checkpoint)
        assert np.isfinite(policies[0].act(np.zeros((5, 39)))).all()
        return policies[1].weights[0]

    plain = sample(3)
    np.testing.assert_array_equal(plain, sample(3))
    assert np.abs(plain - sample(4)).max() > 0
    assert np.abs(plain - sample(3, tempo=0.0)).max() > 0


def test_an_interrupted_flat_training_ends_as_if_nothing_had_happened(
    smoke_run: Path, tmp_path: Path
) -> None:
    zoo, ghn = smoke_run / "zoo" / "zoo.safetensors", smoke_run / "ghn"

    def stop(done: int, total: int, note: str) -> None:
        if done == 6:
            raise KeyboardInterrupt

    FlatTrainer(SMALL, zoo, ghn, tmp_path / "whole").run(ignore)
    with pytest.raises(KeyboardInterrupt):
        FlatTrainer(SMALL, zoo, ghn, tmp_path / "stopped").run(stop)
    FlatTrainer(SMALL, zoo, ghn, tmp_path / "stopped").run(ignore)
    whole = load_tensors(tmp_path / "whole" / "flat.safetensors")
    stopped = load_tensors(tmp_path / "stopped" / "flat.safetensors")
    for name, tensor in whole.items():
        torch.testing.assert_close(tensor, stopped[name], rtol=0, atol=0)


def test_networks_deeper_than_the_vector_are_left_out(smoke_run: Path, tmp_path: Path) -> None:
    few = replace(SMALL.zoo, group=4, steps=1)
    preset = replace(SMALL, protocol="4 to 64", zoo=few)
    zoo = ZooBuilder(preset, smoke_run / "ghn", tmp_path).build(range(12), lambda _: None)
    deep = (zoo.hidden > 0).sum(1) > DEPTH
    assert 0 < deep.sum() < len(zoo)
    zoo.save(tmp_path / "zoo.safetensors")
    trainer = FlatTrainer(preset, tmp_path / "zoo.safetensors", smoke_run / "ghn", tmp_path)
    trainer.run(ignore)
    assert len(trainer.zoo) == (~deep).sum()
    assert {a.depth for a in trainer.architectures} <= {1, 2, DEPTH}


def test_the_ablation_is_another_model(tiny_checkpoint: Path) -> None:
    request = SampleRequest(TASK, MLPArchitecture((12, 12)))
    aligned, unaligned = (
        Generator.load(tiny_checkpoint, model=model).sample(request)[0]
        for model in ("dit", "unaligned")
    )
    assert np.abs(aligned.weights[1] - unaligned.weights[1]).max() > 0


def test_a_checkpoint_without_baselines_says_so(smoke_run: Path, tmp_path: Path) -> None:
    for name in ("config.json", "dit.safetensors", "normalisers.safetensors"):
        text = (smoke_run / "checkpoint" / name).read_bytes()
        if name == "config.json":
            text = text.replace(b'"unaligned"', b'"other"').replace(b'"flat": {', b'"another": {')
        (tmp_path / name).write_bytes(text)
    with pytest.raises(UserError, match="holds no unaligned"):
        Generator.load(tmp_path, model="unaligned")
    with pytest.raises(UserError, match="holds no flat"):
        sample_flat(SampleRequest(TASK, MLPArchitecture((8,)), steps=1), tmp_path)
