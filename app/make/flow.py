"""`python -m app.make.flow`: make the flow that the page "Noise to robot" shows first, from the checkpoint.

Run it after a new checkpoint.
"""

from app.engine.forming import form
from app.engine.networks import run_trial
from app.engine.request import Request
from app.engine.services import checkpoint_folder
from app.views.noise.shipped import KINDS, ShippedFlow, save_flow


def main() -> None:
    """Sample, try every network, and write the files."""
    from nnit.dit.generator import Generator

    request = Request()
    generator = Generator.load(checkpoint_folder())
    forming = form(generator, request)
    trials = {kind: [run_trial(network) for network in getattr(forming, kind)] for kind in KINDS}
    save_flow(ShippedFlow(request, generator.version, forming, trials))


if __name__ == "__main__":
    main()
