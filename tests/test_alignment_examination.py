"""Examining networks: planted relations are found and named, unrelated networks are never called related."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from nnit.alignment.correspondence import Symmetries, balanced, correspond, rescale
from nnit.alignment.diagnosis import in_place, relative_distance
from nnit.alignment.examination import Examination, Question, examine, similarity
from nnit.alignment.files import examined_files
from nnit.alignment.groups import compare_groups, pairwise_distances, plane_of
from nnit.alignment.metrics import distance
from nnit.alignment.neurons import Observations, health
from nnit.alignment.observations import read_observations
from nnit.alignment.report import notebook, plane_names, report_html
from nnit.alignment.symmetry import permute, random_permutations
from nnit.errors import UserError
from nnit.mlp.files import read_file
from nnit.mlp.network import MLP, forward, hidden_widths, relu

INSTANCES = 50


def random_network(sizes: tuple[int, ...], rng: np.random.Generator) -> MLP:
    shapes = list(zip(sizes[1:], sizes[:-1], strict=True))
    weights = tuple((rng.normal(size=s) / np.sqrt(s[1])).astype(np.float32) for s in shapes)
    return MLP(weights, tuple((0.1 * rng.normal(size=s[0])).astype(np.float32) for s in shapes))


def shuffled(network: MLP, rng: np.random.Generator) -> MLP:
    return permute(network, random_permutations(hidden_widths(network), 1.0, rng))


def turned(network: MLP, rng: np.random.Generator) -> MLP:
    return rescale(network, [rng.choice([-1.0, 1.0], w) for w in hidden_widths(network)])


def scaled(network: MLP, rng: np.random.Generator) -> MLP:
    return rescale(network, [np.exp(rng.normal(size=w)) for w in hidden_widths(network)])


def noisy(network: MLP, share: float, rng: np.random.Generator) -> MLP:
    moved = (w + share * w.std() * rng.normal(size=w.shape) for w in network.weights)
    return MLP(tuple(w.astype(np.float32) for w in moved), network.biases)


def with_dead(network: MLP, which: np.ndarray) -> MLP:
    weights, biases = [w.copy() for w in network.weights], [b.copy() for b in network.biases]
    weights[0][which], biases[0][which], weights[1][:, which] = 0, 0, 0
    return MLP(tuple(weights), tuple(biases))


def planted(seed: int) -> tuple[dict[str, MLP], np.random.Generator]:
    """Networks of one shape that are related to the first of them in every way that has a name."""
    rng = np.random.default_rng(seed)
    hidden = tuple(int(w) for w in rng.integers(20, 33, rng.integers(2, 4)))
    sizes = (int(rng.integers(4, 20)), *hidden, int(rng.integers(1, 6)))
    first, other = random_network(sizes, rng), random_network(sizes, rng)
    both = MLP((first.weights[0], *other.weights[1:]), (first.biases[0], *other.biases[1:]))
    dead = rng.choice(hidden[0], 10, replace=False)
    networks = {
        "first": first,
        "permuted": shuffled(first, rng),
        "noisy": shuffled(noisy(first, 0.1, rng), rng),
        "turned": turned(shuffled(first, rng), rng),
        "scaled": scaled(shuffled(first, rng), rng),
        "first layer": shuffled(both, rng),
        "dead": shuffled(with_dead(first, dead), rng),
        "unrelated": random_network(sizes, rng),
    }
    return networks, rng


def pair_of(networks: dict[str, MLP], name: str) -> Examination:
    return examine([networks["first"], networks[name]])


@pytest.mark.parametrize("seed", range(INSTANCES))
def test_the_verdict_is_right(seed: int) -> None:
    networks, _ = planted(seed)
    hidden = sum(hidden_widths(networks["first"]))
    exact = {"permuted": (0, 0), "turned": (1, 0), "scaled": (0, 1)}
    for name, (signs, scales) in exact.items():
        examination = pair_of(networks, name)
        pair = examination.pairs[1]
        assert pair.relation == "permutation", name
        assert pair.after == pytest.approx(0, abs=1e-6)
        assert pair.correspondence is not None
        assert pair.correspondence.moved == hidden
        assert (pair.correspondence.turned > hidden / 5) == signs
        assert (pair.correspondence.rescaled > hidden / 2) == scales
        assert not any(layer.without for layer in pair.layers)
    pair = pair_of(networks, "noisy").pairs[1]
    assert pair.relation == "agrees"
    assert pair.agreeing == len(pair.layers)
    assert pair.after < 0.1 < pair.noise_low
    pair = pair_of(networks, "first layer").pairs[1]
    assert [pair.relation, pair.agreeing] == ["agrees", 1]
    assert pair.layers[0].without == 0
    assert all(layer.found.mean() < 0.25 for layer in pair.layers[1:])
    examination = pair_of(networks, "dead")
    assert examination.pairs[1].layers[0].without == 10
    assert len(examination.health[1][0].dead) == 10
    assert "10 neurons of 2 in layer 1 are dead" in examination.text
    assert pair_of(networks, "unrelated").pairs[1].relation == "none"


def test_the_words_of_a_verdict() -> None:
    networks, rng = planted(3)
    first = networks["first"]
    weights = [weight.copy() for weight in first.weights]
    width = len(weights[1])
    weights[1][:5] = networks["unrelated"].weights[1][:5]
    weights[2][:, :5] = networks["unrelated"].weights[2][:, :5]
    part = shuffled(MLP(tuple(weights), first.biases), rng)
    examination = examine([first, networks["permuted"], part, networks["unrelated"], first])
    said = [sentence.text for sentence in examination.sentences]
    assert said[0].startswith("2 is a permutation of 1:")
    assert said[1].startswith("3 agrees with 1 up to layer 1 (")
    assert f"in layer 2, 5 of {width} neurons have no partner" in said[1]
    assert said[2].startswith("4 is no closer to 1 than noise (distance 0.")
    assert said[3].startswith("5 has the same weights as 1")
    for sentence in examination.sentences:
        assert sentence.clauses[0].value is not None
        assert sentence.clauses[0].noise is not None


@pytest.mark.parametrize(
    ("symmetries", "activation"),
    [(Symmetries(), np.tanh), (Symmetries(signs=True), np.tanh), (Symmetries(scales=True), relu)],
)
def test_an_aligned_network_computes_what_it_did(symmetries, activation) -> None:
    rng = np.random.default_rng(0)
    a, b = random_network((5, 12, 9, 3), rng), random_network((5, 8, 14, 3), rng)
    found = correspond(a, b, symmetries)
    aligned = found.apply(b)
    inputs = rng.normal(size=(40, 5)).astype(np.float32)
    before, after = (forward(n.weights, n.biases, inputs, activation) for n in (b, aligned))
    assert np.allclose(before, after, atol=1e-5)
    assert [len(p) for p in found.partners] == [8, 9]
    if not symmetries.scales and not symmetries.signs:
        after = relative_distance(*in_place(a, b, found))
        assert after == pytest.approx(distance(a, aligned, found.partners), abs=1e-6)


def test_balancing_undoes_any_scale() -> None:
    rng = np.random.default_rng(1)
    network = random_network((6, 10, 8, 2), rng)
    one, other = balanced(network)[0], balanced(scaled(network, rng))[0]
    for mine, theirs in zip(one.weights, other.weights, strict=True):
        assert np.allclose(mine, theirs, atol=1e-5)
    incoming = (one.weights[0] ** 2).sum(1) + one.biases[0] ** 2
    assert np.allclose(incoming, (one.weights[1] ** 2).sum(0), rtol=1e-4)


def test_different_depths_and_outputs_are_compared_as_far_as_they_go() -> None:
    rng = np.random.default_rng(2)
    deep = random_network((9, 24, 20, 3), rng)
    head = random_network((24, 30, 5), rng)
    other = MLP((deep.weights[0], *head.weights), (deep.biases[0], *head.biases))
    shallow = MLP(
        (deep.weights[0], random_network((24, 2), rng).weights[0]),
        (deep.biases[0], np.zeros(2, np.float32)),
    )
    examination = examine([deep, shuffled(other, rng), shuffled(shallow, rng)])
    for pair in examination.pairs[1:]:
        assert not pair.whole
        assert [pair.relation, pair.agreeing] == ["agrees", 1]
        assert pair.layers[0].without == 0
    assert "could be compared" in examination.sentences[0].text
    with pytest.raises(UserError, match="inputs"):
        examine([deep, random_network((8, 4, 3), rng)])


def test_activations_match_as_well_as_weights() -> None:
    rng = np.random.default_rng(3)
    network = random_network((7, 16, 12, 2), rng)
    other = turned(shuffled(noisy(network, 0.05, rng), rng), rng)
    inputs = rng.normal(size=(300, 7)).astype(np.float32)
    targets = forward(network.weights, network.biases, inputs)
    observations = Observations(inputs, "tanh", targets)
    question = Question(activation="tanh", by_activations=True)
    examination = examine([network, other], question, observations)
    pair = examination.pairs[1]
    assert pair.relation == "agrees"
    assert pair.after < 0.06
    line = examination.lines[1]
    assert line is not None
    assert line[0].disagreement.max() > 5 * line[1].disagreement.max()
    assert line[1].barrier is not None
    assert line[0].barrier is not None
    assert line[0].barrier > line[1].barrier
    with pytest.raises(UserError, match="observations"):
        examine([network, other], question)
    assert similarity(network, other, pair, 0).shape == (16, 16)


def test_neurons_that_say_nothing_are_named() -> None:
    rng = np.random.default_rng(4)
    network = random_network((6, 12, 10, 2), rng)
    weights, biases = [w.copy() for w in network.weights], [b.copy() for b in network.biases]
    weights[1][:, 3] = 0  # nothing reads neuron 3
    weights[0][5] = 0  # nothing goes into neuron 5
    weights[0][8], biases[0][8] = -weights[0][2], -biases[0][2]
    network = MLP(tuple(weights), tuple(biases))
    plain = health(network)[0]
    assert [plain.dead, plain.constant, plain.duplicates] == [(3,), (5,), ()]
    assert health(network, Symmetries(signs=True))[0].duplicates == ((2, 8),)
    biases[0][1] = -100  # never active
    silent = MLP(tuple(weights), tuple(biases))
    observed = Observations(rng.normal(size=(50, 6)).astype(np.float32), "relu")
    assert health(silent, observations=observed)[0].dead == (1, 3)


def test_two_groups_are_told_apart_and_one_is_not() -> None:
    rng = np.random.default_rng(5)
    centres = [random_network((6, 12, 2), rng) for _ in range(2)]
    networks = [shuffled(noisy(centres[i // 5], 0.2, rng), rng) for i in range(10)]
    test = examine(networks, Question(second_group=(5, 6, 7, 8, 9))).groups
    assert test is not None
    assert test.differs
    assert test.p == pytest.approx(2 / 252)
    mixed = examine(networks, Question(second_group=(0, 2, 4, 6, 8))).groups
    assert mixed is not None
    assert not mixed.differs
    few = compare_groups(pairwise_distances(networks[:4]), [0, 1])
    assert few.smallest_p > 0.05
    # The level is kept: of sets without groups, about one in twenty is told apart.
    wrong = 0
    for _ in range(60):
        points = rng.normal(size=(8, 3))
        apart = np.linalg.norm(points[:, None] - points, axis=2)
        wrong += compare_groups(apart, range(4)).differs
    assert wrong <= 9


def test_distances_are_right_for_near_and_far_networks() -> None:
    rng = np.random.default_rng(9)
    first = random_network((5, 9, 3), rng)
    near = [
        MLP(tuple(w + share * np.float32(1) for w in first.weights), first.biases)
        for share in (0.0, 1e-6, 1e-4, 1e-2)
    ]
    networks = [first, *near, random_network((5, 9, 3), rng)]
    rows = [
        np.concatenate([part.ravel() for part in (*n.weights, *n.biases)]).astype(np.float64)
        for n in networks
    ]
    wanted = [[np.linalg.norm(a - b) / np.sqrt(a @ a + b @ b) for b in rows] for a in rows]
    found = pairwise_distances(networks)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=0)


def test_products_have_one_thread_each_while_networks_are_compared() -> None:
    rng = np.random.default_rng(10)
    networks = [random_network((4, 6, 2), rng) for _ in range(2)]
    threads = lambda: [  # noqa: E731
        one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"
    ]
    seen = []
    with threadpool_limits(2, user_api="blas"):
        before = threads()
        examine(networks, report=lambda done, total: seen.append(threads()))
        assert threads() == before
    assert seen
    assert {count for one in seen for count in one} == {1}


def test_a_plane_keeps_distances_that_fit_on_one() -> None:
    points = np.random.default_rng(6).normal(size=(7, 2))
    apart = np.linalg.norm(points[:, None] - points, axis=2)
    plane = plane_of(apart)
    assert plane.kept == pytest.approx(1)
    assert np.allclose(np.linalg.norm(plane.points[:, None] - plane.points, axis=2), apart)


def test_unaligned_clouds_collapse_into_one() -> None:
    rng = np.random.default_rng(7)
    network = random_network((8, 16, 16, 3), rng)
    networks = [network, *(shuffled(noisy(network, 0.1, rng), rng) for _ in range(7))]
    examination = examine(networks)
    upper = np.triu_indices(8, 1)
    assert examination.before[upper].min() > 0.8
    assert examination.after[upper].max() < 0.15


def test_what_is_found_is_reported_in_full() -> None:
    networks, _ = planted(1)
    names = ["a <b>.npz", *(f"{i}.npz" for i in range(3))]
    every = [networks[name] for name in ("first", "turned", "dead", "unrelated")]
    examination = examine(every)
    body = json.loads(json.dumps(examination.as_json(names), allow_nan=False))
    assert len(body["neurons"]) == 3 * sum(hidden_widths(every[0]))
    assert {row["network"] for row in body["metrics"]} == {1, 2, 3, 4}
    pairs = examination.distance_rows(names)
    assert [(row["network"], row["other"]) for row in pairs][:3] == [(1, 2), (1, 3), (1, 4)]
    assert pairs[0]["before"] > 0.5 > 1e-3 > pairs[0]["after"]
    report = report_html(examination, names).decode()
    assert "a &lt;b&gt;.npz" in report
    assert "<b>.npz" not in report
    for sentence in examination.sentences:
        assert sentence.text in report
    assert "http" not in report.replace("http://www.w3.org", "")
    cells = json.loads(notebook(Question(reference=1, activation="tanh"), names))["cells"]
    code = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    assert "Question(reference=1, activation='tanh')" in code[2]
    for source in code:
        compile(source, "cell", "exec")


def test_observations_of_people_are_read_or_refused() -> None:
    rng = np.random.default_rng(8)
    inputs, targets = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    both = np.column_stack([inputs, targets])
    text = "a,b,c,d,e\n" + "\n".join(",".join(map(str, row)) for row in both)
    read, wanted = read_observations("x.csv", text.encode(), 3, 2)
    assert np.allclose(read, inputs, atol=1e-6)
    assert wanted is not None
    assert np.allclose(wanted, targets, atol=1e-6)
    for content, words in (
        (b"1,2\n3,4", "2 columns; the networks need 3, or 5 with targets"),
        (b"1,2,x\n3,4,5\n", 'no table .*line 1 has "x"'),
        (b"a,b,c\n1,2,3\n\n4,,6\n", "an empty cell in line 4"),
        (b"1,2,3\n4,5\n", "2 columns in line 2 and 3 in line 1"),
        (b"1;2;3\n4;5;6\n", "has semicolons"),
        (b"a,b,c\n", "no line of numbers"),
        (b"", "no line of numbers"),
        (b"1,2,inf\n3,4,5\n", "not finite"),
        (b"1,2,3\n", "two or more"),
        (b"\xff\xfe\x00", "no table"),
    ):
        with pytest.raises(UserError, match=words):
            read_observations("x.csv", content, 3, 2)


def test_neurons_that_do_not_vary_are_matched_by_weights() -> None:
    """On these inputs some neurons of every layer are silent: activations say nothing of them, weights do."""
    rng = np.random.default_rng(4)
    first = random_network((6, 20, 16, 2), rng)
    for layer in (0, 1):
        first.biases[layer][:5] = -50.0
    inputs = rng.normal(size=(200, 6)).astype(np.float32)
    question = Question(activation="other", by_activations=True)
    found = examine([first, shuffled(first, rng)], question, Observations(inputs, "relu"))
    assert [len(layer.dead) for layer in found.health[0]] == [5, 5]
    assert found.pairs[1].relation == "permutation"


def test_scales_of_neurons_that_do_not_vary_are_undone_by_weights() -> None:
    """Not left as they are while all others are scaled."""
    rng = np.random.default_rng(4)
    first = random_network((6, 20, 16, 2), rng)
    for layer in (0, 1):
        first.biases[layer][:5] = -50.0
    other = rescale(shuffled(first, rng), [rng.uniform(0.2, 5.0, w) for w in hidden_widths(first)])
    inputs = rng.normal(size=(200, 6)).astype(np.float32)
    question = Question(activation="relu", by_activations=True)
    found = examine([first, other], question, Observations(inputs, "relu"))
    assert found.pairs[1].relation == "permutation"
    for mine, theirs in zip(found.aligned[1].weights, first.weights, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-3, atol=1e-5)


def test_names_on_the_plane_of_a_report_do_not_cover_each_other() -> None:
    one = np.array([[0.0, 0.0], [1.0, 1.0], [1e-9, 0.0], [0.0, 1e-9], [0.5, 0.2]])
    assert [name.text for name in plane_names(one)] == ["1, 3, 4", "2", "5"]
    assert [name.text for name in plane_names(np.zeros((9, 2)))] == ["1, 2, 3, 4 and 5 more"]
    rng = np.random.default_rng(0)
    for _ in range(20):
        points = rng.normal(size=(20, 2)) * rng.choice([0.05, 1.0], (20, 1))
        boxes = []
        for name in plane_names(points):
            corner = points[name.place] * 200 / np.ptp(points, axis=0).max() + name.offset
            width = 6 * len(name.text)
            boxes.append((corner[0] - (width if name.offset[0] < 0 else 0), corner[1], width))
        for i, (x, y, width) in enumerate(boxes):
            for other_x, other_y, other_width in boxes[i + 1 :]:
                assert x >= other_x + other_width or other_x >= x + width or abs(y - other_y) >= 10


def test_progress_within_one_pair_goes_on_and_ends() -> None:
    seen: list[tuple[int, int]] = []
    rng = np.random.default_rng(0)
    networks = [random_network((5, 16, 16, 3), rng) for _ in range(2)]
    examine(networks, report=lambda done, total: seen.append((done, total)))
    assert seen == sorted(seen)
    assert len({done for done, _ in seen}) > 20
    assert seen[-1][0] == seen[-1][1]


def test_a_relation_counts_only_what_was_done_to_partners() -> None:
    """Neurons without a partner are put somewhere, with some sign: that is no finding."""
    networks, _ = planted(3)
    found = examine([networks["first"], networks["first layer"]], Question(activation="tanh"))
    partners = sum(int(layer.found.sum()) for layer in found.pairs[1].layers)
    assert found.pairs[1].correspondence.turned > 0
    said = found.sentences[0].text
    assert said.startswith(f"2 agrees with 1 up to layer 1 ({partners} neurons in another place) (")


def test_the_notebook_gives_the_numbers_of_the_page(tmp_path: Path, monkeypatch) -> None:
    """Also of one network of several in a file, and with observations."""
    monkeypatch.chdir(tmp_path)
    library = Path(__file__).parent / "network_files" / "libraries" / "stable_baselines3.zip"
    files = [("a.zip", library.read_bytes()), ("b.zip", library.read_bytes())]
    for name, content in files:
        (tmp_path / name).write_bytes(content)
    readings = [read_file(*file)[1] for file in files]
    rng = np.random.default_rng(0)
    np.savez("my obs.npz", obs=rng.normal(size=(20, 3)), targets=rng.normal(size=(20, 1)))
    inputs, targets = read_observations("my obs.npz", Path("my obs.npz").read_bytes(), 3, 1)
    question = Question(activation="tanh", by_activations=True)
    examination = examine(
        [one.network for one in readings], question, Observations(inputs, "tanh", targets)
    )
    found = examined_files(files, readings, examination, run_on=("my obs.npz", "tanh"))
    known: dict[str, Any] = {}
    cells = [c["source"] for c in json.loads(found["notebook.ipynb"])["cells"]]
    for source in cells[1:-1]:  # without the figure
        exec(source, known)
    names = ["a.zip", "b.zip"]
    assert known["examination"].as_json(names) == examination.as_json(names)
    assert examined_files(files, readings, examination, run_on=("my obs.npz", "tanh")) == found


def test_an_order_that_others_have_in_common_is_not_taken_from_them() -> None:
    """Two networks of one order that are unlike the reference are no farther apart once all are aligned to it."""
    rng = np.random.default_rng(2)
    first, other = (random_network((8, 24, 24, 3), rng) for _ in range(2))
    found = examine([first, other, noisy(other, 0.2, rng), shuffled(first, rng)])
    assert found.after[1, 2] == found.before[1, 2] < 0.2
    assert found.after[0, 3] < 1e-6 < found.before[0, 3]
    assert found.after[0, 1] == pytest.approx(found.pairs[1].after, abs=1e-6)
    assert np.array_equal(found.after, found.after.T)
