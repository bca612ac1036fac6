"""The registry of tasks, with the real simulator behind every one."""

import os
import subprocess
import sys

import numpy as np
import pytest
from metaworld.env_dict import ALL_V3_ENVIRONMENTS

from nnit.errors import UserError
from nnit.mlp.spec import ACTION_SIZE, OBSERVATION_SIZE
from nnit.sim.rollout import run_episode
from nnit.sim.suites import get_task, parse_tasks, task_names
from nnit.sim.suites.metaworld.descriptions import DESCRIPTIONS
from nnit.sim.suites.metaworld.tasks import MT10
from nnit.splits import goal_seed

METAWORLD = [name for name in task_names() if get_task(name).suite.name == "metaworld"]


def test_all_fifty_tasks_are_there_and_described() -> None:
    hidden = dict(get_task("reach-v3").suite.collections)["hidden-goals"]
    assert set(METAWORLD) == set(DESCRIPTIONS) == {*ALL_V3_ENVIRONMENTS, *hidden}
    assert len(METAWORLD) == 50 + 3
    assert task_names()[:10] == MT10
    assert len({get_task(name).description.title for name in METAWORLD}) == 50 + 3


@pytest.mark.parametrize("name", METAWORLD)
def test_task_is_complete_and_its_environment_runs(name: str) -> None:
    task = get_task(name)
    success = task.description.success
    assert success.endswith(".")
    assert success.count(". ") == 0
    suite = task.suite
    assert suite.task(name) == task.description
    assert suite.horizon == 500
    environment = task.make_environment()
    observation, _ = environment.reset(seed=goal_seed("train", "test", name))
    assert observation.shape == (OBSERVATION_SIZE,) == (suite.observation_size,)
    assert np.isfinite(observation).all()
    groups = [column for _, low, high in suite.observation_groups for column in range(low, high)]
    assert groups == list(range(OBSERVATION_SIZE))
    assert len(suite.action_names) == ACTION_SIZE
    experts = task.make_experts()
    assert len(experts) == suite.labels
    for expert in experts:
        action = expert(observation)
        assert action.shape == (ACTION_SIZE,)
        assert np.abs(action).max() <= 1
    observation, *_, info = environment.step(action)
    assert observation.shape == (OBSERVATION_SIZE,) == (suite.observation_size,)
    assert info["success"] in (0.0, 1.0)
    environment.close()


@pytest.mark.parametrize("name", MT10)
def test_expert_solves_every_task_of_mt10(name: str) -> None:
    task = get_task(name)
    environment, (expert, *_) = task.make_environment(), task.make_experts()
    for i in range(2):
        seed = goal_seed("evaluate", "test-expert", name, i)
        assert run_episode(task, environment, expert, seed).success


def test_goal_is_seen_and_follows_from_the_seed() -> None:
    task = get_task("reach-v3")
    first, second = task.make_environment(), task.make_environment()
    start, _ = first.reset(seed=5)
    assert np.abs(start[-3:]).max() > 0
    first.reset(seed=6)
    np.testing.assert_array_equal(first.reset(seed=5)[0], start)
    np.testing.assert_array_equal(second.reset(seed=5)[0], start)
    assert not np.array_equal(first.reset(seed=6)[0], start)


@pytest.mark.parametrize("name", ["push-v3", "pick-place-v3"])
def test_touch_is_what_meta_world_says(name: str) -> None:
    task = get_task(name)
    environment, (expert, *_) = task.new_environment(), task.new_experts()
    base = environment.unwrapped
    observation, _ = environment.reset(seed=5)
    touched = []
    for _ in range(120):
        action = np.clip(expert(observation)[:4], -1, 1)
        observation, *_ = environment.step(action.astype(np.float32))
        geom = base._get_id_main_object()
        touched.append(base.touching_object(geom))
        assert touched[-1] == type(base).touching_object(base, geom)
    assert {True, False} <= set(touched)


def test_lists_of_tasks() -> None:
    assert [t.name for t in parse_tasks("mt10")] == list(MT10)
    assert [t.name for t in parse_tasks("push-v3, reach-v3,push-v3")] == ["push-v3", "reach-v3"]
    assert len(parse_tasks("mt10,soccer-v3,reach-v3")) == 11


@pytest.mark.parametrize("text", ["", "nope", "mt10,nope", "reach-v3,", "MT50", "x" * 10_000])
def test_unknown_task(text: str) -> None:
    with pytest.raises(UserError, match="unknown task") as caught:
        parse_tasks(text)
    assert len(str(caught.value)) < 200


def test_a_bad_choice_of_opengl_stops_only_the_drawing() -> None:
    """MuJoCo itself would refuse to be imported."""
    done = subprocess.run(
        [sys.executable, "-c", "import nnit.sim.suites, os; print(os.environ['MUJOCO_GL'])"],
        env={**os.environ, "MUJOCO_GL": "nonsense"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "nonsense"
