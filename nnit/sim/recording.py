"""Episodes as poses, and their files: what a browser needs to draw one in 3D. No simulator is imported here."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import safetensors
import safetensors.numpy
from jaxtyping import Float32

from nnit.sim.suites.base import Suite
from nnit.writing import write_whole

_POSES_PER_SECOND = 40  # of simulated time, where a suite has that many steps


def steps_per_pose(suite: Suite) -> int:
    """Control steps from one recorded pose, or picture of a film, to the next."""
    return max(1, round(suite.steps_per_second / _POSES_PER_SECOND))


def poses_per_second(suite: Suite) -> float:
    """Recorded poses in a second of simulated time."""
    return suite.steps_per_second / steps_per_pose(suite)


@dataclass(frozen=True)
class Shape:
    """One thing that is drawn.

    Attributes:
        kind: plane, sphere, capsule, ellipsoid, cylinder, box or mesh.
        size: half sizes in metres, as MuJoCo has them for the kind.
        colour: red, green, blue and opacity, 0 to 1.
        mesh: name of its mesh, if it is one; see `nnit.sim.replay.mesh_name`.
    """

    kind: str
    size: tuple[float, ...]
    colour: tuple[float, ...]
    mesh: str | None = None


@dataclass(frozen=True, eq=False)
class Recording:
    """One episode.

    Attributes:
        task: whose scene it is.
        success: whether the episode succeeded.
        steps: number of steps until success, or the horizon.
        shapes: what is drawn.
        poses: position in metres and orientation (quaternion x, y, z, w) of each shape at every
            so many steps (`steps_per_pose`) from the reset on, (poses, shapes, 7).
        hand: position in metres, at the same steps, of what a camera can follow, (poses, 3); None where the
            suite says of nothing where it is.
    """

    task: str
    success: bool
    steps: int
    shapes: tuple[Shape, ...]
    poses: Float32[np.ndarray, "poses shapes 7"]
    hand: Float32[np.ndarray, "poses 3"] | None


def save_recording(recording: Recording, path: Path) -> None:
    """Write a recording as safetensors."""
    about = {
        "task": recording.task,
        "success": recording.success,
        "steps": recording.steps,
        "shapes": [asdict(shape) for shape in recording.shapes],
    }
    arrays = {"poses": recording.poses}
    if recording.hand is not None:
        arrays["hand"] = recording.hand
    write_whole(path, safetensors.numpy.save(arrays, {"recording": json.dumps(about)}))


def load_recording(path: Path) -> Recording:
    """Read what `save_recording` wrote.

    Raises:
        ValueError: the file is damaged.
        OSError: it cannot be read.
    """
    try:
        with safetensors.safe_open(path, "np") as file:
            about = json.loads((file.metadata() or {})["recording"])
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        shapes = tuple(
            Shape(s["kind"], tuple(s["size"]), tuple(s["colour"]), s["mesh"])
            for s in about["shapes"]
        )
        if arrays["poses"].shape[1:] != (len(shapes), 7):
            raise ValueError("poses do not fit the shapes")
        said = (about["task"], about["success"], about["steps"])
        return Recording(*said, shapes, arrays["poses"], arrays.get("hand"))
    except (safetensors.SafetensorError, KeyError, TypeError) as error:
        raise ValueError(f"{path.name} is damaged: {error}") from error
