"""`python -m app.make.alignment`: make the figure that the page Alignment shows first, from the checkpoint.

Run it after a new checkpoint.
"""

from contextlib import ExitStack

from app.engine.checkpoint import checkpoint_folder
from app.views.alignment.figure import figure_data
from app.views.alignment.request import Comparison
from app.views.alignment.services import AlignmentServices
from app.views.alignment.shipped import FILE, save_figure
from app.views.alignment.states import Held, gather
from app.views.alignment.uploads import Uploads
from nnit.description import describe


def main() -> None:
    """Draw and measure the networks as the page does, and write its figure."""
    comparison, services = Comparison(), AlignmentServices()
    held = Held(services)
    while (progress := gather(held, comparison, Uploads((), (), ()), [])).pending:
        # All are waited for while the first is computed: others would be given up.
        with ExitStack() as waiting:
            for _, job in progress.pending:
                waiting.enter_context(job.watched())
            for _, job in progress.pending:
                job.future.result()
    version = describe(checkpoint_folder()).version
    save_figure(comparison, version, figure_data(progress.views), FILE)
    services.close()


if __name__ == "__main__":
    main()
