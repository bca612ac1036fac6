"""Networks that take over a live robot: which there are, and that they have its network's shape."""

import numpy as np
import pytest

from app.engine.folders import EXAMPLE
from app.engine.others import other_network, other_networks
from app.engine.services import services
from nnit.mlp.policy import Policy


@pytest.fixture
def policy() -> Policy:
    return Policy.load(EXAMPLE / "policy.safetensors")


def test_another_seed_another_style_and_a_corner_may_take_over(policy):
    others = other_networks(policy)
    assert [title for title, _ in others.values()] == ["Seed 1", "Calm", "Corner of 64-64"]
    own = policy.provenance
    for name, (_, request) in others.items():
        assert request.task == policy.task
        assert (request.seed, request.steps) == (own["seed"] + (name == "seed"), own["steps"])
        assert dict(request.conditions) == ({"tempo": 0.0} if name == "style" else {})


def test_a_corner_is_that_of_the_larger_network(policy):
    corner = other_network(policy, "crop")
    assert corner.architecture == policy.architecture
    _, request = other_networks(policy)["crop"]
    (larger,) = services().networks(request).future.result(timeout=1)
    for small, large in zip(corner.weights, larger.policy.weights, strict=True):
        rows, columns = small.shape
        assert np.array_equal(small, large[:rows, :columns])


@pytest.mark.parametrize("entries", [{"source": "brought"}, {"seed": None, "source": "zoo"}])
def test_for_networks_that_no_model_of_ours_wrote_there_are_none(policy, entries):
    assert other_networks(policy.with_provenance(**entries)) == {}
