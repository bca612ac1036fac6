"""What is taken from ManiSkill3 itself: environments, and a shorter way to step them. Importing it takes seconds.

Source: Tao et al., `mani-skill` 3.0.1 (Apache-2.0), on SAPIEN 3.0.3 (MIT), with PhysX on the processor.

`RealEnvironment` steps ManiSkill's own environment. `DirectEnvironment` resets it, so that a seed names the
same start, and then drives SAPIEN itself: it sets the joints' targets, lets the physics go on, and reads
poses and contacts. That is faster, because ManiSkill wraps every number in tensors. Tests hold both to the
same observations and the same flag of success, to the last bit.
"""

import contextlib
import importlib
import logging
import sys
import warnings
from collections.abc import Callable
from typing import Any, SupportsFloat

import gymnasium
import numpy as np

from nnit.sim.suites.maniskill.drawing import Picture
from nnit.sim.suites.maniskill.facts import ACTION_SIZE, OBSERVATION_SIZE


class _NotDrawn:
    """Stands for a material or a texture where nothing can be drawn: takes everything, does nothing."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *_, **__: None


def _import_without_renderer() -> None:
    """Import ManiSkill on a machine without Vulkan.

    Its loaders make materials although nothing will be drawn, and SAPIEN refuses to make any without a
    device to draw with. Modules hold the two classes under names of their own, so they are replaced in each.
    """
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # about the missing Vulkan, and deprecations that are not ours
        import sapien.render
        import sapien.wrapper.actor_builder
        import sapien.wrapper.articulation_builder
        import sapien.wrapper.urdf_loader

        kinds: tuple[type, ...] = (sapien.render.RenderMaterial, sapien.render.RenderTexture2D)
        with contextlib.suppress(RuntimeError):
            sapien.render.RenderMaterial()
            kinds = ()  # it can be made: nothing need be replaced
        _replace(kinds)
        importlib.import_module("mani_skill.envs")  # registers the tasks
        _replace(kinds)
    # It warns of what its own tasks do; its name ends in a space.
    logging.getLogger("mani_skill ").setLevel(logging.ERROR)


def _replace(kinds: tuple[type, ...]) -> None:
    for module in list(sys.modules.values()):
        if not getattr(module, "__name__", "").startswith(("sapien", "mani_skill")):
            continue
        for name, value in list(vars(module).items()):
            if any(value is kind for kind in kinds):
                setattr(module, name, _NotDrawn)


with contextlib.redirect_stdout(sys.stderr):  # standard output is for results
    _import_without_renderer()


def _make(name: str) -> Any:
    """ManiSkill's environment of a task, without pictures and rewards."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about gymnasium's checks
        environment = gymnasium.make(
            name,
            obs_mode="state",
            control_mode="pd_joint_delta_pos",
            reward_mode="none",
            render_mode=None,
            sim_backend="physx_cpu",
            render_backend="none",
            num_envs=1,
        )
    return environment.unwrapped


def padded(observation: np.ndarray) -> np.ndarray:
    """The benchmark's observation with zeros behind it, (OBSERVATION_SIZE,)."""
    whole = np.zeros(OBSERVATION_SIZE, np.float32)
    whole[: len(observation)] = observation
    return whole


# Where an observation says whether the cube is grasped, which it never is at the start.
_GRASPED = {"PickCube-v1": 18}


class RealEnvironment(gymnasium.Env[np.ndarray, np.ndarray]):
    """ManiSkill's own environment of a task, with arrays instead of tensors.

    Attributes:
        base: the environment itself.
    """

    def __init__(self, name: str) -> None:
        self.base = _make(name)
        self._picture: Picture | None = None
        self._grasped = _GRASPED.get(name)
        self.observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (OBSERVATION_SIZE,))
        self.action_space = gymnasium.spaces.Box(-1, 1, (ACTION_SIZE,))

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Start the episode that `seed` names."""
        seen, _ = self.base.reset(seed=seed)
        self._show()
        observation = padded(seen[0].numpy())
        # ManiSkill reads it from the contacts that there were at the end of the episode before.
        if self._grasped is not None:
            observation[self._grasped] = 0.0
        return observation, {}

    def step(
        self, action: np.ndarray
    ) -> tuple[np.ndarray, SupportsFloat, bool, bool, dict[str, Any]]:
        """One control step."""
        observation, _, _, _, info = self.base.step(np.asarray(action, np.float32))
        success = bool(info["success"][0])
        self._show()
        return padded(observation[0].numpy()), 0.0, False, False, {"success": success}

    @property
    def model(self) -> Any:
        """MuJoCo's model of the scene, to look at; made when it is asked for first."""
        return self._drawn().model

    @property
    def data(self) -> Any:
        """The poses in that model; after every step they are those of the scene."""
        return self._drawn().data

    def _drawn(self) -> Picture:
        if self._picture is None:
            if not self.base.scene.actors:
                self.reset(seed=0)
            self._picture = Picture(self.base)
            self._picture.follow()
        return self._picture

    def _show(self) -> None:
        if self._picture is not None:
            self._picture.follow()

    def close(self) -> None:
        """Free the simulator."""
        self.base.close()


