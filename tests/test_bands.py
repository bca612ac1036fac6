"""Random shapes of every band, none of them from training."""

import pytest

from nnit.evaluation.experiments.bands import BANDS, Band, shapes
from nnit.mlp.spec import MLPArchitecture
from nnit.splits import PROTOCOLS


@pytest.mark.parametrize("name", list(PROTOCOLS))
@pytest.mark.parametrize("band", BANDS, ids=lambda band: band.name)
def test_shapes_are_what_their_band_says_and_never_trained(name: str, band: Band) -> None:
    protocol = PROTOCOLS[name]
    drawn = [MLPArchitecture.parse(text) for text in shapes(12, protocol, 5)[band.name]]
    assert len(drawn) == len(set(drawn)) == 12
    for shape in drawn:
        assert shape.depth in band.depths
        assert band.low <= min(shape.hidden) <= max(shape.hidden) <= band.high
        assert protocol.split_of(shape) != "seen"
        pairs = zip(shape.hidden[:-1], shape.hidden[1:], strict=True)
        assert any(max(pair) > 3 * min(pair) for pair in pairs) == band.steep


def test_the_same_seed_draws_the_same_shapes() -> None:
    protocol = PROTOCOLS["bands"]
    assert shapes(6, protocol, 1) == shapes(6, protocol, 1) != shapes(6, protocol, 2)
