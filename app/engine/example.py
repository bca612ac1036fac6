"""The example that the page shows before anything is loaded; `python -m app.make.example` makes it."""

import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from app.engine.film import Film
from app.engine.folders import EXAMPLE
from app.engine.networks import Network, Trial
from app.engine.request import stored_request, to_query
from nnit.errors import UserError
from nnit.mlp.policy import Policy
from nnit.request import SampleRequest

if TYPE_CHECKING:
    from nnit.sim.replay import Recording

_DAMAGED = (
    "the example's files are missing or damaged; `python -m app.make.example` makes them anew"
)


@dataclass(frozen=True, eq=False)
class Example:
    """A result that was made earlier, whole."""

    request: SampleRequest
    network: Network
    film: Film
    trial: Trial


def save_example(example: Example, recording: "Recording", folder: Path = EXAMPLE) -> None:
    """Write an example's files, and the recording of its episode for the 3D view."""
    from nnit.sim.replay import save_recording

    folder.mkdir(parents=True, exist_ok=True)
    network, film = example.network, example.film
    network.policy.save(folder / "policy.safetensors")
    (folder / "clip.mp4").write_bytes(film.video)
    save_recording(recording, folder / "replay.safetensors")
    record = {
        "request": to_query(example.request),
        "shuffled_with_seed": network.shuffled.provenance["shuffled_with_seed"],
        **network.to_record(),
        "film": {"success": film.success, "steps": film.steps, "fast_after": film.fast_after},
        "trial": asdict(example.trial),
    }
    (folder / "result.json").write_text(json.dumps(record, indent=2) + "\n")


def load_example(folder: Path = EXAMPLE) -> Example:
    """Read an example's files.

    Raises:
        UserError: one is missing or damaged.
    """
    try:
        record = json.loads((folder / "result.json").read_text())
        policy = Policy.load(folder / "policy.safetensors")
        return Example(
            request=stored_request(record["request"]),
            network=Network.from_record(policy, record, int(record["shuffled_with_seed"])),
            film=Film(video=(folder / "clip.mp4").read_bytes(), **record["film"]),
            trial=Trial.from_record(record["trial"]),
        )
    except (OSError, ValueError, KeyError, TypeError, UserError) as error:
        raise UserError(_DAMAGED) from error


def load_example_recording(folder: Path = EXAMPLE) -> "Recording":
    """Read the recording of the example's episode; only who wants it in 3D waits for what that imports.

    Raises:
        UserError: it is missing or damaged.
    """
    from nnit.sim.replay import load_recording

    try:
        return load_recording(folder / "replay.safetensors")
    except (OSError, ValueError) as error:
        raise UserError(_DAMAGED) from error


@cache
def shipped_example() -> Example:
    """The example in the repository."""
    return load_example()
