"""What the page shows of a clip."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nnit.sim.render import Clip


@dataclass(frozen=True, eq=False)
class Film:
    """The part of a `Clip` that is shown.

    Attributes:
        success: whether the filmed episode succeeded.
        steps: number of steps until success, or the horizon.
        fast_after: second from which the film runs at twice real time, if it is that long.
        video: mp4.
    """

    success: bool
    steps: int
    fast_after: float | None
    video: bytes

    @classmethod
    def of(cls, clip: "Clip") -> "Film":
        """What is shown of a clip."""
        return cls(clip.success, clip.steps, clip.fast_after, clip.video)

    @property
    def caption(self) -> str:
        """What to look for."""
        speed = "Half speed."
        if self.fast_after is not None:
            speed = f"Half speed for {self.fast_after:.0f} s, then twice real time."
        return f"The network moves the arm; nobody steers it. {speed}"
