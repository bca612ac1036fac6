"""Many visitors at once: every one gets the networks that were asked for, and the server stays whole.

With the shipped checkpoint: its robots succeed soon, so that many episodes are short.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from serving import serve
from sessions import Visit, visit

from nnit.checkpoint import DEFAULT_CHECKPOINT
from nnit.dit.generator import Generator
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture
from nnit.request import SampleRequest

_SESSIONS = 25
_SHAPES = ("9", "12-10", "16-11-8", "24", "13-17")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app with the shipped checkpoint; how often each of the many robots tries is not looked at."""
    with serve(DEFAULT_CHECKPOINT, tmp_path_factory.mktemp("load") / "log", episodes=2) as address:
        yield address


def link(session: int) -> dict[str, str]:
    """A link that no other session has."""
    shape = _SHAPES[session % len(_SHAPES)]
    return {"task": "reach-v3", "arch": shape, "seed": str(session), "steps": "2"}


def test_25_sessions_at_once_get_their_own_networks(app: str, tmp_path: Path):
    queries = [link(session) for session in range(_SESSIONS)]
    with ThreadPoolExecutor(_SESSIONS) as visitors:
        visits: list[Visit] = list(visitors.map(lambda query: visit(app, query), queries))
    generator = Generator.load(DEFAULT_CHECKPOINT)
    for query, seen in zip(queries, visits, strict=True):
        assert not seen.texts
        file = tmp_path / "network.safetensors"
        file.write_bytes(seen.network)
        got = Policy.load(file)
        (expected,) = generator.sample(
            SampleRequest(
                query["task"],
                MLPArchitecture.parse(query["arch"]),
                seed=int(query["seed"]),
                steps=int(query["steps"]),
            )
        )
        assert got.provenance == expected.provenance
        for mine, theirs in zip(got.weights, expected.weights, strict=True):
            np.testing.assert_allclose(mine, theirs, atol=1e-5)


@pytest.mark.parametrize("hostile", [{"arch": "<b>"}, {"seed": "9" * 400}, {"task": "../../etc"}])
def test_a_hostile_link_is_answered_beside_the_others(app: str, hostile):
    seen = visit(app, link(0) | hostile)
    assert seen.network  # of the example
    assert len(seen.texts) == 1
    assert "cannot be used" in seen.texts[0]
