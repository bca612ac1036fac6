"""`python -m app.make_flow`: make the flow that the page "Noise to robot" shows first, from the checkpoint.

Run it after a new checkpoint.
"""

from app.components.forming import form
from app.components.networks import run_trial
from app.components.noise.shipped import KINDS, ShippedFlow, save_flow
from app.components.request import Request
from app.components.services import checkpoint_folder


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
