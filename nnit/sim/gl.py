"""Which OpenGL can draw here without a screen, found by trying.

MuJoCo draws through one of two off-screen interfaces: EGL, which finds a GPU where there is one and
Mesa's software renderer otherwise, or OSMesa, which is always software. Either may be missing, and a
broken one can end the process, so each is tried in a process of its own: `python -m nnit.sim.gl egl`.
"""

import functools
import importlib
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnit.errors import UserError

_CANDIDATES = ("egl", "osmesa")
# Values of MUJOCO_GL by which MuJoCo itself chooses (it would choose GLFW, which needs a screen).
_UNDECIDED = ("", "1", "on", "true", "enable", "enabled")
_SOFTWARE_RENDERERS = ("llvmpipe", "softpipe", "swrast", "software")
_PROBE_TIMEOUT_SECONDS = 60
_PROBE_FRAMES = 8

# Enough vertices that drawing, not overhead, is what the probe times: about 100,000.
_PROBE_SCENE = """<mujoco>
  <visual><quality offsamples="0" numslices="64" numstacks="64"/></visual>
  <worldbody>
    <light pos="0 0 4"/>
    <geom type="plane" size="4 4 .1"/>
    <replicate count="12" euler="0 0 30"><geom type="sphere" pos="1 0 .3" size=".25"/></replicate>
  </worldbody>
</mujoco>"""


class GLUnavailable(UserError):  # noqa: N818, a state of the machine more than an error
    """Nothing can be drawn here; the message says what to install."""


@dataclass(frozen=True)
class Backend:
    """A way to draw that was tried and works.

    Attributes:
        name: "egl", "osmesa" or "glfw", as in the environment variable MUJOCO_GL.
        renderer: what OpenGL calls itself, such as "llvmpipe (LLVM 15.0.6, 256 bits)".
        seconds_per_frame: of a small test scene at 480x360.
    """

    name: str
    renderer: str
    seconds_per_frame: float

    @property
    def software(self) -> bool:
        """Whether the processor draws, not a GPU."""
        return any(word in self.renderer.lower() for word in _SOFTWARE_RENDERERS)

    def make_context(self, width: int, height: int) -> Any:
        """A GL context; it belongs to the thread that calls its `make_current()`."""
        return importlib.import_module(f"mujoco.{self.name}").GLContext(width, height)


def _candidates() -> tuple[str, ...]:
    """The backends to try: the user's own if MUJOCO_GL is set, or the one that is loaded already."""
    wanted = os.environ.get("MUJOCO_GL", "").lower().strip()
    if wanted in _UNDECIDED:
        # PyOpenGL, through which MuJoCo draws, can be for one platform only in the life of a process.
        wanted = os.environ.get("PYOPENGL_PLATFORM", "").lower().strip()
    if wanted in _UNDECIDED:
        return _CANDIDATES
    if wanted in (*_CANDIDATES, "glfw"):
        return (wanted,)
    raise GLUnavailable(
        f'MUJOCO_GL is set to "{wanted[:20]}", with which no videos can be made; '
        f"unset it, or set it to {' or '.join(_CANDIDATES)}"
    )


def _probe(name: str) -> Backend | None:
    """The backend `name` if it can draw, tried in another process."""
    environment = {**os.environ, "MUJOCO_GL": name}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "nnit.sim.gl", name],
            cwd=Path(__file__).parents[2],  # nnit need not be installed
            env=environment,
            capture_output=True,
            text=True,
            timeout=_PROBE_TIMEOUT_SECONDS,
            check=True,
        )
        return Backend(**json.loads(done.stdout.splitlines()[-1]))
    except (subprocess.SubprocessError, OSError, ValueError, IndexError, TypeError):
        return None


@functools.cache
def _working() -> tuple[Backend, ...]:
    """The backends that work; also that none does is found out only once."""
    # One after the other: side by side they would time each other.
    return tuple(backend for name in _candidates() if (backend := _probe(name)) is not None)


def choose_backend() -> Backend:
    """The best backend that works: one with a GPU, otherwise the fastest. Tried once a process.

    Raises:
        GLUnavailable: none works.
    """
    if not _working():
        raise GLUnavailable(
            "no OpenGL library works here, so no videos can be made; install one, for example with "
            "`apt-get install libosmesa6 libegl1 libgl1-mesa-dri`, and start again"
        )
    return min(_working(), key=lambda backend: (backend.software, backend.seconds_per_frame))


def _measure(name: str) -> Backend:
    """Draw the test scene in this process."""
    import mujoco
    import numpy as np

    backend = Backend(name, "", 0.0)
    width, height = 480, 360
    context = backend.make_context(width, height)
    context.make_current()
    model = mujoco.MjModel.from_xml_string(_PROBE_SCENE)
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    drawing = mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_100)
    mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, drawing)
    scene = mujoco.MjvScene(model, 100)
    scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = False
    camera, option = mujoco.MjvCamera(), mujoco.MjvOption()
    camera.distance, camera.elevation = 4.0, -30.0
    rectangle = mujoco.MjrRect(0, 0, width, height)
    frame = np.zeros((height, width, 3), np.uint8)
    mujoco.mjv_updateScene(model, data, option, None, camera, mujoco.mjtCatBit.mjCAT_ALL, scene)
    started = time.perf_counter()
    for number in range(_PROBE_FRAMES):
        if number == 1:  # The first frame compiles shaders.
            started = time.perf_counter()
        mujoco.mjr_render(rectangle, scene, drawing)
        mujoco.mjr_readPixels(frame, None, rectangle, drawing)
    seconds = (time.perf_counter() - started) / (_PROBE_FRAMES - 1)
    if frame.min() == frame.max():
        raise RuntimeError("the picture is empty")
    gl = importlib.import_module("OpenGL.GL")
    renderer = gl.glGetString(gl.GL_RENDERER).decode()
    drawing.free()
    context.free()
    return Backend(name, renderer, seconds)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(vars(_measure(sys.argv[1]))) + "\n")
