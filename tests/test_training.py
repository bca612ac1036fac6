"""Every stage runs on real input, resumes where it stopped, and ends in a checkpoint that generates."""

import itertools
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.spatial
import torch

from nnit.checkpoint import load_tensors, save_tensors
from nnit.dit.conditions import budget_condition, budget_range
from nnit.dit.tokens import MASKED
from nnit.dit.training import DiTTrainer
from nnit.dit.zoo_tokens import ZooTokens
from nnit.errors import UserError
from nnit.ghn.store import load_ghn
from nnit.ghn.training import GHNTrainer
from nnit.imitation.demonstrations import load_sample, load_transitions
from nnit.presets import PRESETS, DiTSettings, load_preset
from nnit.splits import DENSE, goal_seed
from nnit.train import STAGES, train
from nnit.zoo.builder import ZooBuilder, architecture_pool, check_sizes
from nnit.zoo.networks import Zoo

SMOKE = PRESETS["smoke"]


class StopHereError(Exception):
    """Stands for Ctrl-C in the middle of a stage."""


def stop_at(step: int):
    def progress(done: int, total: int, note: str) -> None:
        if done == step:
            raise StopHereError

    return progress


def ignore(done: int, total: int, note: str) -> None:
    pass


def test_the_smoke_run_leaves_what_every_stage_promises(smoke_run: Path) -> None:
    assert STAGES == ("demonstrations", "ghn", "zoo", "dit", "package")
    demonstrations = load_transitions(smoke_run / "demonstrations.safetensors")
    aggregated = load_transitions(smoke_run / "ghn" / "transitions.safetensors")
    for task in SMOKE.tasks:
        assert len(aggregated[task]) > len(demonstrations[task]), "DAgger added nothing"
        assert np.abs(aggregated[task].labels).max() <= 1
    config = json.loads((smoke_run / "checkpoint" / "config.json").read_text())
    assert config["preset"]["name"] == "smoke"
    assert config["version"].startswith("smoke-")


def test_a_task_whose_weights_have_grown_without_bound_ends_the_training(smoke_run: Path) -> None:
    zoo = Zoo.load(smoke_run / "zoo" / "zoo.safetensors")
    check_sizes(zoo)
    for index in np.flatnonzero(zoo.task == 1):
        for weight in zoo[index].weights:
            weight *= 100
    with pytest.raises(UserError, match=rf"networks of {zoo.tasks[1]} have weights \d+ times"):
        check_sizes(zoo)


def test_the_zoo_holds_measured_distinct_networks_of_seen_architectures(smoke_run: Path) -> None:
    zoo = Zoo.load(smoke_run / "zoo" / "zoo.safetensors")
    assert len(zoo) == SMOKE.zoo.networks
    assert {DENSE.split_of(zoo.architecture(i)) for i in range(len(zoo))} == {"seen"}
    measured = zoo.success[np.isfinite(zoo.success)]
    assert len(measured) == SMOKE.zoo.shipped
    assert ((measured >= 0) & (measured <= 1)).all()
    first = [zoo[i].weights[0].tobytes() for i in range(len(zoo))]
    assert len(set(first)) == len(zoo)
    part = zoo.subset(np.array([3, 5]))
    np.testing.assert_array_equal(part[1].weights[-1], zoo[5].weights[-1])


def test_fine_tuning_moved_the_networks_a_little(smoke_run: Path) -> None:
    """Far enough to be networks of their own, near enough to stay aligned with the GHN's."""
    zoo = Zoo.load(smoke_run / "zoo" / "zoo.safetensors")
    ghn, _ = load_ghn(smoke_run / "ghn")
    architecture = zoo.architecture(0)
    with torch.no_grad():
        task = torch.tensor([int(zoo.task[0])])
        conditions = torch.from_numpy(zoo.conditions[:1])
        written = ghn([architecture], task, conditions, torch.zeros(1, 8))
    mine, theirs = zoo[0].weights[0], written.matrices(0)[0][0]
    assert np.corrcoef(mine.ravel(), theirs.ravel())[0, 1] > 0.5


