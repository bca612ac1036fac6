"""`python -m app.make.first_layers`: the first layers that "How it works" shows, a minute, most of it training.

It needs MNIST's training pictures (`python -m nnit fetch`).
"""

import io

import numpy as np

from app.engine.checkpoint import checkpoint_folder
from app.views.how.first_layers import FILE, TASK, WIDTHS
from app.widgets.neurons.neurons import PLACES
from nnit.alignment.permute import shuffle
from nnit.evaluation.sources import sample_from
from nnit.mlp.spec import MLPArchitecture
from nnit.request import SampleRequest
from nnit.writing import write_whole


def main() -> None:
    """Networks of each width by the model, shuffled, and trained from a random start of their own."""
    checkpoint = checkpoint_folder(TASK)
    found: dict[str, np.ndarray] = {}
    for seed, width in enumerate(WIDTHS):
        request = SampleRequest(TASK, MLPArchitecture((width, width)))
        (policy,) = sample_from("nnit", request, checkpoint)
        (alone,) = sample_from("bc", request, checkpoint)
        kinds = {"aligned": policy, "shuffled": shuffle(policy, seed), "apart": alone}
        for kind, one in kinds.items():
            found[f"{kind}-{width}"] = one.weights[0][:PLACES].astype(np.float16)
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **found)
    write_whole(FILE, content.getvalue())


if __name__ == "__main__":
    main()
