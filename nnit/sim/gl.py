"""Which OpenGL can draw here without a screen, found by trying.

MuJoCo draws through one of two off-screen interfaces: EGL, which finds a GPU where there is one and
Mesa's software renderer otherwise, or OSMesa, which is always software. Either may be missing, and a
broken one can end the process, so each is tried in a process of its own: `python -m nnit.sim.gl egl`.
"""

import functools
import importlib
import json
import os
import signal
import subprocess
import sys
import time
from ctypes.util import find_library
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnit.errors import UserError

_CANDIDATES = ("egl", "osmesa")
# Values of MUJOCO_GL by which MuJoCo itself chooses (it would choose GLFW, which needs a screen).
_UNDECIDED = ("", "1", "on", "true", "enable", "enabled")
_SOFTWARE_RENDERERS = ("llvmpipe", "softpipe", "swrast", "software")
# What each loads, as `find_library` knows it.
_LIBRARIES = {"egl": ("EGL", "GL"), "osmesa": ("OSMesa",)}
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


@dataclass(frozen=True)
class _Choice:
    """What the user decided by an environment variable; MuJoCo's own comes first.

    PyOpenGL, through which MuJoCo draws, can be for one platform only in the life of a process, so its variable
    decides too.
    """

    variable: str
    value: str


def _choice() -> _Choice | None:
    """What the user decided, if anything."""
    for variable in ("MUJOCO_GL", "PYOPENGL_PLATFORM"):
        value = os.environ.get(variable, "").lower().strip()
        if value not in _UNDECIDED:
            return _Choice(variable, value[:20])
    return None


def _candidates() -> tuple[str, ...]:
    """The backends to try: the user's own, or all."""
    choice = _choice()
    if choice is None:
        return _CANDIDATES
    if choice.value in (*_CANDIDATES, "glfw"):
        return (choice.value,)
    raise GLUnavailable(
        f'{choice.variable} is set to "{choice.value}", with which no videos can be made; '
        f"unset it, or set it to {' or '.join(_CANDIDATES)}"
    )


def _probe(name: str) -> Backend | str:
    """The backend `name` if it can draw, tried in another process; otherwise why it cannot."""
    environment = {**os.environ, "MUJOCO_GL": name}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "nnit.sim.gl", name],
            cwd=Path(__file__).parents[2],  # nnit need not be installed
            env=environment,
            capture_output=True,
            text=True,
            timeout=_PROBE_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it drew nothing in {_PROBE_TIMEOUT_SECONDS} s"
    except OSError as error:
        return f"Python could not be started to try it: {error.strerror}"
    try:
        found = json.loads(done.stdout.splitlines()[-1])
        return found["problem"] if "problem" in found else Backend(**found)
    except (ValueError, IndexError, TypeError):
        if done.returncode < 0:
            return f"it ended its process with {signal.Signals(-done.returncode).name}"
        return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1][:200]


@functools.cache
def _tried() -> dict[str, Backend | str]:
    """What became of each candidate; also that none works is found out only once."""
    # One after the other: side by side they would time each other.
    return {name: _probe(name) for name in _candidates()}


def choose_backend() -> Backend:
    """The best backend that works: one with a GPU, otherwise the fastest. Tried once a process.

    Raises:
        GLUnavailable: none works; the message says why.
    """
    tried = _tried()
    working = [backend for backend in tried.values() if isinstance(backend, Backend)]
    if working:
        return min(working, key=lambda backend: (backend.software, backend.seconds_per_frame))
    problems = "; ".join(f"{name}: {problem}" for name, problem in tried.items())
    choice = _choice()
    if choice is not None:
        raise GLUnavailable(
            f'{choice.variable} is set to "{choice.value}", which does not work here, so no videos can be '
            f"made ({problems}); unset it and what works is found"
        )
    raise GLUnavailable(
        f"no OpenGL library works here, so no videos can be made ({problems}); install one, for example "
        "with `apt-get install libosmesa6 libegl1 libgl1-mesa-dri`, and start again"
    )


def _problem(name: str, error: Exception) -> str:
    """Why a backend cannot draw, as far as this process can tell."""
    platform = os.environ.get("PYOPENGL_PLATFORM", "").strip()
    if platform and platform.lower() != name and name in _CANDIDATES:
        return f'PYOPENGL_PLATFORM is set to "{platform[:20]}", which contradicts it'
    if name == "glfw":
        screen = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        if sys.platform == "linux" and not screen:
            return "it needs a screen, and neither DISPLAY nor WAYLAND_DISPLAY names one"
    else:
        missing = [library for library in _LIBRARIES.get(name, ()) if find_library(library) is None]
        if missing:
            return f"the library lib{missing[0]} is not installed"
    device = os.environ.get("MUJOCO_EGL_DEVICE_ID", "").strip()
    if name == "egl" and device:
        return (
            f"MUJOCO_EGL_DEVICE_ID is set to {device[:20]}, and that device does not work: {error}"
        )
    return f"{error}" or type(error).__name__


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


def _report(name: str) -> dict[str, Any]:
    """A backend as JSON has it, or what the problem is."""
    try:
        return vars(_measure(name))
    except Exception as error:  # libraries raise what they like
        return {"problem": " ".join(_problem(name, error).split())[:300]}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_report(sys.argv[1])) + "\n")
