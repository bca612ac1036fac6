"""A task with a hidden goal goes through every stage beside one that shows it, and its networks can be asked for."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from pages import open_page, query_of, words
from streamlit.testing.v1 import AppTest

from app.widgets.controls import goal_parameters
from app.widgets.goals.pad import parse_goal
from nnit.__main__ import main
from nnit.baselines.memory import nearest_order
from nnit.baselines.shipped import shipped_ghn, shipped_zoo
from nnit.baselines.stages import BASELINE_STAGES
from nnit.description import describe
from nnit.errors import UserError
from nnit.evaluation.alignment.kinds import shared_states
from nnit.evaluation.experiments.base import cells_for, measure_cells, open_bench
from nnit.evaluation.goals import goal_requests, on_goals_of_the_next, sample_with_goals
from nnit.evaluation.sources import SOURCES, sample_from
from nnit.imitation.demonstrations import collect_expert
from nnit.imitation.fitting import Conditions, OwnShares, fit, normalised
from nnit.mlp.batch import random_networks
from nnit.mlp.normaliser import Normaliser
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture
from nnit.presets import load_preset
from nnit.request import SampleRequest
from nnit.sim.replay import record
from nnit.sim.rollout import run_many
from nnit.sim.suites import get_task
from nnit.splits import goal_seed
from nnit.train import STAGES, train
from nnit.zoo.networks import Zoo

HIDDEN, SHOWN = "push-hidden-v3", "reach-v3"
SHAPE = MLPArchitecture((9, 12))
GOAL = {"goal_x": -0.2, "goal_y": 0.83}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of every stage of the smoke preset and the baselines, with a task of each kind."""
    out = tmp_path_factory.mktemp("hidden")
    file = out / "hidden.json"
    file.write_text(json.dumps({"base": "smoke", "tasks": [SHOWN, HIDDEN]}))
    stages = (*STAGES[:-1], "unaligned", *BASELINE_STAGES, STAGES[-1])
    train(load_preset(str(file)), stages, out, BASELINE_STAGES)
    return out


@pytest.fixture(scope="module")
def checkpoint(run: Path) -> Path:
    return run / "checkpoint"


def evaluated(checkpoint: Path, tmp_path: Path, *options: str) -> dict[str, Any]:
    """What `evaluate` writes."""
    file = tmp_path / "results.json"
    common = ["--episodes", "1", "--checkpoint", str(checkpoint), "--json", str(file)]
    assert main(["evaluate", "--arch", "9-12", *options, *common]) == 0
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def test_a_plain_network_learns_its_goal_from_states_of_other_goals() -> None:
    """Trained from scratch, it goes to its own goal and not to that of another one."""
    task = "reach-hidden-v3"
    data = collect_expert([task], 40, workers=1)
    normaliser = {task: Normaliser.fit(data[task].observations)}
    goals = [
        {"goal_x": 0.2, "goal_y": 0.85, "goal_z": 0.25},
        {"goal_x": -0.2, "goal_y": 0.85, "goal_z": 0.1},
    ]
    values = [{"tempo": 1.0, "height": 0.5, **goal} for goal in goals]
    conditions = Conditions(tuple(values[0]), torch.tensor([[*one.values()] for one in values]))
    generator = torch.Generator().manual_seed(0)
    networks = fit(
        random_networks([get_task(task).suite.architecture((16, 16))] * 2, generator),
        OwnShares(
            normalised(data, normaliser), [task] * 2, conditions, 1.0, np.random.default_rng(0)
        ),
        steps=500,
        batch=128,
        lr=3e-3,
        generator=generator,
    )
    policies = [
        networks.policy(index, task, normaliser[task]).with_provenance(**values[index])
        for index in range(2)
    ]
    seeds = [[goal_seed("evaluate", "plain", index) for index in range(3)]] * 2
    own = run_many(policies, seeds, workers=1)
    assert sum(episode.success for episodes in own for episode in episodes) >= 5
    other = run_many(on_goals_of_the_next(policies, tuple(goals[0])), seeds, workers=1)
    assert not any(episode.success for episodes in other for episode in episodes)


