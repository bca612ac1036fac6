"""`python -m app.make.flow`: make the flow that the page "Noise to robot" shows first, from the checkpoint.

Run it after a new checkpoint.
"""

from app.engine.checkpoint import checkpoint_folder
from app.engine.networks import run_trial
from app.engine.request import default_request
from app.engine.traces import trace_flow
from app.views.noise.shipped import KINDS, ShippedFlow, save_flow


def main() -> None:
    """Sample, try every network, and write the files."""
    from nnit.dit.generator import Generator

    request = default_request()
    generator = Generator.load(checkpoint_folder())
    trace = trace_flow(generator, request)
    trials = {kind: [run_trial(network) for network in getattr(trace, kind)] for kind in KINDS}
    save_flow(ShippedFlow(request, generator.version, trace, trials))


if __name__ == "__main__":
    main()
