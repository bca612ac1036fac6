"""ManiSkill3's tasks: the short way to step them equals the long one, experts solve them, and they are drawn.

What needs the optional `mani-skill` is skipped where that is missing.
"""

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path

import gymnasium
import numpy as np
import pytest
import safetensors.numpy

from app.make.meshes import STATIC, make_meshes
from nnit.errors import UserError
from nnit.imitation.demonstrations import EXPERT_NOISE, _label_episodes
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture
from nnit.sim.gl import GLUnavailable
from nnit.sim.render import render_policy
from nnit.sim.replay import record, shown_geoms
from nnit.sim.rollout import run_episode
from nnit.sim.suites import get_task, parse_tasks
from nnit.sim.suites.maniskill.drawing import SHAPES
from nnit.sim.suites.maniskill.panda import forward, joint_steps
from nnit.splits import goal_seed

needs_maniskill = pytest.mark.skipif(
    importlib.util.find_spec("mani_skill") is None,
    reason="mani-skill is not installed, see requirements-maniskill.txt",
)
TASKS = tuple(task.name for task in parse_tasks("maniskill"))
LENGTHS = {
    "PickCube-v1": 42,
    "PushCube-v1": 35,
    "PullCube-v1": 35,
    "StackCube-v1": 48,
    "LiftPegUpright-v1": 32,
    "PokeCube-v1": 54,
}


@pytest.fixture(scope="module", params=TASKS)
def both(request: pytest.FixtureRequest) -> Iterator[tuple[str, gymnasium.Env, gymnasium.Env]]:
    """A task's name, ManiSkill's own environment of it and the one that drives SAPIEN itself."""
    from nnit.sim.suites.maniskill.environments import DirectEnvironment, RealEnvironment

    real, direct = RealEnvironment(request.param), DirectEnvironment(request.param)
    yield request.param, real, direct
    real.close()
    direct.close()


def test_without_maniskill_a_task_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "mani_skill" else find(name)
    )
    with pytest.raises(UserError, match=r"pip install --no-deps -r requirements-maniskill\.txt"):
        get_task("PickCube-v1").make_environment()
    assert get_task("PickCube-v1").suite.title == "ManiSkill3"


@pytest.mark.parametrize("joint", range(7))
def test_the_jacobian_is_how_the_hand_moves(joint: int) -> None:
    rng = np.random.default_rng(joint)
    joints, small = rng.uniform(-1, 1, 7), 1e-6
    place, turn, jacobian = forward(joints)
    moved, turned, _ = forward(joints + small * np.eye(7)[joint])
    np.testing.assert_allclose((moved - place) / small, jacobian[:3, joint], atol=1e-5)
    spin = (turned - turn) / small @ turn.T  # of a small rotation: the matrix of its cross product
    found = np.array([spin[2, 1], spin[0, 2], spin[1, 0]])
    np.testing.assert_allclose(found, jacobian[3:, joint], atol=1e-5)
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-12)


def test_steps_of_joints_are_within_their_range_and_rest_where_nothing_is_wanted() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        joints, move = rng.uniform(-1.5, 1.5, 7), rng.normal(0, 0.2, 3)
        _, turn, _ = forward(joints)
        steps = joint_steps(joints, rng.normal(0, 0.5, 7), move, turn)
        assert np.abs(steps).max() <= 1
        assert np.abs(joint_steps(joints, np.zeros(7), np.zeros(3), turn)).max() < 1e-9


@needs_maniskill
def test_random_steps_are_the_same_as_the_real_ones(
    both: tuple[str, gymnasium.Env, gymnasium.Env],
) -> None:
    from mani_skill.utils.registration import REGISTERED_ENVS

    name, real, direct = both
    rng = np.random.default_rng(1)
    for seed in range(2):
        expected, _ = real.reset(seed=seed)
        found, _ = direct.reset(seed=seed)
        np.testing.assert_array_equal(found, expected)
        assert (found[LENGTHS[name] :] == 0).all()
        assert REGISTERED_ENVS[name].max_episode_steps == get_task(name).suite.horizon
        for _ in range(25):
            action = rng.uniform(-1.3, 1.3, 8)
            expected, *_, told = real.step(action)
            found, *_, info = direct.step(action)
            np.testing.assert_array_equal(found, expected)
            assert info["success"] == told["success"]


