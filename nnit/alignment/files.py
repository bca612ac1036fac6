"""Files of networks given back with their neurons in another order, and that order for programs."""

import json
import re
from collections.abc import Sequence
from pathlib import PurePath

from nnit.alignment.symmetry import Permutations
from nnit.mlp.files import permuted_file
from nnit.mlp.readings import Reading

PERMUTATIONS_FILE = "permutations.json"


def aligned_files(
    files: Sequence[tuple[str, bytes]],
    readings: Sequence[Reading],
    permutations: Sequence[Permutations],
) -> dict[str, bytes]:
    """Every file with its neurons reordered, and `permutations.json`, by their names.

    Each keeps its name, without folders, its format, and the names of its tensors, so that it loads into what it
    came from. Files of one name are numbered.

    Args:
        files: name and content of each.
        readings: how each was read.
        permutations: of each, one a hidden layer.
    """
    names = own_names([name for name, _ in files])
    aligned = {
        own: permuted_file(name, content, reading, order)
        for own, (name, content), reading, order in zip(
            names, files, readings, permutations, strict=True
        )
    }
    described = permutations_json([name for name, _ in files], readings, permutations)
    return {**aligned, PERMUTATIONS_FILE: described}


def permutations_json(
    names: Sequence[str], readings: Sequence[Reading], permutations: Sequence[Permutations]
) -> bytes:
    """What was done to each file: what it was read as, and one list of neurons a hidden layer."""
    networks = [
        {
            "file": own,
            "layers": reading.title,
            "permutations": [[int(neuron) for neuron in layer] for layer in order],
        }
        for own, reading, order in zip(own_names(names), readings, permutations, strict=True)
    ]
    meaning = (
        "hidden neuron permutations[layer][i] of the file as it was is neuron i of the aligned one"
    )
    return json.dumps({"meaning": meaning, "networks": networks}, ensure_ascii=False).encode()


def own_names(names: Sequence[str]) -> list[str]:
    """The files' own names without folders, safe on any system, and made different from each other."""
    taken = {PERMUTATIONS_FILE}
    found = []
    for name in names:
        plain = re.sub(r'[\x00-\x1f\x7f<>:"|?*]', "_", re.split(r"[/\\]", name)[-1])[-120:]
        path = PurePath(plain.encode(errors="replace").decode())
        number, one = 2, str(path)
        while one.lower() in taken:
            one = f"{path.stem} ({number}){path.suffix}"
            number += 1
        taken.add(one.lower())
        found.append(one)
    return found
