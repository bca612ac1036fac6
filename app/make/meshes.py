"""Write the meshes that the 3D replay draws of the checkpoint's tasks: `python -m app.make.meshes`."""

import json
from pathlib import Path

import numpy as np

from app.engine.checkpoint import description
from nnit.sim.replay import mesh_name, mesh_of, shown_geoms
from nnit.sim.rollout import worker_environment

STATIC = Path(__file__).parents[1] / "static"
_FULL_SCALE = 32767


def make_meshes(folder: Path = STATIC) -> None:
    """Write `meshes.bin` and its index, `meshes.json`: vertices as 16-bit integers, then faces."""
    index, parts, offset = {}, [], 0
    for task in description().tasks:
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
                "offset": offset,
                "vertices": len(vertices),
                "faces": len(faces),
                "scale": scale,
            }
            # Every part begins at an even byte, as arrays of 16-bit integers must.
            parts += [whole, corners]
            offset += len(whole) + len(corners)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "meshes.bin").write_bytes(b"".join(parts))
    (folder / "meshes.json").write_text(json.dumps(index, indent=1) + "\n")


if __name__ == "__main__":
    make_meshes()