@needs_maniskill
def test_whole_episodes_are_the_same_and_the_expert_succeeds(
    both: tuple[str, gymnasium.Env, gymnasium.Env],
) -> None:
    name, real, direct = both
    task = get_task(name)
    (expert,) = task.make_experts()
    rng = np.random.default_rng(2)
    for episode in range(3):
        seed = goal_seed("select", "maniskill", episode)
        expected, _ = real.reset(seed=seed)
        found, _ = direct.reset(seed=seed)
        flags = []
        for _ in range(task.suite.horizon):
            action = expert(found)
            assert action.dtype == np.float32
            assert np.abs(action).max() <= 1
            if episode == 2:  # off the course, where contacts are others
                action = action + 0.3 * rng.standard_normal(8).astype(np.float32)
            expected, *_, told = real.step(action)
            found, *_, info = direct.step(action)
            np.testing.assert_array_equal(found, expected)
            flags.append((info["success"], told["success"]))
        assert all(mine == theirs for mine, theirs in flags)
        if episode < 2:
            assert any(mine for mine, _ in flags)


@needs_maniskill
def test_an_episode_follows_from_its_seed(both: tuple[str, gymnasium.Env, gymnasium.Env]) -> None:
    """Also where the one before ended with the cube in the hand."""
    name, _, direct = both
    (expert,) = get_task(name).make_experts()
    first, _ = direct.reset(seed=7)
    seen = first
    for _ in range(30):
        seen, *_ = direct.step(expert(seen))
    other, _ = direct.reset(seed=8)
    again, _ = direct.reset(seed=7)
    np.testing.assert_array_equal(again, first)
    assert not np.array_equal(other, first)


@needs_maniskill
def test_the_hand_is_where_the_simulator_says(
    both: tuple[str, gymnasium.Env, gymnasium.Env],
) -> None:
    name, _, direct = both
    seen, _ = direct.reset(seed=3)
    start = 19 if name == "PickCube-v1" else 18
    place, turn, _ = forward(seen)
    np.testing.assert_allclose(place, seen[start : start + 3], atol=1e-4)
    w, x, y, z = seen[start + 3 : start + 7]
    along = [2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)]
    np.testing.assert_allclose(turn[:, 2], along, atol=1e-3)


@needs_maniskill
def test_the_picture_follows_the_scene(both: tuple[str, gymnasium.Env, gymnasium.Env]) -> None:
    """Every shown thing is where SAPIEN has it, after steps and after a reset."""
    name, _, direct = both
    direct.reset(seed=4)
    base, model, data = direct.unwrapped, direct.unwrapped.model, direct.unwrapped.data
    for _ in range(5):
        seen, *_ = direct.step(np.full(8, 0.5))
    start = 19 if name == "PickCube-v1" else 18
    body = next(
        number
        for number, link in enumerate(base.base.agent.robot.links)
        if link.name == "panda_hand"
    )
    hand = base.base.agent.robot.links[body]._objs[0].entity.pose.p
    assert np.abs(data.mocap_pos - hand).sum(1).min() < 1e-6
    assert np.linalg.norm(seen[start : start + 3] - hand) == pytest.approx(0.1034, abs=1e-3)
    assert len(shown_geoms(model)) > 20
    direct.reset(seed=5)
    moved = base.base.agent.robot.links[body]._objs[0].entity.pose.p
    assert np.abs(data.mocap_pos - moved).sum(1).min() < 1e-6
    assert np.linalg.norm(moved - hand) > 1e-3


def test_the_shipped_shapes_are_small_and_whole() -> None:
    shapes = safetensors.numpy.load_file(SHAPES)
    assert SHAPES.stat().st_size < 512 * 1024
    names = {name.rsplit(".", 1)[0] for name in shapes}
    assert {name.split(".")[0] for name in names} == {
        *(f"link{number}" for number in range(8)),
        "hand",
        "left_finger",
    }
    for name in names:
        vertices, faces = shapes[f"{name}.vertices"], shapes[f"{name}.faces"]
        assert faces.max() == len(vertices) - 1
        assert np.abs(vertices).max() < 4000  # tenths of a millimetre: no link is longer