class DirectEnvironment(RealEnvironment):
    """The same, stepped by driving SAPIEN itself."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._state = _STATES[name](self.base)

    def step(
        self, action: np.ndarray
    ) -> tuple[np.ndarray, SupportsFloat, bool, bool, dict[str, Any]]:
        """One control step."""
        self._state.drive(np.asarray(action, np.float32))
        observation, success = self._state.read()
        self._show()
        return padded(observation), 0.0, False, False, {"success": success}


class _State:
    """A task's simulator: drives the arm, and reads what the task shows and when it is done."""

    # From ManiSkill's Panda: by how much a step moves a joint at most (rad), and the fingers' range (m).
    _STEP = np.float32(0.1)
    _CLOSED, _OPEN = np.float32(-0.01), np.float32(0.04)
    # From its `is_grasping`: least force (N) and largest angle to the closing direction (degrees).
    _LEAST_FORCE, _LARGEST_ANGLE = 0.5, 85.0

    def __init__(self, base: Any) -> None:
        base.reset(seed=0)  # builds the scene, once
        self.base, self.physics = base, base.scene.px
        self._arm = base.agent.robot._objs[0]
        self._joints = self._arm.active_joints
        self._tcp = base.agent.tcp._objs[0]
        self._fingers = [
            link._objs[0] for link in (base.agent.finger1_link, base.agent.finger2_link)
        ]
        self._substeps = base._sim_steps_per_control

    def drive(self, action: np.ndarray) -> None:
        """Let the physics go on for one control step."""
        action = action.clip(-1, 1)
        targets = self._arm.qpos[:7] + self._STEP * action[:7]
        half, middle = (self._OPEN - self._CLOSED) / 2, (self._OPEN + self._CLOSED) / 2
        opening = float(middle + half * action[7])
        for joint, target in zip(self._joints, (*targets.tolist(), opening, opening), strict=True):
            joint.set_drive_target(target)
        for _ in range(self._substeps):
            self.physics.step()

    def read(self) -> tuple[np.ndarray, bool]:
        """The observation, and whether the task is done."""
        self.qpos, self.qvel = self._arm.qpos, self._arm.qvel
        tcp = self._tcp.entity_pose
        self.tcp = np.concatenate([tcp.p, tcp.q])
        seen, success = self.see()
        return np.concatenate([self.qpos, self.qvel, *seen]), success

    def see(self) -> tuple[list[np.ndarray], bool]:
        """What the observation holds besides joints, and whether the task is done."""
        raise NotImplementedError

    def is_still(self) -> bool:
        """Whether no joint of the arm turns by more than 0.2 rad/s; asked after `read`."""
        return bool(np.abs(self.qvel[:-2]).max() <= np.float32(0.2))

    def is_grasped(self, thing: Any) -> bool:
        """Whether both fingers press on a thing."""
        entity = thing._bodies[0].entity
        total = np.zeros((2, 3))
        owners = [finger.entity for finger in self._fingers]
        for contact in self.physics.get_contacts():
            first, second = (body.entity for body in contact.bodies)
            if first != entity and second != entity:
                continue
            other, sign = (first, 1) if second == entity else (second, -1)
            for finger, owner in enumerate(owners):
                if other == owner:
                    for point in contact.points:
                        total[finger] += sign * point.impulse
        forces = total / self.physics.timestep
        for finger, link in enumerate(self._fingers):
            closing = link.entity_pose.to_transformation_matrix()[:3, 1] * (1, -1)[finger]
            force = float(np.linalg.norm(forces[finger]))
            if force < self._LEAST_FORCE:
                return False
            cosine = np.clip(forces[finger] @ closing / force, -1, 1)
            if np.degrees(np.arccos(cosine)) > self._LARGEST_ANGLE:
                return False
        return True


