"""Encoding pictures and films."""

import contextlib
import os
import re
import signal
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Self

import imageio.v3 as imageio
import imageio_ffmpeg
import numpy as np
from jaxtyping import UInt8

from nnit.errors import UserError
from nnit.writing import temporary_folder

_QUIET = ("-hide_banner", "-loglevel", "error", "-nostdin", "-y")
_FULL = "No space left on device"


def first_frame(video: bytes) -> UInt8[np.ndarray, "height width 3"]:
    """The picture with which an mp4 begins."""
    frame: np.ndarray = imageio.imread(video, index=0, extension=".mp4")
    return frame


def start_ffmpeg(
    arguments: Sequence[str], *, stdin: int = subprocess.DEVNULL
) -> subprocess.Popen[bytes]:
    """ffmpeg, at work; only its standard error is read.

    Args:
        arguments: what it is to do.
        stdin: as for `subprocess.Popen`.

    Raises:
        UserError: there is none, or it cannot be started.
    """
    try:
        program = imageio_ffmpeg.get_ffmpeg_exe()
        return subprocess.Popen(
            [program, *_QUIET, *arguments],
            stdin=stdin,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
    except RuntimeError as error:
        raise UserError(
            "there is no ffmpeg, which makes films; install it, or reinstall imageio-ffmpeg"
        ) from error
    except OSError as error:
        raise UserError(
            f"ffmpeg cannot be started ({program}: {error.strerror}){_whose()}"
        ) from error


def failure_of_ffmpeg(doing: str, code: int, said: bytes) -> UserError:
    """What went wrong, in ffmpeg's own words.

    Args:
        doing: what it could not do, such as "encode the film".
        code: its exit code.
        said: on standard error.
    """
    lines = [
        re.sub(r"^\[[^]]*\] *", "", line) for line in said.decode(errors="replace").splitlines()
    ]
    if any(_FULL in line for line in lines):
        reason = _FULL
    elif lines:
        reason = lines[0][:200]
    elif code < 0:
        reason = f"ended by {signal.Signals(-code).name}"
    else:
        reason = f"exit code {code}"
    return UserError(f"ffmpeg could not {doing} ({reason}){_whose()}")


def _whose() -> str:
    """Where the user's own ffmpeg is used, what says so."""
    named = os.environ.get("IMAGEIO_FFMPEG_EXE")
    return f"; IMAGEIO_FFMPEG_EXE names {named}, without it another may be found" if named else ""


class Mp4Writer:
    """Frames to mp4 (H.264, yuv420p, index at the start) through ffmpeg, which runs beside the drawing.

    Used as a context: after it, `video` holds the bytes of the file.
    """

    def __init__(self, width: int, height: int, frames_per_second: float) -> None:
        """Start ffmpeg.

        Raises:
            UserError: there is none, or no folder for temporary files.
        """
        self._folder = temporary_folder("nnit-film-")
        self._path = Path(self._folder.name) / "clip.mp4"
        source = f"-f rawvideo -pix_fmt rgb24 -s {width}x{height} -r {frames_per_second:.4f} -i -"
        result = "-an -c:v libx264 -preset veryfast -crf 20 -pix_fmt yuv420p -movflags +faststart"
        try:
            self._process = start_ffmpeg(
                [*source.split(), *result.split(), str(self._path)], stdin=subprocess.PIPE
            )
        except UserError:
            self._folder.cleanup()
            raise
        # Read all the time: ffmpeg would wait for ever with a full pipe.
        self._said: list[bytes] = []
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self.count = 0  # frames so far
        self.video = b""

    def _listen(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as pipe:
            self._said.append(pipe.read())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            self._finish()
            if self._process.returncode == 0 and kind is None:
                self.video = self._path.read_bytes()
        finally:
            self._folder.cleanup()
        if kind is None and not self.video:
            raise self._failure()

    def _finish(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._pipe.close()
        self._process.wait()
        self._listener.join()

    def _failure(self) -> UserError:
        said = b"".join(self._said)
        return failure_of_ffmpeg("encode the film", self._process.returncode, said)

    @property
    def _pipe(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    def add(self, frame: np.ndarray) -> None:
        """Append one frame, (height, width, 3).

        Raises:
            UserError: ffmpeg has ended; the message says why.
        """
        self.count += 1
        try:
            self._pipe.write(frame.data)
        except BrokenPipeError as error:
            self._finish()
            raise self._failure() from error


def encode_jpeg(picture: UInt8[np.ndarray, "height width 3"], quality: int = 88) -> bytes:
    """A picture as the bytes of a JPEG file."""
    return imageio.imwrite("<bytes>", picture, extension=".jpg", quality=quality)