@needs_maniskill
def test_an_episode_is_recorded_for_the_browser(tmp_path: Path) -> None:
    suite = get_task("PushCube-v1").suite
    rng = np.random.default_rng(0)
    architecture = suite.architecture((8,))
    policy = random_policy(architecture, rng)
    recording = record(policy, 5)
    # One pose a control step, and the first one.
    assert recording.poses.shape == (suite.horizon + 1, len(recording.shapes), 7)
    assert recording.hand is None
    assert {shape.kind for shape in recording.shapes} >= {"mesh", "box", "cylinder", "plane"}
    # The browser finds the arm's shapes where the app keeps them.
    index = json.loads((STATIC / "meshes.json").read_text())
    drawn = {shape.mesh for shape in recording.shapes if shape.mesh is not None}
    assert {index[name]["file"] for name in drawn} == {"meshes-maniskill.bin"}
    make_meshes([policy.task], tmp_path)
    content = (STATIC / "meshes-maniskill.bin").read_bytes()
    assert (tmp_path / "meshes-maniskill.bin").read_bytes() == content
    assert len(content) < 512 * 1024


@needs_maniskill
def test_an_episode_is_filmed() -> None:
    policy = random_policy(
        get_task("PushCube-v1").suite.architecture((8,)), np.random.default_rng(0)
    )
    try:
        clip = render_policy(policy, 5, width=160, height=120)
    except GLUnavailable as error:
        pytest.skip(str(error))
    assert clip.frames == get_task("PushCube-v1").suite.horizon + 1
    assert clip.video[4:8] == b"ftyp"


def random_policy(architecture: MLPArchitecture, rng: np.random.Generator) -> Policy:
    """A policy that does something."""
    sizes = architecture.sizes
    weights = [
        rng.normal(0, 0.1, (after, before)).astype(np.float32)
        for before, after in zip(sizes[:-1], sizes[1:], strict=True)
    ]
    return Policy(
        "PushCube-v1",
        architecture,
        tuple(weights),
        tuple(np.zeros(size, np.float32) for size in sizes[1:]),
        np.zeros(sizes[0], np.float32),
        np.ones(sizes[0], np.float32),
        {},
    )


@needs_maniskill
def test_demonstrations_go_on_after_success_so_that_networks_learn_to_stay() -> None:
    task = get_task("PullCube-v1")
    (expert,) = task.make_experts()
    seeds = [goal_seed("train", "expert", task.name, index) for index in range(20)]
    seed = next(s for s in seeds if np.random.default_rng(s).choice(EXPERT_NOISE) == 0)
    (labelled,) = _label_episodes(task.name, None, [seed], task.suite.horizon)
    episode = run_episode(task, task.make_environment(), expert, seed)
    assert labelled.success
    assert labelled.transitions.labels.shape[1:] == (1, 8)
    expected = min(task.suite.horizon, episode.steps + task.suite.settling)
    assert len(labelled.transitions) == expected


@needs_maniskill
def test_an_episode_that_is_run_to_its_end_may_lose_its_success() -> None:
    """A cube that was held at its goal and then let go: the flag was 1, and is 0 at the end."""
    task = get_task("PickCube-v1")
    (expert,) = task.make_experts()
    environment = task.make_environment()
    high = next(seed for seed in range(50) if environment.reset(seed=seed)[0][28] > 0.15)
    let_go: list[bool] = []

    def drop(observation: np.ndarray) -> np.ndarray:
        there = np.linalg.norm(observation[39:42]) < 0.02 and np.abs(observation[9:16]).max() < 0.1
        let_go.append(bool(there) or any(let_go))
        return np.array([0] * 7 + [1], np.float32) if let_go[-1] else expert(observation)

    further = task.suite.horizon
    kept = run_episode(task, environment, expert, high, steps_after_success=further)
    lost = run_episode(task, environment, drop, high, steps_after_success=further)
    assert kept.success
    assert kept.success_at_end
    assert lost.success
    assert not lost.success_at_end
    assert len(let_go) == task.suite.horizon
