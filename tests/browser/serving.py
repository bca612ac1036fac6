"""The app in a process of its own."""

import os
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


@contextmanager
def serve(checkpoint: Path, log: Path) -> Iterator[str]:
    """The app in a process of its own, which must end without a traceback in its log."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *[sys.executable, "-m", "streamlit", "run", "app/main.py"],
                *["--server.address", "127.0.0.1", "--server.port", str(port)],
                *["--server.headless", "true"],
            ],
            cwd=ROOT,
            env={**os.environ, "NNIT_CHECKPOINT": str(checkpoint)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_until_healthy(f"{address}/_stcore/health", process)
            yield address
        finally:
            process.terminate()
            process.wait(60)
    assert "Traceback" not in log.read_text()


def wait_until_healthy(address: str, process: subprocess.Popen[bytes]) -> None:
    """Return when the server answers."""
    for _ in range(1200):
        assert process.poll() is None, "the app ended"
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail("the app does not answer")