def _pose_of(actor: Any) -> np.ndarray:
    """Position in metres and orientation (quaternion w, x, y, z) of a thing, (7,)."""
    pose = actor._objs[0].pose
    return np.concatenate([pose.p, pose.q])


class _PickCube(_State):
    def see(self) -> tuple[list[np.ndarray], bool]:
        cube, goal = _pose_of(self.base.cube), _pose_of(self.base.goal_site)[:3]
        grasped = np.array([self.is_grasped(self.base.cube)], np.float32)
        placed = np.linalg.norm(goal - cube[:3]) <= np.float32(self.base.goal_thresh)
        seen = [grasped, self.tcp, goal, cube, cube[:3] - self.tcp[:3], goal - cube[:3]]
        return seen, bool(placed and self.is_still())


class _MoveCube(_State):
    """PushCube and PullCube; pushing also asks that the cube stays on the table."""

    def see(self) -> tuple[list[np.ndarray], bool]:
        cube, goal = _pose_of(self.base.obj), _pose_of(self.base.goal_region)[:3]
        there = np.linalg.norm(cube[:2] - goal[:2]) < np.float32(self.base.goal_radius)
        return [self.tcp, goal, cube], bool(there and self.is_low(cube))

    def is_low(self, cube: np.ndarray) -> bool:
        return True


class _PushCube(_MoveCube):
    def is_low(self, cube: np.ndarray) -> bool:
        return bool(cube[2] < np.float32(self.base.cube_half_size + 5e-3))


class _StackCube(_State):
    def see(self) -> tuple[list[np.ndarray], bool]:
        a, b = _pose_of(self.base.cubeA), _pose_of(self.base.cubeB)
        offset, half = a[:3] - b[:3], self.base.cube_half_size.numpy()
        above = np.linalg.norm(offset[:2]) <= np.linalg.norm(half[:2]) + np.float32(0.005)
        resting = np.abs(offset[2] - half[2] * 2) <= np.float32(0.005)
        body = self.base.cubeA._bodies[0]
        still = (
            np.linalg.norm(body.linear_velocity) <= 1e-2
            and np.linalg.norm(body.angular_velocity) <= 0.5
        )
        stacked = bool(above and resting and still) and not self.is_grasped(self.base.cubeA)
        tcp = self.tcp[:3]
        return [self.tcp, a, b, a[:3] - tcp, b[:3] - tcp, b[:3] - a[:3]], stacked


class _LiftPegUpright(_State):
    def see(self) -> tuple[list[np.ndarray], bool]:
        peg = _pose_of(self.base.peg)
        w, x, y, z = peg[3:]
        # The third of the Euler angles "XYZ" of its orientation, as ManiSkill computes it.
        turn = np.arctan2(-2 * (x * y - z * w), 1 - 2 * (y * y + z * z))
        upright = abs(abs(turn) - np.pi / 2) < 0.08
        standing = abs(peg[2] - np.float32(self.base.peg_half_length)) < 0.005
        return [self.tcp, peg], bool(upright and standing)


class _PokeCube(_State):
    def see(self) -> tuple[list[np.ndarray], bool]:
        cube, peg = _pose_of(self.base.cube), _pose_of(self.base.peg)
        goal = _pose_of(self.base.goal_region)[:3]
        # ManiSkill's "goal_pos" is the peg's place, and its peg's head does not turn with the peg.
        head = peg[:3] + np.array([self.base.peg_half_length, 0, 0], np.float32)
        placed = np.linalg.norm(cube[:2] - goal[:2]) < np.float32(self.base.goal_radius)
        ways = [peg[:3] - self.tcp[:3], cube[:3] - peg[:3], goal - cube[:3], head - cube[:3]]
        return [self.tcp, cube, peg, peg[:3], *ways], bool(placed and self.is_still())


_STATES: dict[str, type[_State]] = {
    "PickCube-v1": _PickCube,
    "PushCube-v1": _PushCube,
    "PullCube-v1": _MoveCube,
    "StackCube-v1": _StackCube,
    "LiftPegUpright-v1": _LiftPegUpright,
    "PokeCube-v1": _PokeCube,
}
