"""Episodes as poses: what a browser needs to draw one in 3D, recorded without any GL library."""

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float32, Int
from scipy.spatial.transform import Rotation

from nnit.mlp.policy import Policy
from nnit.sim.physics import mujoco
from nnit.sim.recording import Recording, Shape, steps_per_pose
from nnit.sim.render import steps_after_success
from nnit.sim.rollout import check_fits, goal_of, run_episode, worker_environment

# MuJoCo draws these groups unless told otherwise, so the films show them.
_SHOWN_GROUPS = (0, 1, 2)
_KINDS = {
    int(getattr(mujoco.mjtGeom, f"mjGEOM_{name.upper()}")): name
    for name in ("plane", "sphere", "capsule", "ellipsoid", "cylinder", "box", "mesh")
}
_TEXTURE_OF_COLOUR = int(mujoco.mjtTextureRole.mjTEXROLE_RGB)


def mesh_name(vertices: np.ndarray, faces: np.ndarray) -> str:
    """A name that follows from a mesh's content, so that tasks share the robot's."""
    return hashlib.sha256(vertices.tobytes() + faces.tobytes()).hexdigest()[:12]


def mesh_of(
    model: Any, mesh: int
) -> tuple[Float32[np.ndarray, "vertices 3"], Int[np.ndarray, "faces 3"]]:
    """Vertices in metres and faces of a model's mesh."""
    start, count = model.mesh_vertadr[mesh], model.mesh_vertnum[mesh]
    first, faces = model.mesh_faceadr[mesh], model.mesh_facenum[mesh]
    return model.mesh_vert[start : start + count], model.mesh_face[first : first + faces]


def shown_geoms(model: Any) -> list[int]:
    """Geoms that the films show."""
    return [
        geom
        for geom in range(model.ngeom)
        if model.geom_group[geom] in _SHOWN_GROUPS
        and int(model.geom_type[geom]) in _KINDS
        and _colour(model, geom)[3] > 0
    ]


def _colour(model: Any, geom: int) -> tuple[float, float, float, float]:
    """A geom's colour; of a texture its mean."""
    material = int(model.geom_matid[geom])
    rgba = model.geom_rgba[geom] if material < 0 else model.mat_rgba[material]
    red, green, blue, opacity = map(float, rgba)
    texture = -1 if material < 0 else int(model.mat_texid[material][_TEXTURE_OF_COLOUR])
    if texture >= 0:
        start, channels = int(model.tex_adr[texture]), int(model.tex_nchannel[texture])
        size = int(model.tex_width[texture] * model.tex_height[texture] * channels)
        mean = model.tex_data[start : start + size].reshape(-1, channels).mean(0) / 255
        red, green, blue = red * mean[0], green * mean[1], blue * mean[2]
    return float(red), float(green), float(blue), opacity


def shown_sites(model: Any) -> list[int]:
    """Sites that the films show, marks of goals among them; which they are is known after a reset only."""
    shown = (model.site_rgba[:, 3] > 0) & np.isin(model.site_group, _SHOWN_GROUPS)
    return [int(site) for site in np.flatnonzero(shown)]


def shapes_of(model: Any, geoms: list[int], sites: list[int]) -> tuple[Shape, ...]:
    """What is drawn of geoms, then of sites."""
    shapes = []
    for geom in geoms:
        kind = _KINDS[int(model.geom_type[geom])]
        mesh = mesh_name(*mesh_of(model, int(model.geom_dataid[geom]))) if kind == "mesh" else None
        size = tuple(map(float, model.geom_size[geom]))
        shapes.append(Shape(kind, size, _colour(model, geom), mesh))
    for site in sites:
        size, colour = (tuple(map(float, row[site])) for row in (model.site_size, model.site_rgba))
        shapes.append(Shape(_KINDS[int(model.site_type[site])], size, colour))
    return tuple(shapes)


def record(
    policy: Policy, seed: int, *, progress: Callable[[int, int], None] | None = None
) -> Recording:
    """Run the episode that `SceneRenderer.film` would film, and record its poses.

    Args:
        policy: what drives the robot.
        seed: names the goal.
        progress: called with (steps done, horizon), now and then.
    """
    environment = worker_environment(policy.task)
    base: Any = environment.unwrapped
    model, data = base.model, base.data
    geoms = shown_geoms(model)
    task = check_fits(policy)
    places: list[np.ndarray] = []
    turns: list[np.ndarray] = []
    sites: list[int] = []
    step, every = -1, steps_per_pose(task.suite)

    def on_step() -> None:
        nonlocal step
        step += 1
        if step == 0:
            sites.extend(shown_sites(model))
        if step % every:
            return
        places.append(np.concatenate([data.geom_xpos[geoms], data.site_xpos[sites]]))
        turns.append(np.concatenate([data.geom_xmat[geoms], data.site_xmat[sites]]))
        if progress is not None:
            progress(step, task.suite.horizon)

    episode = run_episode(
        task,
        environment,
        policy.act,
        seed,
        goal=goal_of(task, policy.provenance),
        record=True,
        on_step=on_step,
        steps_after_success=steps_after_success(task.suite),
    )
    matrices = np.stack(turns).reshape(-1, 3, 3)
    quaternions = Rotation.from_matrix(matrices).as_quat().reshape(len(turns), -1, 4)
    poses = np.concatenate([np.stack(places), quaternions], axis=2).astype(np.float32)
    shapes = shapes_of(model, geoms, sites)
    hand = None
    if task.suite.tracked is not None:
        # After the last step nobody observes any more.
        seen = np.minimum(every * np.arange(len(poses)), len(episode.observations) - 1)
        hand = np.ascontiguousarray(episode.observations[seen][:, slice(*task.suite.tracked)])
    return Recording(policy.task, episode.success, episode.steps, shapes, poses, hand)