@pytest.mark.parametrize("shapes", [0, 6])
def test_an_interrupted_dit_training_ends_as_if_nothing_had_happened(
    smoke_run: Path, tmp_path: Path, shapes: int
) -> None:
    settings = DiTSettings(steps=9, batch=16, width=24, layers=1, heads=2, shapes=shapes)
    preset = replace(SMOKE, dit=settings)
    zoo = smoke_run / "zoo" / "zoo.safetensors"
    DiTTrainer(preset, zoo, smoke_run / "ghn", tmp_path / "whole").run(ignore)
    with pytest.raises(StopHereError):
        DiTTrainer(preset, zoo, smoke_run / "ghn", tmp_path / "stopped").run(stop_at(5))
    resumed = DiTTrainer(preset, zoo, smoke_run / "ghn", tmp_path / "stopped")
    assert resumed.step == 5
    resumed.run(ignore)
    whole = load_tensors(tmp_path / "whole" / "dit.safetensors")
    stopped = load_tensors(tmp_path / "stopped" / "dit.safetensors")
    for name, tensor in whole.items():
        torch.testing.assert_close(tensor, stopped[name], rtol=0, atol=0)


def test_an_interrupted_ghn_training_ends_as_if_nothing_had_happened(
    smoke_run: Path, tmp_path: Path
) -> None:
    preset = replace(SMOKE, ghn=replace(SMOKE.ghn, steps=8, dagger_every=3))
    demonstrations = smoke_run / "demonstrations.safetensors"
    GHNTrainer(preset, demonstrations, tmp_path / "whole").run(ignore)
    with pytest.raises(StopHereError):
        GHNTrainer(preset, demonstrations, tmp_path / "stopped").run(stop_at(5))
    GHNTrainer(preset, demonstrations, tmp_path / "stopped").run(ignore)
    whole = load_tensors(tmp_path / "whole" / "ghn.safetensors")
    stopped = load_tensors(tmp_path / "stopped" / "ghn.safetensors")
    for name, tensor in whole.items():
        torch.testing.assert_close(tensor, stopped[name], rtol=0, atol=0)
    a = load_transitions(tmp_path / "whole" / "transitions.safetensors")
    b = load_transitions(tmp_path / "stopped" / "transitions.safetensors")
    for task in SMOKE.tasks:
        np.testing.assert_array_equal(a[task].observations, b[task].observations)


def test_other_settings_are_not_mixed_into_a_run(smoke_run: Path, tmp_path: Path) -> None:
    zoo = smoke_run / "zoo" / "zoo.safetensors"
    small = replace(SMOKE, dit=DiTSettings(steps=1, batch=8, width=24, layers=1, heads=2))
    DiTTrainer(small, zoo, smoke_run / "ghn", tmp_path).run(ignore)
    other = replace(small, dit=replace(small.dit, layers=2))
    with pytest.raises(UserError, match="other settings"):
        DiTTrainer(other, zoo, smoke_run / "ghn", tmp_path)


def test_demonstrations_go_on_at_the_round_that_is_missing(smoke_run: Path, tmp_path: Path) -> None:
    shutil.copytree(smoke_run / "demonstrations", tmp_path / "demonstrations")
    (tmp_path / "demonstrations" / "round-1.safetensors").unlink()
    train(SMOKE, ["demonstrations"], tmp_path)
    again = load_transitions(tmp_path / "demonstrations.safetensors")
    first = load_transitions(smoke_run / "demonstrations.safetensors")
    for task in SMOKE.tasks:
        np.testing.assert_array_equal(again[task].observations, first[task].observations)


def test_a_zoo_of_another_ghn_is_not_mixed_in(smoke_run: Path, tmp_path: Path) -> None:
    shutil.copytree(smoke_run, tmp_path / "run")
    ghn = load_tensors(tmp_path / "run" / "ghn" / "ghn.safetensors")
    ghn["task.weight"] += 1
    save_tensors(tmp_path / "run" / "ghn" / "ghn.safetensors", ghn)
    builder = ZooBuilder(SMOKE, tmp_path / "run" / "ghn", tmp_path / "run" / "zoo")
    with pytest.raises(UserError, match="made with other settings or from other files"):
        builder.run(ignore)


@pytest.mark.parametrize("file", ["ghn/training.pt", "demonstrations.safetensors"])
def test_a_truncated_file_of_a_run_is_named(file: str, smoke_run: Path, tmp_path: Path) -> None:
    shutil.copytree(smoke_run, tmp_path / "run")
    damaged = tmp_path / "run" / file
    damaged.write_bytes(damaged.read_bytes()[:1000])
    with pytest.raises(UserError, match=damaged.name):
        train(SMOKE, ["ghn"], tmp_path / "run")


