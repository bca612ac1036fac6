"""`python -m app.make_alignment`: make the figure that the page Alignment shows first, from the checkpoint.

Run it after a new checkpoint.
"""

from app.components.alignment.figure import figure_data
from app.components.alignment.request import Comparison
from app.components.alignment.services import AlignmentServices
from app.components.alignment.shipped import FILE, save_figure
from app.components.alignment.states import Held, gather
from app.components.alignment.uploads import Uploads
from app.components.services import checkpoint_folder
from nnit.checkpoint import describe


def main() -> None:
    """Draw and measure the networks as the page does, and write its figure."""
    comparison, services = Comparison(), AlignmentServices()
    held = Held(services)
    while (progress := gather(held, comparison, Uploads((), (), ()), [])).pending:
        for _, job in progress.pending:
            job.future.result()
    version = describe(checkpoint_folder()).version
    save_figure(comparison, version, figure_data(progress.views), FILE)
    services.close()


if __name__ == "__main__":
    main()