def test_the_checkpoint_says_what_each_task_knows(checkpoint: Path) -> None:
    (suite,) = describe(checkpoint).suites
    assert [c.name for c in suite.conditions] == ["tempo", "height", "goal_x", "goal_y"]
    assert [c.name for c in suite.conditions_of(SHOWN)] == ["tempo", "height"]
    assert [c.name for c in suite.conditions_of(HIDDEN) if c.is_goal] == ["goal_x", "goal_y"]
    zoo = Zoo.load(checkpoint / "zoo.safetensors")
    assert zoo.condition_names == ("tempo", "height", "goal_x", "goal_y")
    goals = zoo.conditions[:, 2:]
    assert np.isnan(goals[zoo.task == 0]).all()
    assert np.isfinite(goals[zoo.task == 1]).all()
    ghn, _ = shipped_ghn(HIDDEN, checkpoint)
    assert ghn.config.ranges == ((0, 1), (0, 1), (-0.3, 0.3), (0.8, 0.9))


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_says_the_goal_that_was_asked_for(source: str, checkpoint: Path) -> None:
    if source == "bc":
        pytest.skip("4,000 steps of training; the plain networks above take the same way")
    request = SampleRequest(HIDDEN, SHAPE, steps=2, conditions=GOAL)
    (policy,) = sample_from(source, request, checkpoint)
    assert {name: policy.provenance[name] for name in GOAL} == GOAL


def test_another_goal_makes_another_network(checkpoint: Path) -> None:
    """Hardly trained as they are, both generators read the goal."""
    for source in ("nnit", "ghn"):
        one, same, other = (
            sample_from(source, SampleRequest(HIDDEN, SHAPE, steps=2, conditions=asked), checkpoint)
            for asked in (GOAL, GOAL, {**GOAL, "goal_x": 0.2})
        )
        np.testing.assert_array_equal(one[0].weights[0], same[0].weights[0])
        assert not np.array_equal(one[0].weights[0], other[0].weights[0])


def test_each_network_has_a_goal_of_its_own(checkpoint: Path) -> None:
    suite = describe(checkpoint).suite_of(HIDDEN)
    requests = goal_requests(SampleRequest(HIDDEN, SHAPE, 4, 8), suite)
    assert [(one.seed, one.count) for one in requests] == [(4 + index, 1) for index in range(8)]
    goals = np.array([[one.values(suite)[name] for name in GOAL] for one in requests])
    assert len(np.unique(goals[:, 0])) == 8
    assert (np.abs(goals[:, 0]) <= 0.3).all()
    assert ((goals[:, 1] >= 0.8) & (goals[:, 1] <= 0.9)).all()
    again = goal_requests(SampleRequest(HIDDEN, SHAPE, 4, 3), suite)
    assert again == requests[:3], "a goal does not depend on how many there are"
    half = goal_requests(SampleRequest(HIDDEN, SHAPE, 4, 3, conditions={"goal_x": 0.1}), suite)
    assert {dict(one.conditions)["goal_x"] for one in half} == {0.1}
    assert len({dict(one.conditions)["goal_y"] for one in half}) == 3
    for task, asked in ((HIDDEN, GOAL), (SHOWN, {})):
        plain = SampleRequest(task, SHAPE, count=3, conditions=asked)
        assert goal_requests(plain, suite) == [plain]
    policies = sample_with_goals("ghn", SampleRequest(HIDDEN, SHAPE, 4, 3), checkpoint)
    assert [one.provenance["goal_x"] for one in policies] == pytest.approx(goals[:3, 0])
    moved = on_goals_of_the_next(policies, tuple(GOAL))
    assert [one.provenance["goal_x"] for one in moved] == pytest.approx(goals[[1, 2, 0], 0])


