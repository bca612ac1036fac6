"""Write what the live robot runs on, into `app/static/live`: `python -m app.make.live PACKAGE`.

PACKAGE is MuJoCo's WebAssembly build as npm packs it: `npm pack @mujoco/mujoco@VERSION`, see `VERSION`. Without one
only the scenes are written.
"""

import base64
import gzip
import hashlib
import json
import sys
import tarfile
from pathlib import Path

from app.engine.live import LIVE_FILES, SCRIPT, WASM, scene_file
from nnit.sim.live_scene import live_scene
from nnit.sim.suites.metaworld.tasks import MT10

VERSION = "3.9.0"
# npm's own checksum of the package: `npm view @mujoco/mujoco@VERSION dist.integrity`.
INTEGRITY = "sha512-dob2Dec5IM06ZRVM/F3ZT5UaSs9lWV5UPLHVcAbVe+riWf75B7YzfmIRVJWfA/8bHlDOUdM8tAJzFBP8buU6hw=="
_FILES = {"package/mujoco.wasm": WASM, "package/mujoco.js": SCRIPT}


def _packed(content: bytes) -> bytes:
    """Compressed so that the same content gives the same bytes."""
    return gzip.compress(content, 9, mtime=0)


def write_scenes(folder: Path = LIVE_FILES) -> None:
    """Write the scene of each task of MT10."""
    folder.mkdir(parents=True, exist_ok=True)
    for task in MT10:
        text = json.dumps(live_scene(task), separators=(",", ":"))
        (folder / scene_file(task)).write_bytes(_packed(text.encode()))


def write_mujoco(package: Path, folder: Path = LIVE_FILES) -> None:
    """Take MuJoCo out of npm's package, if it is the one that is expected.

    Raises:
        ValueError: it is another one.
    """
    content = package.read_bytes()
    found = "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()
    if found != INTEGRITY:
        raise ValueError(f"{package} is not @mujoco/mujoco {VERSION}: its checksum is {found}")
    with tarfile.open(package) as archive:
        for name, written in _FILES.items():
            member = archive.extractfile(name)
            if member is None:
                raise ValueError(f"{package} has no {name}")
            (folder / written).write_bytes(_packed(member.read()))


if __name__ == "__main__":
    write_scenes()
    if len(sys.argv) > 1:
        write_mujoco(Path(sys.argv[1]))
