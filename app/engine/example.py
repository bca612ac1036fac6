"""The examples that the page shows before anything is loaded: the first view's, and those of other suites.

`python -m app.make.example` makes them.
"""

import base64
import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from app.engine.checkpoint import suite_of
from app.engine.film import Film
from app.engine.folders import EXAMPLE, example_of_suite
from app.engine.networks import Network, Trial
from app.engine.request import stored_request, to_query
from nnit.errors import UserError
from nnit.mlp.policy import Policy
from nnit.request import SampleRequest

if TYPE_CHECKING:
    from nnit.sim.recording import Recording

_DAMAGED = (
    "the example's files are missing or damaged; `python -m app.make.example` makes them anew"
)
_CONTRAST = "contrast-"  # begins the names of files of what the other model wrote


@dataclass(frozen=True, eq=False)
class Example:
    """A result that was made earlier, whole.

    Attributes:
        request: what was asked for.
        network: what the model wrote.
        film: of its first episode; None where there is none to film.
        trial: of it.
        contrast: what the same model wrote that was trained on shuffled networks, where the checkpoint has it.
        contrast_trial: of that.
    """

    request: SampleRequest
    network: Network
    film: Film | None
    trial: Trial
    contrast: Network | None = None
    contrast_trial: Trial | None = None


def save_example(
    example: Example,
    recording: "Recording | None" = None,
    contrast: "Recording | None" = None,
    folder: Path = EXAMPLE,
) -> None:
    """Write an example's files, and the recordings of both networks' first episodes for the 3D view, if any."""
    from nnit.sim.recording import save_recording
    from nnit.sim.video import encode_jpeg, first_frame

    folder.mkdir(parents=True, exist_ok=True)
    network, film = example.network, example.film
    network.policy.save(folder / "policy.safetensors")
    if recording is not None:
        save_recording(recording, folder / "replay.safetensors")
    record = {
        "request": to_query(example.request),
        "shuffled_with_seed": network.shuffled.provenance["shuffled_with_seed"],
        **network.to_record(),
        "trial": asdict(example.trial),
    }
    if film is not None:
        (folder / "clip.mp4").write_bytes(film.video)
        (folder / "still.jpg").write_bytes(encode_jpeg(first_frame(film.video), 80))
        about = {"success": film.success, "steps": film.steps, "fast_after": film.fast_after}
        record["film"] = about
    if example.contrast is not None and example.contrast_trial is not None:
        example.contrast.policy.save(folder / f"{_CONTRAST}policy.safetensors")
        if contrast is not None:
            save_recording(contrast, folder / f"{_CONTRAST}replay.safetensors")
        record["contrast_trial"] = asdict(example.contrast_trial)
    else:
        for left in folder.glob(f"{_CONTRAST}*"):
            left.unlink()
    (folder / "result.json").write_text(json.dumps(record, indent=2) + "\n")


def load_example(folder: Path = EXAMPLE) -> Example:
    """Read an example's files.

    Raises:
        UserError: one is missing or damaged.
    """
    try:
        record = json.loads((folder / "result.json").read_text())
        contrast = record.get("contrast_trial")

        def network(prefix: str = "") -> Network:
            policy = Policy.load(folder / f"{prefix}policy.safetensors")
            return Network.from_record(policy, record, int(record["shuffled_with_seed"]))

        return Example(
            request=stored_request(record["request"]),
            network=network(),
            film=None
            if "film" not in record
            else Film(video=(folder / "clip.mp4").read_bytes(), **record["film"]),
            trial=Trial.from_record(record["trial"]),
            contrast=None if contrast is None else network(_CONTRAST),
            contrast_trial=None if contrast is None else Trial.from_record(contrast),
        )
    except (OSError, ValueError, KeyError, TypeError, UserError) as error:
        raise UserError(_DAMAGED) from error


@cache
def load_example_recording(folder: Path = EXAMPLE, *, contrast: bool = False) -> "Recording":
    """Read the recording of the example's first episode, or of its contrast's.

    Raises:
        UserError: it is missing or damaged.
    """
    from nnit.sim.recording import load_recording

    try:
        return load_recording(folder / f"{_CONTRAST if contrast else ''}replay.safetensors")
    except (OSError, ValueError) as error:
        raise UserError(_DAMAGED) from error


@cache
def shipped_still(folder: Path = EXAMPLE) -> str:
    """The robot before it moves, as a data URL: a picture until the 3D view is there; "" if it is missing."""
    try:
        still = (folder / "still.jpg").read_bytes()
    except OSError:
        return ""
    return f"data:image/jpeg;base64,{base64.b64encode(still).decode()}"


def still_of(recording: "Recording") -> str:
    """A picture of the moment at which a recording begins, as a data URL; "" where none ships."""
    for contrast in (False, True):
        try:
            if recording is recording_for(recording.task, contrast=contrast):
                return shipped_still(_folder_of(recording.task))
        except UserError:
            continue
    return ""


def shipped_example() -> Example:
    """The example in the repository that the page shows first."""
    return _example_in(EXAMPLE)


@cache
def _example_in(folder: Path) -> Example:
    return load_example(folder)


def _folder_of(task: str) -> Path:
    """Where the example of a task's suite lies, if it has one of its own, else the first view's."""
    own = example_of_suite(suite_of(task).name)
    return own if own.is_dir() else EXAMPLE


def example_for(task: str) -> Example:
    """The example of a task's suite, where it has one of its own, else the first view's.

    Raises:
        UserError: it is missing or damaged.
    """
    return _example_in(_folder_of(task))


def recording_for(task: str, *, contrast: bool = False) -> "Recording":
    """The recording of the first episode of `example_for` a task, or of its contrast's.

    Raises:
        UserError: it is missing or damaged.
    """
    return load_example_recording(_folder_of(task), contrast=contrast)


def shipped_trial(network: Network) -> Trial | None:
    """The trial of a network that ships with an example; None for any other."""
    try:
        example = example_for(network.policy.task)
    except UserError:
        return None
    if network.digest == example.network.digest:
        return example.trial
    contrast = example.contrast
    return example.contrast_trial if contrast and network.digest == contrast.digest else None


Shipped = tuple[Film | None, "Recording"]


def shipped_results(network: Network) -> Shipped | None:
    """Film and recording of a network that ships with an example; None for any other.

    So nothing is simulated again that is there already.
    """
    task = network.policy.task
    try:
        example = example_for(task)
        if network.digest == example.network.digest:
            return example.film, recording_for(task)
        if example.contrast is not None and network.digest == example.contrast.digest:
            return None, recording_for(task, contrast=True)
    except UserError:
        pass
    return None
