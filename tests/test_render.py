"""Films of the real simulator: sizes, content, threads, and machines without a GL library."""

import subprocess
import sys
import tempfile

import imageio_ffmpeg
import numpy as np
import pytest
from experts import ExpertPolicy

from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture
from nnit.sim import gl
from nnit.sim.gl import GLUnavailable
from nnit.sim.render import SceneRenderer, camera_of, frames_per_second
from nnit.sim.suites import get_task

SEED = 2**31 + 5
# After 3 s of 80 steps each, films run four times as fast.
FAST_AFTER_STEPS = 240
STEPS_PER_FRAME = 2
FAST_STEPS_PER_FRAME = 4 * STEPS_PER_FRAME


@pytest.fixture
def idle_policy() -> Policy:
    """A network of zeros: the robot stays where it is."""
    architecture = MLPArchitecture((8,))
    return Policy(
        task="push-v3",
        architecture=architecture,
        weights=tuple(np.zeros(shape, np.float32) for shape in architecture.shapes),
        biases=tuple(np.zeros(rows, np.float32) for rows, _ in architecture.shapes),
        observation_mean=np.zeros(39, np.float32),
        observation_scale=np.ones(39, np.float32),
    )


@pytest.fixture(scope="module")
def renderer():
    with SceneRenderer(240, 180) as renderer:
        yield renderer


