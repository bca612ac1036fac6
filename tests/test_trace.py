"""The model at work, watched: what is shown is what sampling does."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nnit.dit.generator import Generator
from nnit.dit.trace import trace_architecture, trace_sampling
from nnit.errors import UserError
from nnit.mlp.spec import MLPArchitecture, PartialArchitecture
from nnit.request import SampleRequest

TASK = "reach-v3"


@pytest.fixture(scope="module")
def generator(tiny_checkpoint: Path) -> Generator:
    return Generator.load(tiny_checkpoint)


def test_the_timeline_starts_in_noise_and_ends_in_the_sample(generator: Generator) -> None:
    """At the first step the network is pure noise, at the last the prediction is what `sample` gives."""
    request = SampleRequest(TASK, MLPArchitecture((16, 24)), seed=3, steps=4)
    seen: list[tuple[int, int]] = []
    shown = trace_sampling(
        generator, request, index=1, progress=lambda done, total: seen.append((done, total))
    )
    sampled = generator.sample(replace(request, count=2))[1]
    assert shown.times == (0, 0.25, 0.5, 0.75)
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert len(shown.noisy) == len(shown.predicted) == 4
    assert shown.predicted[-1].provenance == sampled.provenance
    for a, b in zip(shown.predicted[-1].weights, sampled.weights, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)
    scale = generator._dit.config.scales[0]
    assert 0.8 < shown.noisy[0].weights[0].std() / scale < 1.2


@pytest.mark.parametrize("asked", ["?", "?-?", "12-?", "?-9-?"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_filling_ends_in_the_architecture_that_is_sampled(generator, asked, seed) -> None:
    open_shape = PartialArchitecture.parse(asked)
    request = SampleRequest(TASK, open_shape, seed=seed, steps=1)
    filled = trace_architecture(generator, request)
    (sampled,) = generator.sample(request)
    assert filled.known[0] == open_shape
    assert filled.known[-1].architecture() == sampled.architecture
    for before, after in zip(filled.known, filled.known[1:], strict=False):
        if before.depth is None:
            assert after.depth in filled.depths
            assert set(after.hidden) == {None}
        else:
            changed = [
                old for old, new in zip(before.hidden, after.hidden, strict=True) if old != new
            ]
            assert changed == [None]
    choices = len(filled.known) - 1
    assert filled.depth_chances.shape == (choices, len(filled.depths))
    assert filled.width_chances.shape[::2] == (choices, len(filled.widths))
    np.testing.assert_allclose(filled.depth_chances.sum(-1), 1, atol=1e-5)
    np.testing.assert_allclose(filled.width_chances.sum(-1), 1, atol=1e-5)


def test_where_nothing_is_open_there_is_nothing_to_fill_in(generator) -> None:
    for whole in (MLPArchitecture((9,)), PartialArchitecture(1, (9,))):
        with pytest.raises(UserError, match="nothing is left open"):
            trace_architecture(generator, SampleRequest(TASK, whole))
