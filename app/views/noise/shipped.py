"""The flow that the page shows first, with all its trials; `python -m app.make.flow` makes it.

So the page is whole before any model is loaded. It is shown as long as the checkpoint is the one it came from.
"""

import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from app.engine.folders import ASSETS
from app.engine.networks import Network, Trial
from app.engine.request import stored_request, to_query
from app.engine.traces import FlowTrace
from nnit.errors import UserError
from nnit.mlp.policy import Policy
from nnit.request import SampleRequest

FOLDER = ASSETS / "flow"
KINDS = ("noisy", "predicted")


@dataclass(frozen=True, eq=False)
class ShippedFlow:
    """A flow that was made earlier.

    Attributes:
        request: what it is of.
        version: of the checkpoint.
        trace: its networks.
        trials: of the "noisy" and of the "predicted" networks, one a step.
    """

    request: SampleRequest
    version: str
    trace: FlowTrace
    trials: dict[str, list[Trial]]


def save_flow(flow: ShippedFlow, folder: Path = FOLDER) -> None:
    """Write a flow's files: one a network, and one that describes them."""
    for kind in KINDS:
        networks: tuple[Network, ...] = getattr(flow.trace, kind)
        for step, network in enumerate(networks, 1):
            network.policy.save(folder / f"{kind}-{step}.safetensors")
    record = {
        "request": to_query(flow.request),
        **flow.trace.predicted[-1].to_record(),
        "times": flow.trace.times,
        "trials": {kind: [asdict(trial) for trial in flow.trials[kind]] for kind in KINDS},
    }
    (folder / "flow.json").write_text(json.dumps(record, indent=1) + "\n")


def load_flow(folder: Path = FOLDER) -> ShippedFlow:
    """Read a flow's files.

    Raises:
        UserError: one is missing or damaged.
    """
    try:
        record = json.loads((folder / "flow.json").read_text())
        request = stored_request(record["request"])
        times = tuple(map(float, record["times"]))

        def network(kind: str, step: int) -> Network:
            policy = Policy.load(folder / f"{kind}-{step}.safetensors")
            return Network.from_record(policy, record, request.seed)

        noisy, predicted = (
            tuple(network(kind, step) for step in range(1, len(times) + 1)) for kind in KINDS
        )
        trials = {kind: [Trial.from_record(t) for t in record["trials"][kind]] for kind in KINDS}
        if any(len(ours) != len(times) for ours in trials.values()):
            raise ValueError("one trial a step")
        return ShippedFlow(
            request, str(record["version"]), FlowTrace(times, noisy, predicted), trials
        )
    except (OSError, ValueError, KeyError, TypeError, UserError) as error:
        raise UserError(
            "the flow's files are missing or damaged; `python -m app.make.flow` makes them anew"
        ) from error


@cache
def _shipped() -> ShippedFlow | None:
    try:
        return load_flow()
    except UserError:
        return None


def shipped_flow(request: SampleRequest, version: str | None) -> ShippedFlow | None:
    """The flow in the repository, if it is what this checkpoint makes of this request."""
    flow = _shipped()
    return flow if flow is not None and (flow.request, flow.version) == (request, version) else None
