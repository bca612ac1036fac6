"""Write the networks that "How it works" shows: `python -m app.make.walk` (two minutes, most of it training)."""

from app.engine.checkpoint import example_task
from app.views.how.networks import FOLDER, NAMES
from nnit.checkpoint import DEFAULT_CHECKPOINT
from nnit.evaluation.alignment.kinds import sample_of
from nnit.mlp.spec import MLPArchitecture


def make_walk() -> None:
    """Two networks trained apart, and two of different widths by the graph hypernetwork."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, (kind, widths, index) in NAMES.items():
        sample = sample_of(
            kind,
            example_task(),
            MLPArchitecture.parse(widths),
            count=index + 1,
            seed=0,
            checkpoint=DEFAULT_CHECKPOINT,
        )
        sample.policies[index].save(FOLDER / f"{name}.safetensors")


if __name__ == "__main__":
    make_walk()
