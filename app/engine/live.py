"""The live robot's files, which the browser asks for when a robot is to be run there."""

import gzip
import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

LIVE_FILES = Path(__file__).resolve().parents[1] / "static" / "live"
WASM, SCRIPT = "mujoco.wasm.gz", "mujoco.js.gz"


def scene_file(task: str) -> str:
    """Name of the file with a task's scene."""
    return f"{task}.json.gz"


def can_run_live(task: str) -> bool:
    """Whether there is a scene of this task that a browser can run."""
    return (LIVE_FILES / scene_file(task)).is_file()


def file_names(task: str) -> dict[str, str]:
    """Names of the files that a task needs, with what says their content, so that browsers may keep them."""
    names = {"wasm": WASM, "script": SCRIPT, "scene": scene_file(task)}
    return {what: f"{name}?v={_content_of(name)}" for what, name in names.items()}


@lru_cache(maxsize=32)
def _content_of(name: str) -> str:
    return hashlib.sha256((LIVE_FILES / name).read_bytes()).hexdigest()[:12]


@lru_cache(maxsize=16)
def scene_facts(task: str) -> dict[str, Any]:
    """What `nnit.sim.live_scene.live_scene` said of a task when its file was written.

    Raises:
        FileNotFoundError: there is none of this task.
    """
    packed = (LIVE_FILES / scene_file(task)).read_bytes()
    facts: dict[str, Any] = json.loads(gzip.decompress(packed))
    return facts
