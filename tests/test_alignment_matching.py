"""Matching neurons: planted permutations are found, and nothing gets worse."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnit.alignment.matching import Matching, weight_matching
from nnit.alignment.metrics import Partners, in_common
from nnit.alignment.symmetry import permute, random_permutations
from nnit.mlp.network import MLP, Network, hidden_widths, resize, tensors_of
from nnit.mlp.spec import MLPArchitecture
from nnit.zoo.networks import Zoo
from strategies import architectures, random_policy, seeds

SHIPPED_ZOO = Path(__file__).resolve().parent.parent / "checkpoints" / "mt10" / "zoo.safetensors"
RANDOM = ("4", "128", "4-4", "64-32", "128-4-128", "64-64-64", "8-100-9-31", "128-128-128-128-128")


def float32(network: Network) -> MLP:
    return MLP(
        tuple(weight.astype(np.float32) for weight in network.weights),
        tuple(bias.astype(np.float32) for bias in network.biases),
    )


def with_noise(network: Network, level: float, rng: np.random.Generator) -> MLP:
    """Noise of `level` times the standard deviation of each matrix and bias."""

    def noisy(tensor: np.ndarray) -> np.ndarray:
        noise = level * tensor.std() * rng.normal(size=tensor.shape)
        return (tensor + noise).astype(np.float32)

    return MLP(tuple(map(noisy, network.weights)), tuple(map(noisy, network.biases)))


def recovered(planted: list[np.ndarray], matching: Matching) -> np.ndarray:
    """For each hidden neuron, whether it is back in its place."""
    found = zip(planted, matching.permutations, strict=True)
    return np.concatenate([p[own] == np.arange(len(p)) for p, own in found])


def planted_networks() -> dict[str, MLP]:
    """Random networks of the extreme and the usual architectures, and ten of the shipped zoo."""
    networks = {
        text: float32(random_policy(MLPArchitecture.parse(text), seed))
        for seed, text in enumerate(RANDOM)
    }
    zoo = Zoo.load(SHIPPED_ZOO)
    for index in range(0, len(zoo), len(zoo) // 10):
        networks[f"zoo {index}: {zoo.architecture(index)}"] = float32(zoo[index])
    return networks


@pytest.mark.parametrize(("level", "share"), [(0.0, 1.0), (0.1, 0.95)])
def test_weight_matching_recovers_planted_permutations(level: float, share: float) -> None:
    """Twenty permutations of each architecture, random and real networks.

    With noise another order can be nearer than the planted one; only then may less be recovered.
    """
    rng = np.random.default_rng(0)
    for name, network in planted_networks().items():
        for _ in range(20):
            planted = random_permutations(hidden_widths(network), 1.0, rng)
            noisy = with_noise(network, level, rng) if level else network
            matching = weight_matching(network, permute(noisy, planted))
            assert matching.after <= matching.before
            distance = common_distance(network, noisy, None)
            assert matching.after <= distance * (1 + 1e-6), name
            assert recovered(planted, matching).mean() >= share or matching.after < distance, name


@st.composite
def pairs(draw: st.DrawFn) -> tuple[MLP, MLP]:
    """Two networks of one depth and any widths, related or not."""
    one = draw(architectures(high=40))
    widths = st.integers(4, 40)
    other = MLPArchitecture(tuple(draw(widths) for _ in one.hidden))
    a, b = (float32(random_policy(x, draw(seeds))) for x in (one, other))
    return a, draw(st.sampled_from([b, resize(a, other.hidden)]))


@given(pairs(), seeds)
@settings(max_examples=50)
def test_matching_never_increases_the_distance(pair: tuple[MLP, MLP], seed: int) -> None:
    reference, network = pair
    matching = weight_matching(reference, network, seed=seed)
    assert matching.after <= matching.before
    assert matching.before == pytest.approx(common_distance(reference, network, None), rel=1e-5)
    after = common_distance(reference, matching.apply(network), matching.partners)
    assert matching.after == pytest.approx(after, rel=1e-5, abs=1e-6)


def common_distance(a: Network, b: Network, partners: Partners | None) -> float:
    mine, theirs = (tensors_of(network) for network in in_common(a, b, partners))
    return float(np.sqrt(sum(((mine[name] - theirs[name]) ** 2).sum() for name in mine)))


@given(pairs())
@settings(max_examples=50)
def test_each_neuron_of_the_smaller_has_a_partner_of_its_own(pair: tuple[MLP, MLP]) -> None:
    reference, network = pair
    matching = weight_matching(reference, network)
    layers = zip(
        matching.permutations,
        matching.partners,
        hidden_widths(network),
        hidden_widths(reference),
        strict=True,
    )
    for own, partners, width, reference_width in layers:
        np.testing.assert_array_equal(np.sort(own), np.arange(width))
        assert len(partners) == min(width, reference_width)
        assert (np.diff(partners) > 0).all()
        assert set(partners) <= set(range(reference_width))


@given(architectures(low=8, high=48), seeds)
@settings(max_examples=30)
def test_a_shuffled_part_of_a_network_finds_its_neurons(
    architecture: MLPArchitecture, seed: int
) -> None:
    """Matching across widths: a network without its last neurons, shuffled, and the other way round."""
    whole = float32(random_policy(architecture, seed))
    part = resize(whole, [width - width // 4 for width in architecture.hidden])
    rng = np.random.default_rng(seed)
    planted = random_permutations(hidden_widths(part), 1.0, rng)
    matching = weight_matching(whole, permute(part, planted))
    assert recovered(planted, matching).all()
    for partners in matching.partners:
        np.testing.assert_array_equal(partners, np.arange(len(partners)))

    planted = random_permutations(hidden_widths(whole), 1.0, rng)
    matching = weight_matching(part, permute(whole, planted))
    for own, order, width in zip(matching.permutations, planted, hidden_widths(part), strict=True):
        np.testing.assert_array_equal(order[own[:width]], np.arange(width))


def test_a_network_that_is_in_place_stays() -> None:
    network = float32(random_policy(MLPArchitecture((30, 20)), 0))
    matching = weight_matching(network, network)
    assert matching.moved == 0
    assert matching.before == matching.after == 0


def test_moved_counts_neurons() -> None:
    network = float32(random_policy(MLPArchitecture((30, 20)), 0))
    planted = random_permutations((30, 20), 0.5, np.random.default_rng(0))
    assert weight_matching(network, permute(network, planted)).moved == pytest.approx(0.5)
