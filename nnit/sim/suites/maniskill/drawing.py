"""A MuJoCo model of a ManiSkill scene, to look at: it moves nothing, and is posed as SAPIEN's scene is.

SAPIEN's own pictures need Vulkan. Films and recordings read `model` and `data` of an environment, and find
them here. The arm's shapes are those of MuJoCo Menagerie (Apache-2.0), simplified by `app.make.panda`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy

from nnit.sim.physics import mujoco

SHAPES = Path(__file__).with_name("panda.safetensors")
_UNIT = 1e-4  # metres, of the vertices in that file
_SHADES = {"light": (0.9, 0.92, 0.93, 1.0), "dark": (0.25, 0.25, 0.25, 1.0)}
# Shapes by the links that carry them.
_LINKS = {
    **{f"panda_link{number}": f"link{number}" for number in range(8)},
    "panda_hand": "hand",
    "panda_leftfinger": "left_finger",
    "panda_rightfinger": "left_finger",
}
_HALF_TURN = (0.0, 0.0, 0.0, 1.0)  # about z, of the right finger
_TABLE = ((-0.12, 0.0, -0.46), (0.6045, 1.209, 0.4598), (0.75, 0.68, 0.6, 1.0))  # middle, half size
_FLOOR = -0.92
_RED, _GREEN, _BLUE = (0.85, 0.2, 0.15, 1.0), (0.2, 0.62, 0.3, 1.0), (0.1, 0.25, 0.65, 1.0)
_GOAL, _WHITE = (0.2, 0.75, 0.3, 0.45), (0.97, 0.97, 0.97, 1.0)

PoseOf = Callable[[], tuple[np.ndarray, np.ndarray]]


class Picture:
    """The MuJoCo model of one scene.

    Attributes:
        model: of the arm, the table and what the task shows.
        data: their poses, as they were at the last `follow`.
    """

    def __init__(self, base: Any) -> None:
        """The picture of a ManiSkill environment that has been reset once."""
        self._base = base
        self._spec = mujoco.MjSpec()
        self._spec.visual.headlight.ambient = [0.45] * 3
        self._spec.visual.headlight.diffuse = [0.35] * 3
        self._spec.worldbody.add_light(pos=[0.5, -0.8, 2.5], dir=[-0.2, 0.3, -1], diffuse=[0.6] * 3)
        sky = self._spec.add_texture(name="sky", type=mujoco.mjtTexture.mjTEXTURE_SKYBOX)
        sky.builtin, sky.width, sky.height = mujoco.mjtBuiltin.mjBUILTIN_GRADIENT, 64, 384
        sky.rgb1, sky.rgb2 = [0.93, 0.94, 0.95], [0.75, 0.78, 0.82]
        self._followed: list[PoseOf] = []
        self._add_room()
        self._add_arm(base)
        for name, add in _THINGS.items():
            if hasattr(base, name):
                add(self, getattr(base, name))
        self.model = self._spec.compile()
        self.data = mujoco.MjData(self.model)

    def follow(self) -> None:
        """Take the poses that the scene has now."""
        for body, pose_of in enumerate(self._followed):
            self.data.mocap_pos[body], self.data.mocap_quat[body] = pose_of()
        mujoco.mj_kinematics(self.model, self.data)
        mujoco.mj_camlight(self.model, self.data)

    def _add_room(self) -> None:
        world, (middle, half, colour) = self._spec.worldbody, _TABLE
        world.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, pos=middle, size=half, rgba=colour)
        floor = mujoco.mjtGeom.mjGEOM_PLANE
        world.add_geom(type=floor, pos=[0, 0, _FLOOR], size=[3, 3, 1], rgba=[0.86, 0.86, 0.84, 1])

    def _add_arm(self, base: Any) -> None:
        shapes = safetensors.numpy.load_file(SHAPES)
        for name in {key.rsplit(".", 1)[0] for key in shapes}:
            mesh = self._spec.add_mesh(name=name)
            mesh.uservert = (shapes[f"{name}.vertices"].astype(np.float64) * _UNIT).ravel()
            mesh.userface = shapes[f"{name}.faces"].astype(np.int32).ravel()
        names = sorted(key.rsplit(".", 1)[0] for key in shapes if key.endswith(".faces"))
        for link in base.agent.robot.links:
            if (shape := _LINKS.get(link.name)) is None:
                continue
            body = self._body(lambda entity=link._objs[0].entity: _pose(entity))  # type: ignore[misc]
            for name in names:
                part, shade = name.split(".")
                if part == shape:
                    geom = body.add_geom(type=mujoco.mjtGeom.mjGEOM_MESH, meshname=name)
                    geom.rgba = _SHADES[shade]
                    if link.name == "panda_rightfinger":
                        geom.quat = _HALF_TURN

    def _body(self, pose_of: PoseOf) -> Any:
        self._followed.append(pose_of)
        return self._spec.worldbody.add_body(mocap=True)

    def _box(self, actor: Any, half: Any, colour: Any, at: Any = (0.0, 0.0, 0.0)) -> None:
        body = self._body(lambda entity=actor._objs[0]: _pose(entity))  # type: ignore[misc]
        body.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, size=half, rgba=colour, pos=at)

    def red_cube(self, actor: Any) -> None:
        """A cube."""
        self._box(actor, (0.02,) * 3, _RED)

    def green_cube(self, actor: Any) -> None:
        """Another cube."""
        self._box(actor, (0.02,) * 3, _GREEN)

    def blue_cube(self, actor: Any) -> None:
        """The cube of pushing and pulling."""
        self._box(actor, (0.02,) * 3, _BLUE)

    def peg(self, actor: Any) -> None:
        """A peg of two colours."""
        self._box(actor, (0.06, 0.025, 0.025), _RED, (-0.06, 0.0, 0.0))
        self._box(actor, (0.06, 0.025, 0.025), _BLUE, (0.06, 0.0, 0.0))

    def goal_ball(self, actor: Any) -> None:
        """Where the cube should be, in the air."""
        body = self._body(lambda entity=actor._objs[0]: _pose(entity))  # type: ignore[misc]
        body.add_geom(type=mujoco.mjtGeom.mjGEOM_SPHERE, size=[0.025, 0, 0], rgba=_GOAL)

    def goal_discs(self, actor: Any) -> None:
        """Where the cube should be, on the table: rings, red and white, as wide as the task's goal."""
        body = self._body(lambda entity=actor._objs[0]: _pose(entity))  # type: ignore[misc]
        for ring in range(5):
            size = [self._base.goal_radius * (5 - ring) / 5, 2e-4 * (ring + 1), 0]
            disc = body.add_geom(type=mujoco.mjtGeom.mjGEOM_CYLINDER, size=size)
            disc.rgba = _WHITE if ring % 2 else _RED
            disc.quat = [0.5**0.5, 0, 0.5**0.5, 0]  # a disc of SAPIEN's has its axis along x


def _pose(entity: Any) -> tuple[np.ndarray, np.ndarray]:
    pose = entity.pose
    return pose.p, pose.q


# What the tasks call what they show.
_THINGS: dict[str, Callable[[Picture, Any], None]] = {
    "cube": Picture.red_cube,
    "cubeA": Picture.red_cube,
    "cubeB": Picture.green_cube,
    "obj": Picture.blue_cube,
    "peg": Picture.peg,
    "goal_site": Picture.goal_ball,
    "goal_region": Picture.goal_discs,
}
