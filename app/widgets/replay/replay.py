"""The 3D replay as a part of a page: what `replay.js` draws."""

import hashlib
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from jaxtyping import Float

from app.engine.checkpoint import suite_of
from app.engine.example import still_of
from app.widgets.parts import drawn_part, encoded, page_script
from nnit.errors import UserError

if TYPE_CHECKING:
    from nnit.sim.recording import Recording

_component = drawn_part("replay", styles=("widgets/replay/replay.css",))

_FULL_SCALE = 32767


def _parts(place: float) -> Float[np.ndarray, "7"]:
    """The size of one part of each number of a pose: of a position in metres, of a quaternion's part."""
    return np.array([place] * 3 + [1 / _FULL_SCALE] * 4)


def replay_data(recording: "Recording", still: str = "") -> dict[str, Any]:
    """What the browser needs: shapes, poses of those that move at all steps, of the others once.

    Args:
        recording: of one episode.
        still: a picture of its beginning, as a data URL, or "".

    Raises:
        UserError: nothing says where the scene is looked at from.
    """
    from nnit.sim.recording import poses_per_second, steps_per_pose

    poses = recording.poses
    moving = np.flatnonzero(np.abs(poses - poses[:1]).max(axis=(0, 2)) > 1e-5)
    suite = suite_of(recording.task)
    task = suite.task(recording.task)
    if task.camera is None:
        raise UserError(f"{task.title} has no scene to look at")
    azimuth, elevation, distance, lookat = task.camera
    hand = recording.hand
    place = float(np.abs(poses[..., :3]).max()) / _FULL_SCALE or 1.0
    return {
        "key": hashlib.sha256(poses.tobytes()).hexdigest(),
        "task": recording.task,
        "title": task.title,
        "still": still,
        "success": recording.success,
        "steps": recording.steps,
        "stepsPerPose": steps_per_pose(suite),
        "posesPerSecond": poses_per_second(suite),
        "shapes": [asdict(shape) for shape in recording.shapes],
        "start": poses[0].round(5).tolist(),
        "moving": moving.tolist(),
        "count": len(poses),
        # Whole parts: a tenth of a millimetre, and of a thousandth of a turn, is finer than any screen.
        "place": place,
        "poses": encoded(np.round(poses[:, moving] / _parts(place)), "<i2"),
        # Without it there is no path, and no camera that goes along.
        "hand": [] if hand is None else hand.round(4).tolist(),
        "camera": {
            "azimuth": azimuth,
            "elevation": elevation,
            "distance": distance,
            "lookat": list(map(float, lookat)),
        },
    }


def load_ahead() -> None:
    """Let the browser get what it draws robots with while the page is still being made; once a run, at its top."""
    with st.container(key="ahead_3d"):
        st.html(page_script("ahead"), unsafe_allow_javascript=True)


def show_replay(recording: "Recording", *, name: str) -> None:
    """Draw a recording; where a picture of its beginning ships, that picture until the browser can draw it.

    Args:
        recording: of one episode.
        name: of the part, unique on its page.
    """
    data = replay_data(recording, still_of(recording))
    # Streamlit keeps an element that was replaced, hidden, and shows it again, as it was, where its key comes back.
    _component(key=f"{name}_{data['key'][:8]}", data=data)