def test_finished_stages_are_not_run_again(smoke_run: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(smoke_run, run)
    before = (run / "ghn" / "ghn.safetensors").read_bytes()
    train(SMOKE, ["demonstrations", "ghn", "zoo"], run)
    assert (run / "ghn" / "ghn.safetensors").read_bytes() == before


def test_unknown_presets_and_stages_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match='unknown preset "huge"'):
        load_preset("huge")
    with pytest.raises(UserError, match='unknown stage "ghm"'):
        train(SMOKE, ["ghm"], tmp_path)
    with pytest.raises(UserError, match="zoo"):
        train(SMOKE, ["dit"], tmp_path)


def test_a_preset_of_ones_own_differs_in_what_its_file_says(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text(
        '{"base": "smoke", "tasks": ["push-v3"], "seed": 3, "ghn": {"channels": [8, 8, 8, 4]}}'
    )
    mine = load_preset(str(file))
    ghn = replace(SMOKE.ghn, channels=(8, 8, 8, 4))
    assert mine == replace(SMOKE, name="mine", tasks=("push-v3",), seed=3, ghn=ghn)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"base": "huge"}',
        '{"tasks": ["nope"]}',
        '{"tasks": 3}',
        '{"dit": {"stepps": 3}}',
        '{"dit": 3}',
        '{"unknown": 3}',
    ],
)
def test_a_file_that_is_no_preset_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "mine.json"
    file.write_text(text)
    with pytest.raises(UserError):
        load_preset(str(file))


def test_baselines_are_stages_only_where_they_are_given(tmp_path: Path) -> None:
    with pytest.raises(UserError, match='unknown stage "flat"'):
        train(SMOKE, ["flat"], tmp_path)
    ran = []
    own = {"flat": lambda preset, out, progress: ran.append((preset, out))}
    preset = replace(SMOKE, name="mine")
    train(preset, ["flat"], tmp_path, own)
    assert ran == [(preset, tmp_path)]


def test_the_shipped_sample_of_transitions_is_precise(smoke_run: Path) -> None:
    whole = load_transitions(smoke_run / "ghn" / "transitions.safetensors")
    sample = load_sample(smoke_run / "checkpoint" / "transitions.safetensors")
    for task in SMOKE.tasks:
        tree = scipy.spatial.KDTree(whole[task].observations)
        distance, row = tree.query(sample[task].observations)
        assert distance.max() < 5e-4, "positions moved by half a millimetre or more"
        np.testing.assert_allclose(sample[task].labels, whole[task].labels[row], atol=0.05)


def test_every_network_is_trained_on_in_every_epoch(smoke_run: Path) -> None:
    data = ZooTokens(Zoo.load(smoke_run / "zoo" / "zoo.safetensors"), 8)
    batches = data.epoch(7, (0,))
    seen = np.concatenate([data.buckets[number].indices[places] for number, places in batches])
    assert sorted(set(seen)) == list(range(len(data)))
    assert np.bincount(seen).max() <= 2
    for number, bucket in enumerate(data.buckets):
        assert len({len(places) for mine, places in batches if mine == number}) == 1
        assert len({architecture.depth for architecture in bucket.architectures}) == 1
    cells = torch.cat([bucket.cells[bucket.valid] for bucket in data.buckets])
    assert 0.1 < cells.square().mean().sqrt() < 2


def test_long_networks_share_a_batch_with_fewer(smoke_run: Path) -> None:
    data = ZooTokens(Zoo.load(smoke_run / "zoo" / "zoo.safetensors"), 8)
    most = 2 * max(bucket.length for bucket in data.buckets)
    batches = data.epoch(16, (0,), most)
    assert max(len(places) * data.buckets[number].length for number, places in batches) <= most
    assert len(batches) > len(data.epoch(16, (0,)))


