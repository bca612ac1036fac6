"""Architectures: their text, their sizes, and the held-out protocol."""

import contextlib
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnit.commands.options import parse_architectures
from nnit.errors import UserError
from nnit.mlp.spec import MAX_DEPTH, MAX_WIDTH, MLPArchitecture, PartialArchitecture
from nnit.splits import (
    DENSE,
    HELD_OUT,
    HELD_OUT_DEPTH,
    MAX_TRAINED_WIDTH,
    MIN_TRAINED_WIDTH,
    PROTOCOLS,
    RESERVED_WIDTHS,
    SPLITS,
    TRAINED_DEPTHS,
    ArchitecturePool,
    get_protocol,
    training_architectures,
)
from strategies import architectures, seeds, sized_architectures

POOLS = {
    name: ArchitecturePool(one, dict.fromkeys(one.depths, 1.0)) for name, one in PROTOCOLS.items()
}
CHOSEN = {name: set(one.architectures()) for name, one in PROTOCOLS.items()}


@given(architectures())
def test_text_form_round_trip(architecture: MLPArchitecture) -> None:
    assert MLPArchitecture.parse(str(architecture)) == architecture
    assert MLPArchitecture.parse(f" {architecture}\n") == architecture


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "-",
            "64-",
            "-64",
            "64-x",
            "64--32",
            "64-32,16",
            "64,32 16",
            "[64",
            "[]",
            "64,,32",
            "1e2",
            "٦٤",
            "64\x0032",
        ),
        *("0", "3", str(MAX_WIDTH + 1), "10000", "64-0-32", "9" * 5000),
        "-".join(["64"] * (MAX_DEPTH + 1)),
    ],
)
def test_text_that_is_no_architecture(text: str) -> None:
    with pytest.raises(UserError) as caught:
        MLPArchitecture.parse(text)
    assert len(str(caught.value)) < 200


FORMS = (
    *("{}-{}", "{}, {}", "{},{}", "{} {}", "{}x{}", "{} × {}", "[{}, {}]", "({}, {})", "{}–{}"),
    *("{}*{}", "{}/{}", "{}:{}", "{} -> {}", "{}→{}"),
)


@given(st.integers(4, MAX_WIDTH), st.integers(4, MAX_WIDTH), st.sampled_from(FORMS))
def test_widths_mean_the_same_however_they_are_joined(first: int, second: int, form: str) -> None:
    text = form.format(first, second)
    assert MLPArchitecture.parse(text) == MLPArchitecture((first, second))
    assert PartialArchitecture.parse(form.format(first, "?")) == PartialArchitecture(
        2, (first, None)
    )


def test_commas_separate_architectures_of_a_list_unless_brackets_join_them() -> None:
    assert parse_architectures("27-45,61") == parse_architectures("[27, 45], 61")
    assert parse_architectures("64,32") == (MLPArchitecture((64,)), MLPArchitecture((32,)))
    assert parse_architectures("(64,), [64, 32]") == parse_architectures("64,64x32")


@given(st.text())
def test_any_text_is_an_architecture_or_a_user_error(text: str) -> None:
    with contextlib.suppress(UserError):
        assert MLPArchitecture.parse(text).depth >= 1


def test_parameter_count_by_hand() -> None:
    assert MLPArchitecture((64, 32)).parameter_count == 39 * 64 + 64 + 64 * 32 + 32 + 32 * 4 + 4
    assert MLPArchitecture((8,)).parameter_count == 39 * 8 + 8 + 8 * 4 + 4


def test_sizes_of_another_suite_by_hand() -> None:
    architecture = MLPArchitecture((16, 8), 6, 2, "relu")
    assert architecture.shapes == ((16, 6), (8, 16), (2, 8))
    assert architecture.parameter_count == 6 * 16 + 16 + 16 * 8 + 8 + 8 * 2 + 2
    assert str(architecture) == "16-8", "the text form names the hidden widths alone"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"observation_size": 0}, "size of the observation must be 1 to 4,096, not 0"),
        ({"observation_size": 10**9}, "size of the observation"),
        ({"observation_size": "39"}, "size of the observation"),
        ({"observation_size": True}, "size of the observation"),
        ({"action_size": 0}, "size of the action must be 1 to 1,024, not 0"),
        ({"action_size": 4.0}, "size of the action"),
        ({"activation": "sigmoid"}, "unknown activation"),
        ({"activation": "x" * 1000}, "there are tanh, relu"),
    ],
)
def test_sizes_that_no_network_has_are_refused(change: dict, words: str) -> None:
    with pytest.raises(UserError, match=words) as caught:
        MLPArchitecture((8,), **change)
    assert len(str(caught.value)) < 200
    with pytest.raises(UserError, match=words):
        PartialArchitecture(1, (None,), **change)


