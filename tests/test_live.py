"""The live robot: its scenes against the simulator's, its starts, and its physics in Node.js against Python's."""

import gzip
import hashlib
import json
import shutil

import numpy as np
import pytest

from app.engine.live import LIVE_FILES, scene_facts, scene_file
from app.make.live import write_scenes
from app.make.parity import compare, networks
from nnit.sim.flat_scene import flatten
from nnit.sim.live_scene import live_scene, start_of
from nnit.sim.physics import mujoco
from nnit.sim.rollout import worker_environment
from nnit.sim.suites.metaworld.tasks import MT10

# Of what is packed, see app/static/README.md.
MUJOCO = {
    "mujoco.wasm.gz": "9eb895c79cb4d4a6d88bf2d9a449081a5a5c132e6a705ed90252a14b7f21ade8",
    "mujoco.js.gz": "1b74d494f7b0c8aa42629d105de4707a361c7b01065e47d3a100790d2951e008",
}


@pytest.mark.parametrize("task", MT10)
def test_a_flat_scene_has_the_places_and_masses_of_the_whole_one(task):
    environment = worker_environment(task)
    environment.reset(seed=1)
    model = environment.unwrapped.model
    scene = flatten(model)
    flat = mujoco.MjModel.from_xml_string(scene.xml)
    flat.eq_data[:] = model.eq_data
    ours, theirs = mujoco.MjData(model), mujoco.MjData(flat)
    ours.qpos[:9] += 0.1 * np.random.default_rng(0).random(9)
    theirs.qpos[:] = ours.qpos
    mujoco.mj_forward(model, ours)
    mujoco.mj_forward(flat, theirs)
    at = list(scene.drawn_at)
    assert np.array_equal(ours.geom_xpos, theirs.geom_xpos[at])
    assert np.array_equal(ours.geom_xmat, theirs.geom_xmat[at])
    assert np.array_equal(ours.site_xpos, theirs.site_xpos)
    np.testing.assert_allclose(ours.qM, theirs.qM, rtol=1e-12)
    np.testing.assert_allclose(ours.qfrc_bias, theirs.qfrc_bias, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("task", MT10)
def test_starts_are_those_of_the_environment(task):
    environment = worker_environment(task)
    for seed in (1, 2**31 + 5):
        environment.reset(seed=seed)
        start = start_of(scene_facts(task)["space"], seed)
        assert start["draw"] == environment.unwrapped._last_rand_vec.tolist()


def test_shipped_scenes_are_those_of_the_simulator(tmp_path):
    for task in MT10:
        assert scene_facts(task) == json.loads(json.dumps(live_scene(task)))
    write_scenes(tmp_path)
    for task in MT10:
        written, shipped = ((f / scene_file(task)).read_bytes() for f in (tmp_path, LIVE_FILES))
        assert gzip.decompress(written) == gzip.decompress(shipped)


def test_mujoco_is_the_build_that_the_notes_name():
    for name, checksum in MUJOCO.items():
        content = gzip.decompress((LIVE_FILES / name).read_bytes())
        assert hashlib.sha256(content).hexdigest() == checksum
    size = sum((LIVE_FILES / name).stat().st_size for name in MUJOCO)
    assert size + max((LIVE_FILES / scene_file(task)).stat().st_size for task in MT10) < 2.5e6


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
def test_undisturbed_episodes_are_those_of_python():
    rows = compare(networks("27-45"), 2)
    assert {row.task for row in rows} == set(MT10)
    hands = [hand for row in rows for hand in row.hand]
    assert np.median(hands) < 0.001
    # A peg that slips in the fingers is the one thing that tells the two apart.
    assert max(hands) < 0.03
    assert sum(row.same for row in rows) >= 2 * len(MT10) - 1
    for row in rows:
        if row.task != "peg-insert-side-v3":
            assert row.same == 2
            assert all(abs(a[1] - b[1]) <= 2 for a, b in zip(row.ours, row.theirs, strict=True))
