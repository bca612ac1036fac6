"""`python -m app.make.panda FOLDER`: the Panda's shapes, small enough to ship.

FOLDER is `franka_emika_panda` of MuJoCo Menagerie (Apache-2.0, from Franka's own description). ManiSkill
ships shapes of the same arm under a licence that forbids commercial use, so those are not used.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import safetensors.numpy
import tyro
from scipy.spatial.transform import Rotation

from nnit.sim.physics import mujoco
from nnit.sim.suites.maniskill.drawing import SHAPES
from nnit.writing import write_whole

_GRID = 0.006  # metres: vertices within such a cell become one
_MIDDLE_GREY = 0.5


@dataclass(frozen=True)
class MakePanda:
    """Read the arm's shapes, merge those of one link and shade, and round them."""

    folder: tyro.conf.Positional[Path]
    """`franka_emika_panda` of MuJoCo Menagerie."""

    out: Path = SHAPES
    """File to write."""

    def run(self) -> None:
        """Read, simplify and write."""
        model = mujoco.MjModel.from_xml_path(str(self.folder / "panda.xml"))
        parts: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
        for geom in range(model.ngeom):
            if model.geom_group[geom] != 2:
                continue
            mesh, body = int(model.geom_dataid[geom]), model.body(int(model.geom_bodyid[geom])).name
            if body == "right_finger":  # as the left one, turned
                continue
            start, count = model.mesh_vertadr[mesh], model.mesh_vertnum[mesh]
            first, faces = model.mesh_faceadr[mesh], model.mesh_facenum[mesh]
            turn = Rotation.from_quat(model.geom_quat[geom], scalar_first=True)
            vertices = turn.apply(model.mesh_vert[start : start + count]) + model.geom_pos[geom]
            shade = model.mat_rgba[model.geom_matid[geom]][:3].mean()
            name = f"{body}.{'light' if shade > _MIDDLE_GREY else 'dark'}"
            parts.setdefault(name, []).append(
                (vertices, model.mesh_face[first : first + faces].copy())
            )
        tensors = {}
        for name, pieces in parts.items():
            vertices, faces = _simplified(*_joined(pieces))
            tensors[f"{name}.vertices"], tensors[f"{name}.faces"] = vertices, faces
        write_whole(self.out, safetensors.numpy.save(tensors))


def _joined(pieces: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Several meshes as one."""
    starts = np.cumsum([0, *(len(vertices) for vertices, _ in pieces)])
    vertices = np.concatenate([vertices for vertices, _ in pieces])
    faces = np.concatenate(
        [faces + start for (_, faces), start in zip(pieces, starts, strict=False)]
    )
    return vertices, faces


def _simplified(vertices: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Vertices of one cell of a grid become their mean, in tenths of a millimetre; what loses its area goes."""
    _, cell = np.unique(np.round(vertices / _GRID).astype(int), axis=0, return_inverse=True)
    cell = cell.reshape(-1)
    count = np.bincount(cell)
    means = np.stack([np.bincount(cell, column) / count for column in vertices.T], 1)
    corners = np.sort(cell[faces], 1)
    whole = (corners[:, 0] != corners[:, 1]) & (corners[:, 1] != corners[:, 2])
    _, once = np.unique(corners[whole], axis=0, return_index=True)
    kept = cell[faces][whole][np.sort(once)]
    used, kept = np.unique(kept, return_inverse=True)
    return np.round(means[used] * 1e4).astype(np.int16), kept.reshape(-1, 3).astype(np.uint16)


if __name__ == "__main__":
    tyro.cli(MakePanda).run()