def decode(video: bytes, width: int, height: int) -> np.ndarray:
    """Every frame of an mp4, (frames, height, width, 3)."""
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
        file.write(video)
        file.flush()
        raw = subprocess.run(
            [
                *[imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-i", file.name],
                *["-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
            ],
            capture_output=True,
            check=True,
        ).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)


def test_film_of_a_success_shows_it_and_goes_on_a_little(renderer):
    clip = renderer.film(ExpertPolicy("drawer-open-v3"), SEED)
    assert clip.success
    assert 40 < clip.steps < 120
    frames = decode(clip.video, 240, 180)
    assert frames.shape == (clip.frames, 180, 240, 3)
    assert clip.frames == pytest.approx((clip.steps + 40) / STEPS_PER_FRAME, abs=2)
    assert clip.seconds == pytest.approx(clip.frames / 20)
    assert frames_per_second(get_task("drawer-open-v3").suite) == 20
    # With 20 control steps a second, each of them is a picture.
    assert frames_per_second(get_task("PickCube-v1").suite) == 10
    assert clip.fast_after is None
    assert clip.observations.shape[1] == 39
    # Something is seen, and it moves.
    assert frames[0].std() > 20
    assert np.abs(frames[0].astype(int) - frames[-1]).max() > 100


def test_video_can_start_before_it_is_all_there(renderer):
    video = renderer.film(ExpertPolicy("reach-v3"), SEED).video
    assert video.index(b"moov") < video.index(b"mdat")


def test_film_of_a_failure_runs_faster_after_a_while(renderer, idle_policy):
    reports = []
    clip = renderer.film(idle_policy, SEED, progress=lambda *report: reports.append(report))
    assert not clip.success
    assert clip.steps == 500
    assert clip.fast_after == pytest.approx(FAST_AFTER_STEPS / 40, abs=0.1)
    fast = (500 - FAST_AFTER_STEPS) / FAST_STEPS_PER_FRAME
    assert clip.frames == pytest.approx(FAST_AFTER_STEPS / STEPS_PER_FRAME + fast, abs=2)
    assert reports == sorted(reports)
    assert all(horizon == 500 for _, horizon in reports)


def test_same_seed_same_film(renderer):
    expert = ExpertPolicy("push-v3")
    first, second = renderer.film(expert, SEED), renderer.film(expert, SEED)
    assert np.array_equal(first.observations, second.observations)
    other = renderer.film(expert, SEED + 1)
    assert not np.array_equal(first.observations[0], other.observations[0])


def test_hiding_what_is_out_of_view_changes_no_pixel(renderer):
    scene = renderer.scene("push-v3")
    scene.environment.reset(seed=SEED)
    hidden = scene.draw()
    assert (scene.model.geom_group == 5).sum() > 0
    scene._planes = np.zeros_like(scene._planes)
    shown = scene.draw()
    assert (scene.model.geom_group == 5).sum() == 0
    assert np.array_equal(hidden, shown)
    renderer._scenes.pop("push-v3").close()


def test_an_odd_size_is_refused():
    with pytest.raises(gl.UserError, match="even"):
        SceneRenderer(481, 360)


@pytest.mark.usefixtures("toy")
def test_a_task_without_a_scene_says_so():
    with pytest.raises(gl.UserError, match="toy-push has no scene"):
        camera_of(get_task("toy-push"))


def test_without_a_gl_library_the_message_says_what_to_install(monkeypatch):
    monkeypatch.delenv("MUJOCO_GL", raising=False)
    monkeypatch.delenv("PYOPENGL_PLATFORM", raising=False)
    monkeypatch.setattr(gl, "_tried", lambda: {"egl": "the library libEGL is not installed"})
    with pytest.raises(GLUnavailable, match=r"libEGL is not installed.*apt-get install"):
        SceneRenderer()


def test_a_backend_that_ends_its_process_is_only_not_chosen(monkeypatch):
    monkeypatch.setattr(gl, "_CANDIDATES", ("no-such-backend", "osmesa", "egl"))
    monkeypatch.delenv("MUJOCO_GL", raising=False)
    monkeypatch.delenv("PYOPENGL_PLATFORM", raising=False)
    tried = gl._tried.__wrapped__()
    assert "no-such-backend" in tried["no-such-backend"]
    working = {name for name, found in tried.items() if isinstance(found, gl.Backend)}
    assert working
    assert working <= {"osmesa", "egl"}


def test_the_choice_of_the_user_wins(monkeypatch):
    monkeypatch.setenv("MUJOCO_GL", "osmesa")
    assert gl._candidates() == ("osmesa",)
    monkeypatch.setenv("MUJOCO_GL", "nonsense")
    with pytest.raises(GLUnavailable, match='"nonsense"'):
        gl._tried.__wrapped__()


def test_importing_loads_no_gl_library():
    code = (
        "import sys, nnit.sim.render;"
        "sys.exit(any(name in sys.modules for name in ('OpenGL', 'mujoco.egl', 'mujoco.osmesa')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# Each cause has its own message, and none of them blames another.
_CAUSES = {
    "MUJOCO_GL=glfw": ('MUJOCO_GL is set to "glfw"', "needs a screen"),
    "MUJOCO_GL=off": ('MUJOCO_GL is set to "off"', "unset it"),
    "MUJOCO_GL=EGL MUJOCO_EGL_DEVICE_ID=99": ('"egl"', "MUJOCO_EGL_DEVICE_ID is set to 99"),
    "MUJOCO_GL=egl MUJOCO_EGL_DEVICE_ID=gpu": ('"egl"', "MUJOCO_EGL_DEVICE_ID is set to gpu"),
    "PYOPENGL_PLATFORM=glx": ('PYOPENGL_PLATFORM is set to "glx"', "unset it"),
    "MUJOCO_GL=egl PYOPENGL_PLATFORM=osmesa": (
        'MUJOCO_GL is set to "egl"',
        'PYOPENGL_PLATFORM is set to "osmesa"',
    ),
    "MUJOCO_GL=osmesa PYOPENGL_PLATFORM=egl": (
        'MUJOCO_GL is set to "osmesa"',
        'PYOPENGL_PLATFORM is set to "egl"',
    ),
}


@pytest.mark.parametrize("settings", _CAUSES)
def test_what_stands_in_the_way_of_drawing_is_said(monkeypatch, settings):
    for variable in ("MUJOCO_GL", "PYOPENGL_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    for setting in settings.split():
        monkeypatch.setenv(*setting.split("="))
    monkeypatch.setattr(gl, "_tried", gl._tried.__wrapped__)
    with pytest.raises(GLUnavailable) as caught:
        gl.choose_backend()
    message = str(caught.value)
    for words in _CAUSES[settings]:
        assert words in message
    assert "\n" not in message
    assert "apt-get" not in message


@pytest.mark.parametrize("name", ["egl", "osmesa"])
def test_a_library_that_is_not_installed_is_named(monkeypatch, name):
    monkeypatch.delenv("PYOPENGL_PLATFORM", raising=False)
    monkeypatch.setattr(gl, "find_library", lambda library: None)
    problem = gl._problem(name, AttributeError("'NoneType' object has no attribute 'glGetError'"))
    assert problem == f"the library lib{gl._LIBRARIES[name][0]} is not installed"
