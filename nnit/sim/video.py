"""Encoding pictures and films."""

import contextlib
import subprocess
import tempfile
from pathlib import Path
from typing import IO, Self

import imageio.v3 as imageio
import imageio_ffmpeg
import numpy as np
from jaxtyping import UInt8

from nnit.errors import UserError


class Mp4Writer:
    """Frames to mp4 (H.264, yuv420p, index at the start) through ffmpeg, which runs beside the drawing.

    Used as a context: after it, `video` holds the bytes of the file.
    """

    def __init__(self, width: int, height: int, frames_per_second: float) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="nnit-film-")
        self._path = Path(self._folder.name) / "clip.mp4"
        quiet = "-hide_banner -loglevel error -nostdin -y"
        source = f"-f rawvideo -pix_fmt rgb24 -s {width}x{height} -r {frames_per_second:.4f} -i -"
        result = "-an -c:v libx264 -preset veryfast -crf 20 -pix_fmt yuv420p -movflags +faststart"
        self._process = subprocess.Popen(
            [
                imageio_ffmpeg.get_ffmpeg_exe(),
                *quiet.split(),
                *source.split(),
                *result.split(),
                str(self._path),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.count = 0  # frames so far
        self.video = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            with contextlib.suppress(BrokenPipeError):
                self._pipe.close()
            if self._process.wait() == 0 and kind is None:
                self.video = self._path.read_bytes()
        finally:
            self._folder.cleanup()
        if kind is None and not self.video:
            raise UserError("ffmpeg could not encode the film; is there space left on the disk?")

    @property
    def _pipe(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    def add(self, frame: np.ndarray) -> None:
        """Append one frame, (height, width, 3)."""
        self.count += 1
        with contextlib.suppress(BrokenPipeError):  # told at the end, by ffmpeg's exit code
            self._pipe.write(frame.data)


def encode_jpeg(picture: UInt8[np.ndarray, "height width 3"], quality: int = 88) -> bytes:
    """A picture as the bytes of a JPEG file."""
    return imageio.imwrite("<bytes>", picture, extension=".jpg", quality=quality)