def test_near_is_measured_in_units_of_the_ranges(checkpoint: Path) -> None:
    zoo, found, _ = shipped_zoo(HIDDEN, checkpoint)
    index = int(found[0])
    own = zoo[index]
    request = SampleRequest(HIDDEN, own.architecture, conditions=own.conditions)
    order, distances = nearest_order(request, checkpoint)
    assert order[0] == index
    assert distances[0] == pytest.approx(0, abs=1e-6)
    far = {**own.conditions, "goal_x": -own.conditions["goal_x"]}
    order, distances = nearest_order(
        SampleRequest(HIDDEN, own.architecture, conditions=far), checkpoint
    )
    expected = abs(2 * own.conditions["goal_x"]) / 0.6
    assert distances[list(order).index(index)] == pytest.approx(expected, abs=1e-5)


def test_results_say_what_the_goals_were(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both = evaluated(checkpoint, tmp_path, "--task", f"{SHOWN},{HIDDEN}", "--networks", "2")
    assert [row.get("goals") for row in both["results"]] == [None, "own"]
    other = ("--task", HIDDEN, "--networks", "2", "--goals", "other")
    assert evaluated(checkpoint, tmp_path, *other)["results"][0]["goals"] == "other"
    fixed = ("--task", HIDDEN, "--networks", "1", "--goal-x", "-0.2", "--goal-y", "0.83")
    assert evaluated(checkpoint, tmp_path, *fixed)["results"][0]["goals"] == "asked for"
    for wrong, why in (
        (["--task", SHOWN, "--networks", "2"], "see the goal"),
        (["--task", HIDDEN, "--networks", "1"], "must be from 2"),
        ([*fixed[:2], *fixed[4:], "--networks", "2"], "goals that differ"),
    ):
        assert main(["evaluate", *wrong, "--goals", "other", "--checkpoint", str(checkpoint)]) == 2
        assert why in capsys.readouterr().err


def test_the_expert_knows_its_goal(checkpoint: Path, tmp_path: Path) -> None:
    options = ("--task", "hidden-goals", "--networks", "2", "--source", "expert")
    assert evaluated(checkpoint, tmp_path, *options)["mean_success_rate"] == 1.0
    chance = evaluated(checkpoint, tmp_path, *options, "--goals", "other")
    assert chance["mean_success_rate"] < 0.5


def test_experiments_meet_the_goals_of_each_network(checkpoint: Path) -> None:
    bench = open_bench(checkpoint, "checkpoint", workers=1)
    cells = cells_for(bench, "ghn", ("9-12",), 2, {"source": "ghn"})
    found = measure_cells(cells, 1, bench, "test")
    assert not found["skipped"]
    shown, hidden = found["results"]
    assert "end_x" not in shown
    assert np.isfinite([hidden["end_x"], hidden["end_y"]]).all()


def test_a_file_keeps_its_goal_and_shows_it(checkpoint: Path, tmp_path: Path) -> None:
    out = tmp_path / "policies"
    asked = ["--goal-x", "-0.2", "--goal-y", "0.83"]
    common = ["--task", HIDDEN, "--arch", "9-12", "--checkpoint", str(checkpoint)]
    assert main(["generate", *common, *asked, "--out", str(out)]) == 0
    (file,) = out.glob("*.safetensors")
    policy = Policy.load(file)
    recording = record(policy, 5)
    marks = [index for index, one in enumerate(recording.shapes) if one.kind == "sphere"]
    distances = np.abs(recording.poses[0, marks, :2] - [-0.2, 0.83]).max(1)
    assert distances.min() < 1e-5, "nothing marks the goal"
    nameless = Policy(
        policy.task,
        policy.architecture,
        policy.weights,
        policy.biases,
        policy.observation_mean,
        policy.observation_scale,
    )
    with pytest.raises(UserError, match="nothing says which goal_x"):
        run_many([nameless], [[1]], workers=1)


def test_its_alignment_is_measured(checkpoint: Path, tmp_path: Path) -> None:
    """The imitation loss is that of the expert who goes to the default goal."""
    states = shared_states(HIDDEN, checkpoint, 200)
    assert states.actions is not None
    assert states.actions.shape == (200, 4)
    assert np.abs(states.actions[:, :3]).max() == 1, "some hand is far from where it should be"
    file = tmp_path / "alignment.json"
    arguments = ["--task", HIDDEN, "--arch", "12-20", "--networks", "2", "--kinds", "ghn,zoo,nnit"]
    assert main(["align", *arguments, "--checkpoint", str(checkpoint), "--json", str(file)]) == 0
    rows = json.loads(file.read_text())["results"]
    assert all(np.isfinite(row["metrics"]["loss_barrier"]["mean"]) for row in rows)


@pytest.fixture
def on_the_page(
    checkpoint: Path, fresh_services: None, short_trials: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page shows this checkpoint, and tries its networks shortly."""
    monkeypatch.setenv("NNIT_CHECKPOINT", str(checkpoint))


def test_the_page_offers_the_goal_where_it_is_hidden(on_the_page: None) -> None:
    test = open_page(task=HIDDEN, arch="9-12", seed="2", goal_x="-0.2")
    assert not test.exception
    assert not test.error
    said = words(test)
    assert "Push the puck to a hidden point" in said
    assert "from new starts, all with the goal that was asked for" in said
    assert "goals it never saw" not in said
    (table,) = tables(test)
    assert [(axis["name"], axis["value"]) for axis in table] == [("goal_x", -0.2), ("goal_y", 0.85)]
    assert query_of(test)["goal_x"] == "-0.2"
    assert "goal_z" not in {slider.key for slider in test.slider}
    plain = open_page(task=SHOWN, arch="9-12", seed="2", goal_x="-0.2")
    assert not plain.exception
    assert not tables(plain)
    assert "cannot be asked for goal_x" in words(plain)


def test_a_goal_that_cannot_be_asked_for_leaves_the_task(on_the_page: None) -> None:
    test = open_page(task=HIDDEN, arch="9-12", seed="2", goal_x="9", goal_y="0.88")
    assert not test.exception
    assert "goal_x must be from -0.3 to 0.3, not 9" in words(test)
    assert "Push the puck to a hidden point, with a network of 9-12" in words(test)
    (table,) = tables(test)
    assert [(axis["name"], axis["value"]) for axis in table] == [("goal_x", 0.0), ("goal_y", 0.88)]


def test_a_goal_stays_on_the_way_through_widths(on_the_page: None) -> None:
    goal = {"goal_x": "-0.2", "goal_y": "0.83"}
    link = {"task": HIDDEN, "arch": "9-12", "seed": "0", "steps": "8"} | goal
    test = open_page(**link)
    assert not next(one for one in test.expander if one.label == "More").proto.expanded
    test.switch_page("views/widths/page.py").run()
    assert not test.exception
    assert any("No pair of this task is measured yet" in one.value for one in test.caption)
    test.button(key="open_pair").click().run()
    assert not test.exception
    assert {**query_of(test), "arch": link["arch"]} == link


def tables(test: AppTest) -> list[list[dict[str, Any]]]:
    """What is drawn to choose goals on."""
    drawn = [json.loads(part.proto.json)[0] for part in test.get("bidi_component")]
    return [data["axes"] for data in drawn if "axes" in data]


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ({"goal_x": 0.1, "goal_y": 0.9}, {"goal_x": 0.1, "goal_y": 0.9}),
        ({"goal_x": 0, "goal_y": 0.8499999}, {"goal_x": 0.0, "goal_y": 0.85}),
        ({"goal_x": 0.1}, {}),
        ({"goal_x": 0.31, "goal_y": 0.9}, {}),
        ({"goal_x": True, "goal_y": 0.9}, {}),
        ({"goal_x": float("nan"), "goal_y": 0.9}, {}),
        ({"goal_x": float("inf"), "goal_y": 0.9}, {}),
        ({"goal_x": 10**400, "goal_y": 0.9}, {}),
        ({"goal_x": "0.1", "goal_y": 0.9}, {}),
        (None, {}),
    ],
)
def test_only_goals_that_can_be_asked_for_are_taken_from_the_browser(
    checkpoint: Path, sent: Any, read: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NNIT_CHECKPOINT", str(checkpoint))
    assert parse_goal(sent, goal_parameters(HIDDEN)) == read
