"""Networks that take over a live robot: which there are, and that they have its network's shape."""

import numpy as np
import pytest

from app.engine.folders import EXAMPLE
from app.engine.others import other_network, other_networks, others_to_take_along
from app.engine.services import services
from app.make.gallery import write_gallery
from app.widgets.live.take_home import take_home
from nnit.baselines.memory import resized
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture


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


def test_a_file_takes_all_of_them_along_and_hardly_grows(policy, tmp_path):
    along = others_to_take_along(policy)
    assert list(along) == ["Seed 1", "Calm", "Corner of 64-64"]
    assert {other.architecture for other in along.values()} == {policy.architecture}
    alone, page = take_home(policy), take_home(policy, others=along)
    assert 0 < len(page) - len(alone) < 0.1e6
    write_gallery([policy], tmp_path, lambda _: along)
    (written,) = tmp_path.glob("pick-place-v3_*.html")
    assert b"Corner of 64-64" in written.read_bytes()


def test_a_large_network_takes_none_along(policy):
    assert others_to_take_along(resized(policy, MLPArchitecture((256, 256)))) == {}