@given(sized_architectures(), seeds)
def test_parameters_end_to_end_are_the_layers(architecture: MLPArchitecture, seed: int) -> None:
    parameters = np.random.default_rng(seed).normal(size=architecture.parameter_count)
    weights, biases = architecture.layers_of(parameters)
    assert tuple(weight.shape for weight in weights) == architecture.shapes
    ends = [array.ravel() for pair in zip(weights, biases, strict=True) for array in pair]
    np.testing.assert_array_equal(np.concatenate(ends), parameters)


@given(sized_architectures(), st.data())
def test_filling_in_keeps_the_sizes(architecture: MLPArchitecture, data: st.DataObject) -> None:
    partial = PartialArchitecture(
        observation_size=architecture.observation_size,
        action_size=architecture.action_size,
        activation=architecture.activation,
    ).with_depth(architecture.depth)
    assert not partial.complete
    for layer in data.draw(st.permutations(range(architecture.depth))):
        partial = partial.with_width(layer, architecture.hidden[layer])
    assert partial.complete
    assert partial.architecture() == architecture
    assert partial.smallest(4) == architecture.parameter_count


@given(architectures())
def test_shapes_chain_from_observations_to_actions(architecture: MLPArchitecture) -> None:
    assert architecture.shapes[0][1] == architecture.observation_size
    assert architecture.shapes[-1][0] == architecture.action_size
    for (rows, _), (_, columns) in zip(
        architecture.shapes[:-1], architecture.shapes[1:], strict=True
    ):
        assert rows == columns


def test_training_never_uses_what_is_held_out() -> None:
    chosen = training_architectures()
    assert len(set(chosen)) == len(chosen) > 5000
    for architecture in chosen:
        assert architecture.depth in TRAINED_DEPTHS
        assert architecture.depth != HELD_OUT_DEPTH
        assert not RESERVED_WIDTHS & set(architecture.hidden)
        assert all(MIN_TRAINED_WIDTH <= w <= MAX_TRAINED_WIDTH for w in architecture.hidden)
        assert DENSE.split_of(architecture) == "seen"


def test_about_a_tenth_of_the_combinations_is_held_out() -> None:
    widths = set(range(MIN_TRAINED_WIDTH, MAX_TRAINED_WIDTH + 1)) - RESERVED_WIDTHS
    pairs = [MLPArchitecture((a, b)) for a in widths for b in widths]
    recombined = sum(DENSE.split_of(pair) == "recombined" for pair in pairs)
    assert 0.08 < recombined / len(pairs) < 0.12


def test_every_width_of_a_recombined_network_was_seen() -> None:
    trained = {width for a in training_architectures() for width in a.hidden}
    assert trained == set(range(MIN_TRAINED_WIDTH, MAX_TRAINED_WIDTH + 1)) - RESERVED_WIDTHS


@given(architectures())
def test_split_follows_the_protocol(architecture: MLPArchitecture) -> None:
    split = DENSE.split_of(architecture)
    assert split in SPLITS
    outside = any(not MIN_TRAINED_WIDTH <= w <= MAX_TRAINED_WIDTH for w in architecture.hidden)
    if outside or architecture.depth > HELD_OUT_DEPTH:
        assert split == "extrapolated"
    elif architecture.depth == HELD_OUT_DEPTH:
        assert split == "new-depth"
    elif RESERVED_WIDTHS & set(architecture.hidden):
        assert split == "new-width"
    else:
        assert split in ("seen", "recombined")
        assert (split == "seen") == (architecture in training_architectures())


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("64-32", "seen"),
        ("64-64-64", "recombined"),
        ("27-45", "new-width"),
        ("61", "new-width"),
        ("16-16-16-16", "new-depth"),
        ("27-16-16-16", "new-depth"),
        ("7", "extrapolated"),
        ("96-96", "extrapolated"),
        ("16-16-16-16-16", "extrapolated"),
    ],
)
def test_split_examples(text: str, split: str) -> None:
    """The rule is fixed for good: a change would turn held-out architectures into seen ones."""
    assert DENSE.split_of(MLPArchitecture.parse(text)) == split


