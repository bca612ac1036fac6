"""What the walk ends with: what the numbers of this app mean, and where it all comes from."""

from app.engine.checkpoint import example_task, suite_of
from app.engine.networks import EPISODES
from app.widgets.words import in_words


def sources() -> str:
    """As Markdown, with the numbers of the suite that the walk shows."""
    return _SOURCES.format(horizon=suite_of(example_task()).horizon, episodes=in_words(EPISODES))


_SOURCES = """
### What the numbers mean

Success is Meta-World's own: its flag is 1 at some step within the horizon of {horizon}. The {episodes} goals are
drawn from seeds that no part of training used. The first of the {episodes} is the one in the film. The interval
is Wilson's, at 95 %. So few episodes say little about a rate: `python -m nnit evaluate` runs as many as you
like, over several networks.

Some widths, one depth and a tenth of all other combinations are kept out of training. For each network
the page says which of these it is.

### Sources

Kim, Mehta, Hsu, Ryu, Liu, Pajic, "NNiT: Width-Agnostic Neural Network Generation with Structurally Aligned
Weight Spaces", [arXiv 2603.00180](https://arxiv.org/abs/2603.00180). This is an independent
implementation. Tasks: [Meta-World](https://meta-world.github.io), simulated in [MuJoCo](https://mujoco.org).
"""