def test_architectures_without_weights_hide_what_is_to_be_chosen(smoke_run: Path) -> None:
    data = ZooTokens(Zoo.load(smoke_run / "zoo" / "zoo.safetensors"), 8)
    pool = architecture_pool(DENSE, SMOKE.zoo)
    rng = np.random.default_rng(0)
    shapes = data.draw_shapes(300, pool, rng, depths=DENSE.depths, widths=DENSE.widths)
    asked = (shapes.depth_target >= 0) | (shapes.width_target >= 0).any(1)
    assert asked.all()
    assert ((shapes.depth == 0) == (shapes.depth_target >= 0)).all()
    assert ((shapes.hidden < 0) == (shapes.width_target >= 0)).all()
    batch = shapes.batch(data.latent)
    assert batch.kind.shape == (300, 0)
    assert batch.latent.isnan().all()
    # The budget, where there is one, is no less than the network has.
    whole = shapes.hidden.clone()
    widths = torch.tensor(DENSE.widths, dtype=torch.float32)
    masked = shapes.width_target >= 0
    whole[masked] = widths[shapes.width_target[masked]]
    known = (shapes.depth > 0) & ~shapes.condition[:, -1].isnan()
    assert known.any()
    suite = data.suites[0]
    for row in known.nonzero().flatten().tolist():
        hidden = tuple(map(int, whole[row, : int(shapes.depth[row])]))
        architecture = suite.architecture(hidden)
        ends = np.array([budget_range(architecture)])
        least = budget_condition(np.array([architecture.parameter_count]), ends)[0]
        assert float(shapes.condition[row, -1]) >= least - 1e-6


def test_a_masked_width_is_not_given_away_by_tokens(smoke_run: Path) -> None:
    data = ZooTokens(Zoo.load(smoke_run / "zoo" / "zoo.safetensors"), 8)
    widths = DENSE.widths
    for bucket in data.buckets:
        places = np.arange(len(bucket.indices))
        rng = np.random.default_rng(0)
        drawn = data.draw(bucket, places, rng, 1.0, depths=DENSE.depths, widths=widths)
        assert not drawn.whole.any()
        assert drawn.latent.isnan().all()
        plain = data.draw(bucket, places, np.random.default_rng(0))
        assert plain.whole.all()
        assert plain.shown.all()
        assert (plain.depth_target < 0).all()
        assert (plain.width_target < 0).all()
        for row in places:
            depth, hidden = int(plain.depth[row]), plain.hidden[row]
            if drawn.depth[row] == 0:
                assert DENSE.depths[drawn.depth_target[row]] == depth
                assert not drawn.shown[row].any()
                continue
            masked = drawn.hidden[row, :depth] == MASKED
            assert masked.any()
            is_open = [False, *masked.tolist(), False]
            expected = [not (a or b) for a, b in itertools.pairwise(is_open)]
            assert drawn.shown[row, : depth + 1].tolist() == expected
            targets = drawn.width_target[row]
            assert ((targets >= 0).nonzero() == masked.nonzero()).all()
            for layer in masked.nonzero().flatten():
                assert widths[targets[layer]] == hidden[layer]


def test_goals_of_training_selection_and_evaluation_never_meet() -> None:
    ranges = {
        purpose: {goal_seed(purpose, "task", i) for i in range(500)}
        for purpose in ("train", "select", "evaluate")
    }
    assert max(ranges["train"]) < min(ranges["select"])
    assert max(ranges["select"]) < min(ranges["evaluate"])


def test_a_copy_of_a_run_goes_on_elsewhere(smoke_run: Path, tmp_path: Path) -> None:
    shutil.copytree(smoke_run, tmp_path / "copy")
    train(SMOKE, ["dit", "package"], tmp_path / "copy")
    original = json.loads((smoke_run / "checkpoint" / "config.json").read_text())
    copied = json.loads((tmp_path / "copy" / "checkpoint" / "config.json").read_text())
    assert original["version"] == copied["version"]


def test_the_ablation_learns_the_same_functions_in_another_order(smoke_run: Path) -> None:
    zoo = Zoo.load(smoke_run / "zoo" / "zoo.safetensors")
    plain, shuffled = ZooTokens(zoo, 8), ZooTokens(zoo, 8, shuffle_seed=3)
    np.testing.assert_allclose(plain.scales, shuffled.scales, rtol=1e-4)
    one, other = (data.buckets[-1] for data in (plain, shuffled))
    observations = torch.randn(len(one.indices), 6, 39, generator=torch.Generator().manual_seed(0))
    actions = [
        bucket.places.networks(
            bucket.cells * torch.from_numpy(data.scales)[bucket.kind][..., None]
        )(observations)
        for data, bucket in ((plain, one), (shuffled, other))
    ]
    torch.testing.assert_close(*actions, atol=1e-4, rtol=1e-4)
    assert (one.cells - other.cells).abs().max() > 0.1