NARROW = PROTOCOLS["dense from 4"]


def test_narrow_layers_come_beside_those_of_the_other_protocol() -> None:
    widths = {width for a in NARROW.architectures() for width in a.hidden}
    assert widths == {4, 5, 7} | {width for a in training_architectures() for width in a.hidden}
    assert not set(HELD_OUT) & set(map(str, NARROW.architectures()))


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("4", "seen"),
        ("6", "new-width"),
        ("6-8", "new-width"),
        ("5-7", "recombined"),
        ("7-7-7", "recombined"),
        ("27-45", "new-width"),
        ("5-5-5-5", "new-depth"),
        ("65-64", "extrapolated"),
    ],
)
def test_split_examples_of_the_narrow_layers(text: str, split: str) -> None:
    """Fixed for good, as those of the other protocol."""
    assert NARROW.split_of(MLPArchitecture.parse(text)) == split


def test_layers_of_fewer_than_eight_neurons_are_not_made_more_of_than_those_of_eight() -> None:
    rng = np.random.default_rng(0)
    pool = ArchitecturePool(NARROW, dict.fromkeys(NARROW.depths, 1.0), narrow=True)
    widths = [a.hidden[0] for a in pool.draw(1, pool.limits(rng), 4000, rng)]
    few, eight = sum(width < 8 for width in widths), widths.count(8)
    assert 1.5 * eight < few < 2.5 * eight  # of 4 and 5: 7 alone is held out


EVERY_NARROW = PROTOCOLS["4 to 64"]


def test_every_width_below_19_is_trained_and_the_shapes_of_the_results_are_not() -> None:
    chosen = EVERY_NARROW.architectures()
    assert len(set(chosen)) == len(chosen) > 10_000
    assert {a.depth for a in chosen} == {1, 2, 3, 5} == set(EVERY_NARROW.depths)
    widths = {width for a in chosen for width in a.hidden}
    assert widths == set(EVERY_NARROW.widths) == set(range(4, 65)) - {19, 27, 37, 45, 53, 61}
    assert not set(HELD_OUT) & set(map(str, chosen))


def test_half_of_the_narrowest_combinations_is_held_out() -> None:
    narrowest = [
        MLPArchitecture(hidden)
        for depth in (1, 2, 3)
        for hidden in itertools.product(range(4, 8), repeat=depth)
    ]
    held_out = [a for a in narrowest if EVERY_NARROW.split_of(a) == "recombined"]
    assert 0.4 < len(held_out) / len(narrowest) < 0.6


def test_every_combination_of_doublings_is_drawn_as_often_whatever_the_list_has() -> None:
    rng = np.random.default_rng(0)
    pool = ArchitecturePool(EVERY_NARROW, dict.fromkeys(EVERY_NARROW.depths, 1.0), narrow=True)
    for depth in (2, 3):  # of five layers the list does not have every combination
        widths = np.array([a.hidden for a in pool.draw(depth, pool.every, 4000, rng)])
        counts, _ = np.histogram(widths, bins=[4, 8, 16, 32, 65])
        assert counts[1:].max() < 1.3 * counts[1:].min()
        assert 0.35 * counts[1] < counts[0] < 0.65 * counts[1]  # half as likely
    drawn = [a for a in pool.draw(3, pool.every, 4000, rng) if max(a.hidden) < 16]
    assert len(drawn) < 500  # although 748 of the 4,223 of the list are


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("6", "seen"),
        ("4", "recombined"),
        ("16-11", "recombined"),
        ("11-16", "seen"),
        ("27-45", "new-width"),
        ("64-64-64", "recombined"),
        ("5-5-5-5", "new-depth"),
        ("65-64", "extrapolated"),
    ],
)
def test_split_examples_of_every_narrow_width(text: str, split: str) -> None:
    """Fixed for good, as those of the other protocols."""
    assert EVERY_NARROW.split_of(MLPArchitecture.parse(text)) == split


