"""Metrics: what noise gives, what extremes give, and what does not matter to them."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnit.alignment.metrics import (
    correlation,
    distance,
    effective_rank,
    in_common,
    morans_i,
    morans_i_of_noise,
    patch_spectrum,
    total_variation,
)
from nnit.alignment.symmetry import permute, random_permutations
from nnit.errors import UserError
from nnit.evaluation.alignment.kinds import sample_of, shared_states
from nnit.evaluation.alignment.line import (
    Line,
    States,
    along_line,
    on_one_frame,
    success_along_line,
)
from nnit.evaluation.alignment.report import METRICS, measure, noise_reference, summarise
from nnit.evaluation.alignment.treatments import TREATMENTS, treat
from nnit.mlp.network import MLP, Network, hidden_widths, resize, tensors_of
from nnit.mlp.spec import MLPArchitecture
from nnit.splits import evaluation_goal
from strategies import architectures, random_policy, seeds

CHECKPOINT = Path(__file__).resolve().parent.parent / "checkpoints" / "mt10"
TASK = "reach-v3"


def noise(text: str, seed: int) -> MLP:
    policy = random_policy(MLPArchitecture.parse(text), seed)
    return MLP(policy.weights, policy.biases)


def scaled(network: Network, factor: float, shift: float = 0.0) -> MLP:
    weights = tuple((factor * weight + shift).astype(np.float32) for weight in network.weights)
    return MLP(weights, tuple(np.float32(factor) * bias for bias in network.biases))


def smooth(text: str) -> MLP:
    """Weights that vary slowly from neuron to neuron."""
    architecture = MLPArchitecture.parse(text)
    weights = tuple(
        np.sin(np.add.outer(np.linspace(0, 2, rows), np.linspace(0, 3, columns))).astype(np.float32)
        for rows, columns in architecture.shapes
    )
    return MLP(weights, tuple(np.linspace(0, 1, len(w), dtype=np.float32) for w in weights))


# --- One network ----------------------------------------------------------------------------------


def test_noise_has_the_values_that_theory_gives() -> None:
    networks = [noise("128-128-128", seed) for seed in range(8)]
    assert np.mean([total_variation(n) for n in networks]) == pytest.approx(1.128, abs=0.005)
    expected = morans_i_of_noise(networks[0])
    assert expected < 0
    assert np.mean([morans_i(n) for n in networks]) == pytest.approx(expected, abs=0.005)
    assert correlation(*networks[:2]) == pytest.approx(0, abs=0.03)
    assert distance(*networks[:2]) == pytest.approx(1, abs=0.03)
    spectrum = patch_spectrum(networks[0], 8)
    # 64 but for the spread of eigenvalues that finitely many patches have
    assert 58 < effective_rank(spectrum) < 64


def test_smooth_networks_are_told_from_shuffled_ones() -> None:
    network = smooth("64-48")
    shuffled = permute(network, random_permutations((64, 48), 1.0, np.random.default_rng(0)))
    assert total_variation(network) < 0.1 < 0.6 < total_variation(shuffled)
    assert morans_i(network) > 0.9 > 0.5 > morans_i(shuffled)
    ranks = [effective_rank(patch_spectrum(n, 8)) for n in (network, shuffled)]
    assert ranks[0] < 4 < ranks[1]


def test_total_variation_and_morans_i_by_hand() -> None:
    # Hidden axes only: the rows of the first matrix, the columns of the second.
    network = MLP(
        (np.array([[0.0, 5.0], [1.0, 5.0], [0.0, 5.0]]), np.array([[1.0, 1.0, 4.0]])),
        (np.zeros(3), np.zeros(1)),
    )
    first, second = network.weights
    expected = (2 / first.std() + 3 / second.std()) / 6
    assert total_variation(network) == pytest.approx(expected)
    z, y = first - first.mean(), (second - second.mean())[0]
    one = (z[0] * z[1] + z[1] * z[2]).sum() / (z**2).mean()
    two = (y[0] * y[1] + y[1] * y[2]) / (y**2).mean()
    assert morans_i(network) == pytest.approx((one + two) / 6)


@given(architectures(high=40), seeds, st.floats(0.1, 10), st.floats(-1, 1))
@settings(max_examples=40)
def test_scale_and_level_do_not_matter(
    architecture: MLPArchitecture, seed: int, factor: float, shift: float
) -> None:
    network = noise(str(architecture), seed)
    changed = scaled(network, factor, shift)
    assert total_variation(changed) == pytest.approx(total_variation(network), rel=1e-3)
    assert morans_i(changed) == pytest.approx(morans_i(network), abs=1e-3)
    assert correlation(network, changed) == pytest.approx(1, abs=1e-3)
    rescaled = scaled(network, factor)
    np.testing.assert_allclose(patch_spectrum(rescaled, 8), patch_spectrum(network, 8), atol=1e-5)


@given(architectures(high=40), seeds, st.integers(2, 12))
@settings(max_examples=40)
def test_a_spectrum_is_shares_and_its_rank_in_range(
    architecture: MLPArchitecture, seed: int, patch: int
) -> None:
    spectrum = patch_spectrum(noise(str(architecture), seed), patch)
    assert spectrum.shape == (patch**2,)
    assert spectrum.sum() == pytest.approx(1)
    assert (np.diff(spectrum) <= 1e-12).all()
    assert 1 <= effective_rank(spectrum) <= patch**2 + 1e-6


def test_constant_networks_have_values_too() -> None:
    network = resize(MLP((np.zeros((8, 39)), np.zeros((4, 8))), (np.zeros(8), np.zeros(4))), (8,))
    assert total_variation(network) == morans_i(network) == correlation(network, network) == 0
    assert distance(network, network) == 0
    assert 1 <= effective_rank(patch_spectrum(network, 8)) <= 64 + 1e-6


# --- Two networks ---------------------------------------------------------------------------------


@given(architectures(high=40), seeds)
@settings(max_examples=40)
def test_a_network_agrees_with_itself(architecture: MLPArchitecture, seed: int) -> None:
    network = noise(str(architecture), seed)
    assert correlation(network, network) == pytest.approx(1, abs=1e-5)
    assert distance(network, network) == 0
    assert distance(network, scaled(network, -1)) == pytest.approx(np.sqrt(2), rel=1e-5)


@given(architectures(low=8, high=40), seeds)
@settings(max_examples=40)
def test_across_widths_the_common_corner_counts(architecture: MLPArchitecture, seed: int) -> None:
    whole = noise(str(architecture), seed)
    part = resize(whole, [width - width // 3 for width in architecture.hidden])
    assert correlation(whole, part) == pytest.approx(1, abs=1e-5)
    assert distance(whole, part) == distance(part, whole) == 0
    for mine, theirs in zip(*(tensors_of(n) for n in in_common(whole, part)), strict=True):
        assert mine == theirs


def test_partners_say_where_neurons_belong() -> None:
    whole = noise("20-16", 0)
    partners = [np.array([1, 4, 9, 17]), np.array([0, 3, 8, 15])]
    rows = [*partners, np.arange(4)]
    columns = [np.arange(39), *partners]
    part = MLP(
        tuple(w[np.ix_(r, c)] for w, r, c in zip(whole.weights, rows, columns, strict=True)),
        tuple(b[r] for b, r in zip(whole.biases, rows, strict=True)),
    )
    assert distance(whole, part) > 0.5
    assert distance(whole, part, partners) == 0
    assert correlation(whole, part, partners) == pytest.approx(1, abs=1e-5)
    start, end = on_one_frame(whole, part, partners)
    assert hidden_widths(start) == hidden_widths(end) == (20, 16)
    inputs = np.random.default_rng(0).normal(size=(5, 39)).astype(np.float32)
    line = along_line(whole, part, States(inputs), partners=partners, points=3)
    assert line.loss is line.loss_barrier is None
    np.testing.assert_array_equal(end.weights[0][partners[0]], part.weights[0])


# --- The line -------------------------------------------------------------------------------------


def test_the_line_between_equal_networks_is_flat() -> None:
    states = shared_states(TASK, CHECKPOINT, 64)
    network = noise("16-12", 0)
    line = along_line(network, network, states)
    assert line.disagreement.max() < 1e-5
    assert line.loss_barrier == pytest.approx(0, abs=1e-6)
    shuffled = permute(network, random_permutations((16, 12), 1.0, np.random.default_rng(0)))
    broken = along_line(network, shuffled, states)
    assert broken.disagreement[[0, -1]].max() < 1e-5
    assert broken.disagreement.max() > 0.3


def test_the_barrier_by_hand() -> None:
    positions, loss = np.array([0, 0.5, 1]), np.array([1.0, 2.5, 2.0])
    assert Line(positions, np.zeros(3), loss).loss_barrier == 1.0
    assert Line(positions, np.zeros(3), loss * [1, 0, 1]).loss_barrier == 0


def test_success_along_a_line_of_the_zoo() -> None:
    """The simulator agrees: half-way between two networks of the zoo the task is solved, shuffled not."""
    sample = sample_of(
        "zoo", "drawer-close-v3", MLPArchitecture((40, 40)), count=2, seed=0, checkpoint=CHECKPOINT
    )
    goals = [evaluation_goal(0, "drawer-close-v3", "40-40", 0, episode) for episode in range(2)]
    first, other = sample.policies
    assert success_along_line(first, other, [0, 0.5, 1], goals) == [2, 2, 2]


# --- All together ---------------------------------------------------------------------------------


def test_zoo_networks_are_aligned_and_shuffled_ones_are_not() -> None:
    """What the shipped zoo must show, widths apart as they are; `align` measures the other kinds.

    Aligned networks need not be smooth. Each of these is smoother than it is shuffled, though, but for Moran's I.
    """
    states = shared_states("door-open-v3", CHECKPOINT, 64)
    sample = sample_of(
        "zoo", "door-open-v3", MLPArchitecture((48, 48)), count=4, seed=0, checkpoint=CHECKPOINT
    )
    assert len(sample.policies) == 4
    assert "nearest widths" in sample.note
    values = {}
    for treatment in TREATMENTS:
        treated = treat(sample.policies, treatment, seed=1)
        values[treatment] = measure(
            treated.networks, patch=8, partners=treated.partners, states=states
        )
    assert set(values["as it is"]) == set(METRICS)
    for name, metric in METRICS.items():
        aligned, shuffled = values["as it is"][name], values["shuffled"][name]
        assert len(aligned) == (4 if metric.of == "network" else 3)
        if name == "morans_i":
            continue
        if metric.of == "network":
            assert (np.array(aligned) < np.array(shuffled)).all(), name
        elif name == "distance_matched":  # a shuffle is what matching undoes
            np.testing.assert_allclose(aligned, shuffled, rtol=0.05)
        elif metric.aligned == "small":
            assert max(aligned) < min(shuffled), name
        else:
            assert min(aligned) > max(shuffled), name
    for name in ("correlation", "distance"):
        back = values["realigned"][name]
        np.testing.assert_allclose(back, values["as it is"][name], rtol=0.05)


def test_without_a_shuffle_nothing_changes() -> None:
    networks = [noise("12-10", seed) for seed in range(3)]
    treated = treat(networks, "shuffled", fraction=0.0)
    assert measure(treated.networks, patch=8) == measure(networks, patch=8)


def test_noise_measures_as_its_reference() -> None:
    networks = [noise("64-64", seed) for seed in range(4)]
    states = States(np.random.default_rng(0).normal(size=(64, 39)).astype(np.float32))
    for realigned in (False, True):
        treated = treat(networks, "realigned" if realigned else "as it is")
        measured = measure(treated.networks, patch=8, partners=treated.partners, states=states)
        reference = noise_reference(networks, patch=8, states=states, realigned=realigned)
        assert set(reference) == set(measured)
        for name in set(measured) - {"moved"}:
            close = pytest.approx(reference[name], rel=0.15, abs=0.03)
            assert np.mean(measured[name]) == close, (name, realigned)


def test_summaries() -> None:
    summary = summarise([1.0, 2.0, 3.0])
    assert (summary.mean, summary.low, summary.high) == (2.0, 1.0, 3.0)
    assert summary.ci95 == pytest.approx((2 - 2.484, 2 + 2.484), abs=1e-3)
    assert summarise([5.0]).ci95 is None


def test_a_zoo_without_such_networks_says_so() -> None:
    sample = sample_of(
        "zoo", TASK, MLPArchitecture((8, 8, 8, 8)), count=2, seed=0, checkpoint=CHECKPOINT
    )
    assert sample.policies == ()
    assert "only 0" in sample.note


@pytest.mark.parametrize("kind", ["magic", "bc"])
def test_unknown_kinds(kind: str) -> None:
    with pytest.raises(UserError, match="unknown kind"):
        sample_of(kind, TASK, MLPArchitecture((8,)), count=1, seed=0, checkpoint=CHECKPOINT)  # type: ignore[arg-type]
