"""A suite of other sizes goes through everything beside Meta-World's, in one checkpoint.

`tests/reacher` holds its folder; nothing else was changed for it but a preset. Its arm is the real one, of
Gymnasium's MuJoCo environments.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from joblib.externals.loky import get_reusable_executor
from pages import open_page, words

from nnit.__main__ import main
from nnit.baselines.stages import BASELINE_STAGES
from nnit.description import describe
from nnit.dit.generator import Generator
from nnit.errors import UserError
from nnit.evaluation.sources import SOURCES, sample_from
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture, PartialArchitecture
from nnit.presets import load_preset
from nnit.request import SampleRequest
from nnit.sim.recording import load_recording, save_recording
from nnit.sim.replay import record
from nnit.sim.rollout import run_episode, run_many
from nnit.sim.suites import get_task
from nnit.splits import goal_seed
from nnit.train import STAGES, train
from nnit.zoo.networks import Zoo

REACHER, REACH = "reacher-v5", "reach-v3"
SHAPE = MLPArchitecture((9, 12))


@pytest.fixture(scope="module", autouse=True)
def other_suite() -> Iterator[None]:
    """The suite is registered here and, through the environment, in workers that start from now on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NNIT_SUITES", "tests.reacher")
        import tests.reacher  # noqa: F401

        get_reusable_executor().shutdown()
        yield
        get_reusable_executor().shutdown()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of every stage of the smoke preset and the baselines, with a task of each suite."""
    out = tmp_path_factory.mktemp("two-suites")
    file = out / "two.json"
    file.write_text(json.dumps({"base": "smoke", "tasks": [REACH, REACHER]}))
    stages = (*STAGES[:-1], "unaligned", *BASELINE_STAGES, STAGES[-1])
    train(load_preset(str(file)), stages, out, BASELINE_STAGES)
    return out


@pytest.fixture(scope="module")
def checkpoint(run: Path) -> Path:
    return run / "checkpoint"


def evaluated(checkpoint: Path, tmp_path: Path, *options: str) -> dict[str, Any]:
    """What `evaluate` writes."""
    file = tmp_path / "results.json"
    common = ["--networks", "1", "--episodes", "1", "--checkpoint", str(checkpoint)]
    assert main(["evaluate", *options, *common, "--json", str(file)]) == 0
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def test_the_scripted_expert_solves_it() -> None:
    task = get_task(REACHER)
    environment, (expert,) = task.make_environment(), task.make_experts()
    goals = [goal_seed("evaluate", "reacher", index) for index in range(10)]
    assert all(run_episode(task, environment, expert, goal).success for goal in goals)


def test_one_checkpoint_says_what_both_suites_are(checkpoint: Path) -> None:
    described = describe(checkpoint)
    assert described.tasks == (REACH, REACHER)
    assert [suite.name for suite in described.suites] == ["metaworld", "reacher"]
    assert described.suite_of(REACHER).observation_size == 10
    assert described.task(REACHER).title == "Reach a point in the plane"
    zoo = Zoo.load(checkpoint / "zoo.safetensors")
    assert zoo.interfaces == ((39, 4, "tanh", "actions"), (10, 2, "tanh", "actions"))
    assert np.isnan(zoo.conditions[zoo.task == 1]).all()
    assert np.isfinite(zoo.conditions[zoo.task == 0]).all()


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_makes_networks_of_the_right_sizes(source: str, checkpoint: Path) -> None:
    if source == "bc":
        pytest.skip("4,000 steps of training; the learners of the warm-up take the same way")
    for task, sizes in ((REACHER, (10, 9, 12, 2)), (REACH, (39, 9, 12, 4))):
        (policy,) = sample_from(source, SampleRequest(task, SHAPE, steps=2), checkpoint)
        assert policy.architecture.sizes == sizes
        action = policy.act(np.zeros(sizes[0]))
        assert action.shape == (sizes[-1],)
        assert np.isfinite(action).all()


def test_a_learner_of_the_other_suite_can_be_trained(run: Path) -> None:
    """The GHN was, on data that its own networks gathered: its imitation loss fell below chance."""
    from nnit.baselines.shipped import shipped_ghn, shipped_states
    from nnit.ghn.store import write_policies

    states, normaliser = shipped_states(REACHER, run / "checkpoint")
    assert states.labels.shape[1:] == (1, 2)
    ghn, _ = shipped_ghn(REACHER, run / "checkpoint")
    architecture = get_task(REACHER).suite.architecture((24, 24))
    (policy,) = write_policies(
        ghn, REACHER, architecture, normaliser, {}, 1, torch.Generator().manual_seed(0)
    )
    error = np.abs(policy.act(states.observations) - states.labels[:, 0]).mean()
    assert error < np.abs(states.labels[:, 0]).mean()


def test_shapes_are_chosen_and_budgets_kept(checkpoint: Path) -> None:
    generator = Generator.load(checkpoint)
    request = SampleRequest(REACHER, PartialArchitecture(), count=4, max_parameters=300)
    for policy in generator.sample(request):
        assert policy.architecture.parameter_count <= 300
        assert policy.architecture.observation_size == 10


def test_both_suites_share_a_batch(checkpoint: Path) -> None:
    generator = Generator.load(checkpoint)
    requests = [SampleRequest(task, SHAPE, seed=3, steps=2) for task in (REACHER, REACH)]
    together = generator.sample_together([generator.plan(request) for request in requests])
    for request, (policy,) in zip(requests, together, strict=True):
        (alone,) = generator.sample(request)
        for mine, theirs in zip(policy.weights, alone.weights, strict=True):
            np.testing.assert_allclose(mine, theirs, atol=1e-4)


def test_conditions_of_the_one_suite_are_refused_by_the_other(checkpoint: Path) -> None:
    generator = Generator.load(checkpoint)
    (policy,) = generator.sample(SampleRequest(REACH, SHAPE, steps=1, conditions={"tempo": 0.5}))
    assert policy.provenance["tempo"] == 0.5
    with pytest.raises(UserError, match="cannot be asked for tempo"):
        generator.sample(SampleRequest(REACHER, SHAPE, conditions={"tempo": 0.5}))


def test_a_policy_file_keeps_its_sizes(checkpoint: Path, tmp_path: Path) -> None:
    out = tmp_path / "policies"
    arguments = ["--task", REACHER, "--arch", "9-12", "--checkpoint", str(checkpoint)]
    assert main(["generate", *arguments, "--out", str(out)]) == 0
    (file,) = out.glob("*.safetensors")
    policy = Policy.load(file)
    assert policy.architecture.sizes == (10, 9, 12, 2)
    ((episode,),) = run_many([policy], [[goal_seed("evaluate", "file")]], workers=1)
    assert episode.steps <= get_task(REACHER).suite.horizon
    assert episode.measured == {}


def test_it_is_evaluated_in_workers_beside_the_other(checkpoint: Path, tmp_path: Path) -> None:
    found = evaluated(checkpoint, tmp_path, "--task", f"{REACHER},{REACH}", "--arch", "12-20")
    assert [row["task"] for row in found["results"]] == [REACHER, REACH]
    expert = evaluated(checkpoint, tmp_path, "--task", REACHER, "--source", "expert")
    assert expert["mean_success_rate"] == 1.0


def test_its_alignment_is_measured(checkpoint: Path, tmp_path: Path) -> None:
    file = tmp_path / "alignment.json"
    arguments = ["--task", REACHER, "--arch", "12-20", "--networks", "2", "--kinds", "ghn,zoo,nnit"]
    assert main(["align", *arguments, "--checkpoint", str(checkpoint), "--json", str(file)]) == 0
    rows = json.loads(file.read_text())["results"]
    assert all(np.isfinite(row["metrics"]["loss_barrier"]["mean"]) for row in rows)


def test_its_scene_is_filmed(checkpoint: Path, tmp_path: Path) -> None:
    (policy,) = sample_from("ghn", SampleRequest(REACHER, SHAPE), checkpoint)
    policy.save(tmp_path / "policy.safetensors")
    film = tmp_path / "clip.mp4"
    render = ["render", "--policy", str(tmp_path / "policy.safetensors"), "--out", str(film)]
    assert main(render) == 0
    assert film.read_bytes()[4:8] == b"ftyp"


def test_its_episode_is_recorded_without_a_hand(checkpoint: Path, tmp_path: Path) -> None:
    (policy,) = sample_from("ghn", SampleRequest(REACHER, SHAPE), checkpoint)
    recording = record(policy, 5)
    assert recording.hand is None
    assert recording.poses.shape[1:] == (len(recording.shapes), 7)
    save_recording(recording, tmp_path / "recording.safetensors")
    again = load_recording(tmp_path / "recording.safetensors")
    assert again.hand is None
    np.testing.assert_array_equal(again.poses, recording.poses)


def test_the_page_offers_both_suites_and_generates_for_the_other(
    checkpoint: Path,
    fresh_services: None,
    short_trials: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NNIT_CHECKPOINT", str(checkpoint))
    test = open_page(task=REACHER, arch="9-12", seed="2")
    assert not test.exception
    assert not test.error
    assert "Reach a point in the plane, with a network of 9-12" in words(test)
    assert {slider.key for slider in test.slider} & {"tempo", "height"} == set()
    assert "The fingertip is within 2 cm of the target." in words(test)
