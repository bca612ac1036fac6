"""What people read about each Meta-World task, and the camera that shows it well."""

from typing import NamedTuple

Camera = tuple[float, float, float, tuple[float, float, float]]

# Azimuth and elevation in degrees, distance in metres, and the point looked at.
DEFAULT_CAMERA: Camera = (140.0, -30.0, 1.7, (0.0, 0.6, 0.15))


class Description(NamedTuple):
    """Title, success in one sentence, and a camera where the default does not show the action."""

    title: str
    success: str
    camera: Camera | None = None


DESCRIPTIONS: dict[str, Description] = {}
