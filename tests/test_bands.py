"""Random shapes of every band, none of them from training."""

from pathlib import Path

import pytest

from nnit.evaluation.experiments.bands import BANDS, Band, Bands, shapes
from nnit.evaluation.experiments.base import counted
from nnit.evaluation.experiments.sections import bands
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


def test_bands_that_a_source_was_not_tried_in_are_not_called_impossible(tmp_path: Path) -> None:
    narrow, wide = "4 to 7 wide", "64 to 127 wide"

    def row(source: str, band: str, arch: str, successes: int) -> dict[str, object]:
        return {
            "task": "reach-v3",
            "source": source,
            "band": band,
            "arch": arch,
            **counted(successes, 4),
        }

    reason = {"task": "reach-v3", "source": "ghn", "band": wide, "arch": "99", "reason": "too wide"}
    parts = {
        "nnit": {
            "results": [row("nnit", narrow, "4", 3), row("nnit", wide, "99", 4)],
            "skipped": [],
        },
        "ghn": {"results": [row("ghn", narrow, "4", 2)], "skipped": [reason]},
        "bc": {"results": [row("bc", narrow, "4", 4)], "skipped": []},
    }
    assert set(Bands().scratch_bands) <= {band.name for band in BANDS}
    lines = bands(parts, tmp_path / "bands.svg").splitlines()
    (first,) = (line for line in lines if line.startswith(f"| {narrow} "))
    (second,) = (line for line in lines if line.startswith(f"| {wide} "))
    assert "**100 %" in first.split("|")[-2]
    assert [cell.strip() for cell in second.split("|")[-3:-1]] == ["not defined", "not measured"]
