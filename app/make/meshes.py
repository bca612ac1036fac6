"""`python -m app.make.meshes`: the meshes that the 3D replay draws, from the simulators' models.

Those of the default checkpoint's first suite are in `meshes.bin`, which every page fetches; those of another
suite in a file of its own, which is fetched with the first robot that needs it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro

from app.engine.checkpoint import description
from nnit.sim.replay import mesh_name, mesh_of, shown_geoms
from nnit.sim.rollout import worker_environment
from nnit.sim.suites import get_task, parse_tasks

STATIC = Path(__file__).parents[1] / "static"
_FULL_SCALE = 32767
_FIRST = "meshes.bin"


def make_meshes(tasks: Sequence[str], folder: Path = STATIC) -> None:
    """Write the meshes of some tasks: vertices as 16-bit integers, then faces, a file a suite.

    What `meshes.json`, the index, says of other files stays.
    """
    index_file = folder / "meshes.json"
    index = json.loads(index_file.read_text()) if index_file.exists() else {}
    by_file: dict[str, list[str]] = {}
    for task in tasks:
        suite = get_task(task).suite.name
        first = suite == description().suites[0].name
        by_file.setdefault(_FIRST if first else f"meshes-{suite}.bin", []).append(task)
    folder.mkdir(parents=True, exist_ok=True)
    for file, own in by_file.items():
        index = {name: entry for name, entry in index.items() if entry["file"] != file}
        entries, content = _packed(own, file)
        index |= entries
        (folder / file).write_bytes(content)
    index_file.write_text(json.dumps(index, separators=(",", ":")) + "\n")


def _packed(
    tasks: Sequence[str], file: str
) -> tuple[dict[str, dict[str, int | float | str]], bytes]:
    """The index and the content of one file."""
    index: dict[str, dict[str, int | float | str]] = {}
    parts: list[bytes] = []
    offset = 0
    for task in tasks:
        model = worker_environment(task).unwrapped.model  # type: ignore[attr-defined]
        for geom in shown_geoms(model):
            if (mesh := int(model.geom_dataid[geom])) < 0:
                continue
            vertices, faces = mesh_of(model, mesh)
            name = mesh_name(vertices, faces)
            if name in index:
                continue
            scale = float(np.abs(vertices).max()) / _FULL_SCALE
            whole = np.round(vertices / scale).astype("<i2").tobytes()
            corners = faces.astype("<u2").tobytes()
            index[name] = {
                "file": file,
                "offset": offset,
                "vertices": len(vertices),
                "faces": len(faces),
                "scale": scale,
            }
            # Every part begins at an even byte, as arrays of 16-bit integers must.
            parts += [whole, corners]
            offset += len(whole) + len(corners)
    return index, b"".join(parts)


@dataclass(frozen=True)
class MakeMeshes:
    """Write the meshes of some tasks."""

    task: str = ""
    """Names of tasks and collections, comma-separated; by default the tasks of the default checkpoint."""

    def run(self) -> None:
        """Write them."""
        known = description().tasks
        make_meshes([task.name for task in parse_tasks(self.task)] if self.task else known)


if __name__ == "__main__":
    tyro.cli(MakeMeshes).run()