BANDS = PROTOCOLS["bands"]


def test_bands_of_widths_depths_and_ratios_are_held_out() -> None:
    chosen = BANDS.architectures()
    assert len(set(chosen)) == len(chosen) > 20_000
    assert {a.depth for a in chosen} == {1, 2, 3, 5} == set(BANDS.depths)
    widths = {width for a in chosen for width in a.hidden}
    assert widths == set(BANDS.widths)
    assert (min(widths), max(widths)) == (4, 256)
    for low, high in ((5, 5), (10, 11), (14, 15), (20, 23), (40, 47), (88, 103), (176, 207)):
        assert not widths & set(range(low, high + 1))
    for a in chosen:
        for one, other in itertools.pairwise(a.hidden):
            assert max(one, other) <= 3 * min(one, other)


def test_every_doubling_of_a_width_is_drawn_about_as_often() -> None:
    first = np.array([a.hidden[0] for a in BANDS.architectures() if a.depth == 3])
    counts, _ = np.histogram(np.log2(first), bins=[4, 5, 6, 7, 8])
    assert counts.max() < 1.6 * counts.min()


@pytest.mark.parametrize("name", list(PROTOCOLS))
@given(seed=st.integers(0, 2**32 - 1))
def test_a_pool_draws_what_training_may_see(name: str, seed: int) -> None:
    pool, rng = POOLS[name], np.random.default_rng(seed)
    depth = pool.depth(rng)
    drawn = pool.draw(depth, pool.limits(rng), 5, rng)
    assert len(drawn) == 5
    assert {a.depth for a in drawn} == {depth}
    assert set(drawn) <= CHOSEN[name]


def test_wide_networks_are_drawn_beside_what_the_caps_give() -> None:
    shares, rng = dict.fromkeys(EVERY_NARROW.depths, 1.0), np.random.default_rng(0)
    pool = ArchitecturePool(EVERY_NARROW, shares, narrow=True, wide=0.5)
    for depth in pool.depths:
        drawn = pool.draw(depth, pool.wide, 500, rng)
        assert min(min(a.hidden) for a in drawn) == 16
        assert set(drawn) <= CHOSEN["4 to 64"]
    usual = ArchitecturePool(EVERY_NARROW, shares, narrow=True)
    wide, few = (
        np.mean([min(one.one(rng).hidden) >= 16 for _ in range(2000)]) for one in (pool, usual)
    )
    assert 0.1 < few < 0.25
    assert 0.45 < wide - few / 2 < 0.55


def test_narrow_networks_are_drawn_as_often_as_wide_ones() -> None:
    rng = np.random.default_rng(0)
    pool = POOLS["bands"]
    drawn = [a for _ in range(500) for a in pool.draw(2, pool.limits(rng), 1, rng)]
    assert 0.4 < np.mean([max(a.hidden) <= 32 for a in drawn]) < 0.7
    assert any(max(a.hidden) > 128 for a in drawn)


def test_an_unknown_protocol_is_told() -> None:
    with pytest.raises(UserError, match='unknown protocol "x"'):
        get_protocol("x")


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("4", "seen"),
        ("64-64", "recombined"),
        ("45-90-48", "new-width"),
        ("10", "new-width"),
        ("64-16", "new-ratio"),
        ("30-11-200", "new-width"),
        ("64-64-64-64", "new-depth"),
        ("45-4-4-256", "new-depth"),
    ],
)
def test_split_examples_of_the_bands(text: str, split: str) -> None:
    """Fixed for good, as those of the other protocol."""
    assert BANDS.split_of(MLPArchitecture.parse(text)) == split


@given(architectures(4, 256))
def test_the_bands_have_no_architecture_without_a_split(architecture: MLPArchitecture) -> None:
    split = BANDS.split_of(architecture)
    assert (split == "seen") == (architecture in CHOSEN["bands"])
    new = set(architecture.hidden) - set(BANDS.widths)
    if split in ("seen", "recombined", "new-ratio"):
        assert not new
    if split == "new-width":
        assert new
