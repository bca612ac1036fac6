"""The app in a process of its own."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from chromium import ROOT
from patience import SECONDS
from report import watch_log

from app.engine.networks import EPISODES

_COMMAND = """
import sys
from app.engine import networks
networks.EPISODES = {episodes}
from streamlit.web.cli import main
main(sys.argv[1:])
"""
# Streamlit's server says this of a visitor whose window closes before or while it answers; nothing of ours went wrong.
_CLOSED_TWICE = re.compile(
    r"Exception in ASGI application\n(?:(?!Exception in ASGI).)*?"
    r'WebSocketDisconnected: Cannot call "send" once a close message has been sent\.',
    re.DOTALL,
)
# Each request goes through these, also one of a visitor whom only Streamlit answers.
_PASSED_ON = re.compile(
    re.escape(f'File "{ROOT}/app/server/')
    + r'\w+\.py", line \d+, in __call__\n +await self\._app\(scope, receive, send\)\n'
)


@contextmanager
def serve(
    checkpoint: Path | None, log: Path, *, episodes: int = EPISODES, folder: Path | None = None
) -> Iterator[str]:
    """The app in a process of its own, which must end without a traceback in its log.

    Args:
        checkpoint: what it shows networks of; by default all that ship.
        log: file for what it says.
        episodes: of each trial, fewer where networks fail, which takes them longest.
        folder: to start it from as a user does, who cannot change the number of episodes; by default the
            repository.
    """
    start = ["-c", _COMMAND.format(episodes=episodes)] if folder is None else ["-m", "streamlit"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    watch_log(address, log)
    chosen = {} if checkpoint is None else {"NNIT_CHECKPOINT": str(checkpoint)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *[sys.executable, *start, "run", str(ROOT / "app" / "main.py")],
                *["--server.address", "127.0.0.1", "--server.port", str(port)],
                *["--server.headless", "true"],
            ],
            cwd=folder or ROOT,
            env={**os.environ, **chosen},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_until_healthy(f"{address}/_stcore/health", process)
            yield address
        finally:
            process.terminate()
            process.wait(SECONDS)
    said = without_closed_windows(log.read_text())
    assert "Traceback" not in said, said


def without_closed_windows(said: str) -> str:
    """A server's log without the tracebacks of visitors whose window closed, unless code of the app takes part."""

    def kept(found: re.Match[str]) -> str:
        return found[0] if f"{ROOT}/app" in _PASSED_ON.sub("", found[0]) else ""

    return _CLOSED_TWICE.sub(kept, said)


def wait_until_healthy(address: str, process: subprocess.Popen[bytes]) -> None:
    """Return when the server answers."""
    patience = time.monotonic() + SECONDS
    while time.monotonic() < patience:
        assert process.poll() is None, "the app ended"
        try:
            with urllib.request.urlopen(address, timeout=SECONDS):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail("the app does not answer")
