"""Recorded poses against the simulator, and the shipped meshes against its models."""

import dataclasses
import json

import numpy as np
import pytest
from experts import ExpertPolicy
from scipy.spatial.transform import Rotation

from app.engine.checkpoint import description
from app.make.meshes import STATIC, make_meshes
from app.widgets.replay.replay import replay_data
from nnit.sim.recording import steps_per_pose
from nnit.sim.replay import mesh_name, mesh_of, record, shown_geoms
from nnit.sim.rollout import run_episode, worker_environment
from nnit.sim.suites import get_task

SEED = 2**31 + 5


@pytest.fixture(scope="module")
def recording():
    return record(ExpertPolicy("reach-v3"), SEED)


def test_poses_are_those_of_the_simulator(recording):
    policy, environment = ExpertPolicy("reach-v3"), worker_environment("reach-v3")
    model, data = environment.unwrapped.model, environment.unwrapped.data
    geoms = shown_geoms(model)
    seen = []

    def on_step() -> None:
        seen.append((data.geom_xpos[geoms].copy(), data.geom_xmat[geoms].copy()))

    episode = run_episode(
        get_task("reach-v3"),
        environment,
        policy.act,
        SEED,
        on_step=on_step,
        steps_after_success=40,
    )
    assert (recording.success, recording.steps) == (True, episode.steps)
    every = steps_per_pose(get_task("reach-v3").suite)
    assert every == 2
    assert len(recording.poses) == len(seen[::every])
    for poses, (places, matrices) in zip(recording.poses, seen[::every], strict=True):
        np.testing.assert_allclose(poses[: len(geoms), :3], places, atol=1e-5)
        turned = Rotation.from_quat(poses[: len(geoms), 3:]).as_matrix()
        np.testing.assert_allclose(turned, matrices.reshape(-1, 3, 3), atol=1e-5)


def test_the_same_episode_gives_the_same_poses(recording):
    again = record(ExpertPolicy("reach-v3"), SEED)
    assert np.array_equal(again.poses, recording.poses)
    assert again.shapes == recording.shapes


def test_the_browser_gets_only_what_moves(recording):
    data = replay_data(recording)
    assert 0 < len(data["moving"]) < len(data["shapes"]) == len(data["start"])
    assert len(data["poses"]) < 400_000
    kinds = {shape["kind"] for shape in data["shapes"]}
    assert {"mesh", "box", "sphere"} <= kinds


def test_without_something_to_follow_there_is_no_path(recording):
    data = replay_data(dataclasses.replace(recording, hand=None))
    assert data["hand"] == []
    assert replay_data(recording)["hand"]


def test_the_goal_is_among_the_shapes(recording):
    """Reach marks its goal with a red site; it is where the hand is at the end."""
    red = [i for i, s in enumerate(recording.shapes) if s.kind == "sphere" and s.colour[0] > 0.7]
    ends = recording.poses[-1, red, :3]
    hand = recording.poses[-1, :, :3]
    distances = [np.linalg.norm(hand - end, axis=1) for end in ends]
    assert min(np.partition(d, 3)[3] for d in distances) < 0.12


def test_shipped_meshes_are_those_of_the_models(tmp_path):
    index = json.loads((STATIC / "meshes.json").read_text())
    content = (STATIC / "meshes.bin").read_bytes()
    for task in description().tasks:
        model = worker_environment(task).unwrapped.model
        for geom in shown_geoms(model):
            if (mesh := int(model.geom_dataid[geom])) < 0:
                continue
            vertices, faces = mesh_of(model, mesh)
            entry = index[mesh_name(vertices, faces)]
            start = entry["offset"]
            whole = np.frombuffer(content, "<i2", 3 * entry["vertices"], start)
            np.testing.assert_allclose(
                whole.reshape(-1, 3) * entry["scale"], vertices, atol=entry["scale"]
            )
            corners = np.frombuffer(content, "<u2", 3 * entry["faces"], start + 2 * len(whole))
            assert np.array_equal(corners.reshape(-1, 3), faces)
            assert entry["file"] == "meshes.bin"
    make_meshes(description().tasks, tmp_path)
    assert (tmp_path / "meshes.bin").read_bytes() == content
    again = json.loads((tmp_path / "meshes.json").read_text())
    assert {**index, **again} == index
