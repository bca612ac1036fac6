"""Where no film can be made, the message says which cause it has."""

import tempfile
from pathlib import Path

import numpy as np
import pytest

from nnit.errors import UserError
from nnit.sim.export import gif_bytes
from nnit.sim.video import Mp4Writer

# What an ffmpeg that was built without H.264 says; one that is killed; one that writes and writes errors.
_BROKEN = {
    "limited": ("echo \"[vost#0:0 @ 0x5] Unknown encoder 'libx264'\" >&2; exit 8", "libx264"),
    "killed": ("kill -9 $$", "ended by SIGKILL"),
    "silent": ("exit 3", "exit code 3"),
    "talkative": ("yes 'No good' | head -c 1000000 >&2; cat >/dev/null; exit 1", r"\(No good\)"),
    "full disk": (
        "echo 'Error writing trailer: No space left on device' >&2; cat >/dev/null; exit 1",
        r"\(No space left on device\)",
    ),
}


def encode() -> bytes:
    with Mp4Writer(96, 64, 20) as writer:
        for _ in range(20):
            writer.add(np.zeros((64, 96, 3), np.uint8))
    return writer.video


@pytest.fixture
def ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that is taken for ffmpeg."""
    program = tmp_path / "ffmpeg"
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(program))
    return program


@pytest.mark.parametrize("kind", _BROKEN)
def test_an_ffmpeg_that_cannot_encode(ffmpeg: Path, kind: str):
    body, said = _BROKEN[kind]
    ffmpeg.write_text(f"#!/bin/sh\n{body}\n")
    ffmpeg.chmod(0o755)
    for make in (encode, lambda: gif_bytes(b"film")):
        with pytest.raises(UserError, match=said) as caught:
            make()
        assert "IMAGEIO_FFMPEG_EXE" in str(caught.value)
        assert "\n" not in str(caught.value)


def test_an_ffmpeg_that_is_not_there_or_may_not_run(ffmpeg: Path):
    with pytest.raises(UserError, match="No such file"):
        encode()
    ffmpeg.write_text("no program")
    with pytest.raises(UserError, match="Permission denied"):
        encode()


def test_no_ffmpeg_at_all(monkeypatch: pytest.MonkeyPatch):
    import imageio_ffmpeg._utils as finding

    finding._get_ffmpeg_exe.cache_clear()
    monkeypatch.delenv("IMAGEIO_FFMPEG_EXE", raising=False)
    monkeypatch.setattr(finding, "_get_bin_dir", lambda: "/nowhere")
    monkeypatch.setattr(finding, "_is_valid_exe", lambda exe: False)
    try:
        with pytest.raises(UserError, match="there is no ffmpeg"):
            encode()
    finally:
        finding._get_ffmpeg_exe.cache_clear()


def test_no_folder_for_temporary_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    for make in (encode, lambda: gif_bytes(b"film")):
        with pytest.raises(UserError, match=r"no folder for temporary files .* TMPDIR"):
            make()


def test_what_goes_wrong_while_drawing_is_what_is_said():
    with pytest.raises(ZeroDivisionError), Mp4Writer(96, 64, 20):
        _ = 1 / 0
