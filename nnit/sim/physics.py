"""MuJoCo, imported so that physics needs no OpenGL: `from nnit.sim.physics import mujoco`.

MuJoCo loads the OpenGL that MUJOCO_GL names as soon as it is imported, and fails where that is missing or
misspelt. Physics needs none, and `nnit.sim.gl` reads the variable when there is something to draw.
"""

import os

_wanted_gl = os.environ.get("MUJOCO_GL")
os.environ["MUJOCO_GL"] = "off"
import mujoco  # noqa: E402

if _wanted_gl is None:
    del os.environ["MUJOCO_GL"]
else:
    os.environ["MUJOCO_GL"] = _wanted_gl

__all__ = ["mujoco"]
