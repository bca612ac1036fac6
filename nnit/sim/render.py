"""Films of a robot driven by a policy: headless MuJoCo pictures, encoded as mp4.

A GL context belongs to the thread that made it, so whoever serves many callers keeps one
`SceneRenderer` in one thread; a command that makes one film uses `render_policy`. Importing this module
loads no GL library.
"""

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from jaxtyping import Float32, UInt8

from nnit.errors import UserError
from nnit.mlp.policy import Policy
from nnit.sim.gl import Backend, choose_backend
from nnit.sim.physics import mujoco
from nnit.sim.recording import poses_per_second, steps_per_pose
from nnit.sim.rollout import check_fits, goal_of, run_episode
from nnit.sim.suites import Suite, Task, get_task
from nnit.sim.suites.base import Camera
from nnit.sim.video import Mp4Writer

WIDTH, HEIGHT = 480, 360
# Tasks are done in about one second, too fast to follow, so films run at half speed.
SLOWDOWN = 2
# Who has not succeeded after 3 s mostly never will, so the film then runs four times as fast, twice real
# time, which also costs a quarter.
_FAST_AFTER_SECONDS = 3.0
_TIMES_FASTER = 4
_SECONDS_AFTER_SUCCESS = 0.5
_SCENES_KEPT = 12
_MAX_GEOMS = 2000
# A group of geoms that no scene here uses and that is never drawn.
_HIDDEN_GROUP = 5

Progress = Callable[[int, int], None]


def frames_per_second(suite: Suite) -> float:
    """Pictures a second in films of a suite's tasks."""
    return poses_per_second(suite) / SLOWDOWN


def steps_after_success(suite: Suite) -> int:
    """How many steps films and recordings go on after success."""
    return round(_SECONDS_AFTER_SUCCESS * suite.steps_per_second)


@dataclass(frozen=True, eq=False)
class Clip:
    """A film of one episode.

    Attributes:
        success: whether the episode succeeded.
        steps: number of steps until success, or the horizon.
        video: mp4 (H.264, yuv420p), its index at the start so that browsers play it at once.
        frames: number of pictures.
        seconds: length of the film.
        fast_after: second from which the film runs at twice real time, if it is that long.
        observations: (steps, observation_size), what the policy saw.
    """

    success: bool
    steps: int
    video: bytes
    frames: int
    seconds: float
    fast_after: float | None
    observations: Float32[np.ndarray, "steps observation"]


class Scene:
    """One task's simulator and all that is needed to draw it; belongs to the thread that made it."""

    def __init__(self, task: Task, backend: Backend, width: int, height: int) -> None:
        self.task = task
        self.environment = task.new_environment()
        base: Any = self.environment.unwrapped
        self.model: mujoco.MjModel = base.model
        self.data: mujoco.MjData = base.data
        quality = self.model.vis.quality
        quality.offsamples = 0 if backend.software else 4
        frame = self.model.vis.global_
        frame.offwidth, frame.offheight = max(frame.offwidth, width), max(frame.offheight, height)
        self._drawing = mujoco.MjrContext(self.model, mujoco.mjtFontScale.mjFONTSCALE_100)
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self._drawing)
        self._scene = mujoco.MjvScene(self.model, _MAX_GEOMS)
        for flag in (mujoco.mjtRndFlag.mjRND_SHADOW, mujoco.mjtRndFlag.mjRND_REFLECTION):
            self._scene.flags[flag] = not backend.software
        self._option = mujoco.MjvOption()
        self._option.geomgroup[_HIDDEN_GROUP] = False
        self._camera = mujoco.MjvCamera()
        azimuth, elevation, distance, lookat = camera_of(task)
        self._camera.azimuth, self._camera.elevation = azimuth, elevation
        self._camera.distance, self._camera.lookat[:] = distance, lookat
        self._rectangle = mujoco.MjrRect(0, 0, width, height)
        self._frame = np.zeros((height, width, 3), np.uint8)
        self._groups = self.model.geom_group.copy()
        self._position, self._planes = _frustum(task, frame.fovy, width / height)

    def _hide_what_is_out_of_view(self) -> None:
        """Skip geoms outside the picture: half of the vertices are the robot's foot and shoulder."""
        rotation = self.data.geom_xmat.reshape(-1, 3, 3)  # (geoms, 3, 3)
        middle, half_size = self.model.geom_aabb[:, :3], self.model.geom_aabb[:, 3:]
        centre = self.data.geom_xpos + np.einsum("gij,gj->gi", rotation, middle)
        depth = (centre - self._position) @ self._planes.T  # (geoms, 4), inside where positive
        reach = np.einsum("gj,gpj->gp", half_size, np.abs(self._planes @ rotation))
        endless = self.model.geom_rbound == 0  # the floor
        outside = (depth < -reach).any(axis=1) & ~endless
        self.model.geom_group[:] = np.where(outside, _HIDDEN_GROUP, self._groups)

    def draw(self) -> UInt8[np.ndarray, "height width 3"]:
        """A picture of the simulator as it is now."""
        self._hide_what_is_out_of_view()
        every = mujoco.mjtCatBit.mjCAT_ALL
        mujoco.mjv_updateScene(
            self.model, self.data, self._option, None, self._camera, every, self._scene
        )
        mujoco.mjr_render(self._rectangle, self._scene, self._drawing)
        mujoco.mjr_readPixels(self._frame, None, self._rectangle, self._drawing)
        return self._frame[::-1].copy()  # OpenGL counts rows from below.

    def close(self) -> None:
        """Free what the GL context holds for this scene."""
        self._drawing.free()
        self.environment.close()


def camera_of(task: Task) -> Camera:
    """Where a task's scene is looked at from.

    Raises:
        UserError: the task has no scene.
    """
    if task.description.camera is None:
        raise UserError(f"{task.name} has no scene to look at")
    return task.description.camera


def _frustum(task: Task, fovy: float, aspect: float) -> tuple[np.ndarray, np.ndarray]:
    """Where the camera is, (3,), and the inward normals of the view's four sides, (4, 3)."""
    azimuth, elevation, distance, lookat = camera_of(task)
    a, e = math.radians(azimuth), math.radians(elevation)
    forward = np.array([math.cos(e) * math.cos(a), math.cos(e) * math.sin(a), math.sin(e)])
    right = np.array([math.sin(a), -math.cos(a), 0.0])
    up = np.cross(right, forward)
    half_height = math.radians(fovy) / 2
    half_width = math.atan(math.tan(half_height) * aspect)
    normals = [
        math.sin(half) * forward + sign * math.cos(half) * side
        for half, side in ((half_width, right), (half_height, up))
        for sign in (1, -1)
    ]
    return np.asarray(lookat) - distance * forward, np.stack(normals)


class SceneRenderer:
    """Draws scenes and films with one GL context; use it only in the thread that made it."""

    def __init__(self, width: int = WIDTH, height: int = HEIGHT) -> None:
        """Take a context of the best backend for frames of one size in pixels, both even.

        Raises:
            GLUnavailable: nothing can be drawn here.
        """
        if width % 2 or height % 2:
            raise UserError(f"a film of {width}x{height} is not possible, both must be even")
        self.width, self.height = width, height
        self.backend = choose_backend()
        self._context = self.backend.make_context(width, height)
        self._context.make_current()
        self._scenes: OrderedDict[str, Scene] = OrderedDict()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def scene(self, task: str) -> Scene:
        """The scene of a task, kept from the last time if it was among the latest few."""
        if task not in self._scenes:
            self._scenes[task] = Scene(get_task(task), self.backend, self.width, self.height)
            while len(self._scenes) > _SCENES_KEPT:
                self._scenes.popitem(last=False)[1].close()
        self._scenes.move_to_end(task)
        return self._scenes[task]

    def picture(self, task: str, seed: int) -> UInt8[np.ndarray, "height width 3"]:
        """The scene of a task at the start of the episode that `seed` names."""
        scene = self.scene(task)
        scene.environment.reset(seed=seed)
        return scene.draw()

    def film(self, policy: Policy, seed: int, *, progress: Progress | None = None) -> Clip:
        """Run one episode and film it.

        Args:
            policy: what drives the robot.
            seed: names the goal.
            progress: called with (steps done, horizon), now and then.
        """
        check_fits(policy)
        scene = self.scene(policy.task)
        suite = scene.task.suite
        rate, fast_from = frames_per_second(suite), _FAST_AFTER_SECONDS * suite.steps_per_second
        with Mp4Writer(self.width, self.height, rate) as encoder:
            step, slow = -1, steps_per_pose(suite)
            fast_after: float | None = None

            def on_step() -> None:
                nonlocal step, fast_after
                step += 1
                fast = step > fast_from
                if step % (_TIMES_FASTER * slow if fast else slow) == 0:
                    if fast and fast_after is None:
                        fast_after = encoder.count / rate
                    encoder.add(scene.draw())
                    if progress is not None:
                        progress(step, suite.horizon)

            episode = run_episode(
                scene.task,
                scene.environment,
                policy.act,
                seed,
                goal=goal_of(scene.task, policy.provenance),
                record=True,
                on_step=on_step,
                steps_after_success=steps_after_success(suite),
            )
        return Clip(
            success=episode.success,
            steps=episode.steps,
            video=encoder.video,
            frames=encoder.count,
            seconds=encoder.count / rate,
            fast_after=fast_after,
            observations=episode.observations,
        )

    def close(self) -> None:
        """Free the context and all that it holds."""
        for scene in self._scenes.values():
            scene.close()
        self._scenes.clear()
        self._context.free()


def render_policy(
    policy: Policy,
    seed: int,
    *,
    width: int = WIDTH,
    height: int = HEIGHT,
    progress: Progress | None = None,
) -> Clip:
    """Run one episode of a policy and film it, in this thread, with a GL context of its own.

    Raises:
        GLUnavailable: nothing can be drawn here.
    """
    with SceneRenderer(width, height) as renderer:
        return renderer.film(policy, seed, progress=progress)
