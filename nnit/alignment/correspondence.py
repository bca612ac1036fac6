"""Which neuron of a network belongs to which of a reference: orders, signs and scales, found together.

Three changes leave what an MLP computes as it is: another order of a layer's neurons; with an odd activation such as
tanh, the opposite sign of all that goes into a neuron and comes out of it; with ReLU, all that goes in times c > 0 and
all that comes out over c (Hecht-Nielsen 1990; Chen, Lu and Hecht-Nielsen 1993; Neyshabur et al. 2015, "Path-SGD").
`nnit.alignment.matching` knows the first alone, for our own networks; here all three are undone, and networks of
different depths are compared as far as they have layers in common.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.optimize import linear_sum_assignment

from nnit.alignment.symmetry import permute
from nnit.errors import UserError
from nnit.mlp.network import (
    ACTIVATION_FUNCTIONS,
    MLP,
    AnyNetwork,
    Network,
    hidden_activations,
    hidden_widths,
    layer_sizes,
    linear,
    norms_of,
    runs,
    vectors_of,
)

Way = Literal["nearest", "alike", "input"]
Tick = Callable[[], None]
Factors = Sequence[Float[np.ndarray, " width"]]

# Beyond this many weights one start of the search has to do, and beyond the second number few sweeps.
_FEW_WEIGHTS, MANY_WEIGHTS = 40_000, 2_000_000
_SWEEPS, _FEWER_SWEEPS = 30, 2
_REFINING_SWEEPS = 3
_SILENT = 1e-4  # of a correlation: what neurons that do not vary are worth to each other
_ROUNDING = 1e-6  # a share: smaller gains are rounding in float32
_BALANCING = 100


@dataclass(frozen=True)
class Symmetries:
    """What is undone besides the order.

    Attributes:
        signs: opposite signs, which an odd activation such as tanh allows.
        scales: positive scales, which ReLU allows.
    """

    signs: bool = False
    scales: bool = False

    @classmethod
    def of(cls, activation: str) -> "Symmetries":
        """Those of networks with this activation; none of one that is not known."""
        return cls(signs=activation == "tanh", scales=activation == "relu")


NO_SYMMETRIES = Symmetries()


@dataclass(frozen=True, eq=False)
class Correspondence:
    """How a network's neurons correspond to a reference's.

    Attributes:
        depth: hidden layers that were matched: all, or those that both networks have where depths or outputs differ.
        permutations: of the network's own hidden layers, each (width,), as `permute` takes them. Neurons with a partner
            come first, in the order of their partners.
        partners: for each matched layer the reference's neuron that the permuted network's neuron 0, 1, 2, ... belongs
            to, (smaller of both widths,), increasing.
        factors: for each hidden layer of the permuted network what its incoming weights and biases are multiplied by,
            and its outgoing ones divided by, (width,): -1 where a sign was turned, a scale where one was undone.
    """

    depth: int
    permutations: tuple[Int[np.ndarray, " width"], ...]
    partners: tuple[Int[np.ndarray, " common"], ...]
    factors: tuple[Float[np.ndarray, " width"], ...]

    def apply(self, network: AnyNetwork) -> AnyNetwork:
        """The network in the order, with the signs and scales, of the reference; its function as it was."""
        return rescale(permute(network, self.permutations), self.factors)

    @property
    def moved(self) -> int:
        """Number of matched neurons that were not in their partner's place."""
        return sum(
            int((own[: len(theirs)] != theirs).sum())
            for own, theirs in zip(self.permutations, self.partners, strict=False)
        )

    @property
    def turned(self) -> int:
        """Number of neurons whose sign was turned."""
        return sum(int((factor < 0).sum()) for factor in self.factors)

    @property
    def rescaled(self) -> int:
        """Number of neurons whose scale was changed by more than a thousandth."""
        return sum(int((np.abs(np.abs(factor) - 1) > 1e-3).sum()) for factor in self.factors)


def rescale(network: AnyNetwork, factors: Factors) -> AnyNetwork:
    """Every hidden neuron's incoming weights and bias times its factor, its outgoing weights over it.

    Leaves the function as it is, up to rounding, for factors of -1 with an odd activation, and for positive ones with
    ReLU.

    Raises:
        ValueError: a factor other than 1 is asked of a layer with layer normalisation.
    """
    for norm, factor in zip(norms_of(network), factors, strict=False):
        if norm is not None and (factor != 1).any():
            raise ValueError("layer normalisation leaves a neuron neither sign nor scale to change")
    weights, biases = [], []
    for layer, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
        if layer:
            weight = weight / factors[layer - 1].astype(weight.dtype)
        if layer < len(factors):
            factor = factors[layer].astype(weight.dtype)
            weight, bias = weight * factor[:, None], bias * factor
        weights.append(weight)
        biases.append(bias)
    return replace(network, weights=tuple(weights), biases=tuple(biases))


def common_depth(reference: Network, network: Network) -> tuple[int, bool]:
    """How many hidden layers two networks have in common from the input on, and whether that is all of both.

    Raises:
        UserError: they take different inputs.
    """
    mine, theirs = layer_sizes(reference), layer_sizes(network)
    if mine[0] != theirs[0]:
        raise UserError(
            f"one takes {mine[0]} inputs and the other {theirs[0]}, so that no layer can be compared"
        )
    whole = len(mine) == len(theirs) and mine[-1] == theirs[-1]
    return min(len(mine), len(theirs)) - 2, whole


def balanced(network: Network) -> tuple[MLP, list[Float[np.ndarray, " width"]]]:
    """The network with the smallest weights among those that scales make of it, and the factors that lead there.

    Each neuron's incoming weights and bias have the norm of its outgoing weights then (Stock et al. 2019,
    "Equi-normalization", https://arxiv.org/abs/1902.10416); the sum of squares has one minimum. Neurons without
    incoming or without outgoing weights stay as they are.
    """
    squares = [weight.astype(np.float64) ** 2 for weight in network.weights]
    shifts = [bias.astype(np.float64) ** 2 for bias in network.biases]
    logs = [np.zeros(width) for width in hidden_widths(network)]
    for _ in range(_BALANCING):
        largest = 0.0
        for layer, log in enumerate(logs):
            before = np.exp(-2 * logs[layer - 1]) if layer else np.ones(squares[0].shape[1])
            after = np.exp(2 * logs[layer + 1]) if layer + 1 < len(logs) else None
            own = np.exp(2 * log)
            incoming = own * (squares[layer] @ before + shifts[layer])
            following = squares[layer + 1]
            outgoing = (following.sum(0) if after is None else after @ following) / own
            seen = (incoming > 0) & (outgoing > 0)
            change = np.zeros(len(log))
            change[seen] = 0.25 * np.log(outgoing[seen] / incoming[seen])
            log += change
            largest = max(largest, float(np.abs(change).max(initial=0)))
        if largest < 1e-7:
            break
    factors = [np.exp(log) for log in logs]
    plain = MLP(
        tuple(w.astype(np.float64) for w in network.weights),
        tuple(b.astype(np.float64) for b in network.biases),
    )
    return rescale(plain, factors), factors


# --- The search -----------------------------------------------------------------------------------


@dataclass(eq=False)
class _Frame:
    """Layers padded to the larger widths of two networks, zero where padded.

    Attributes:
        weights: matrices of the layers that are compared, float32.
        vectors: of the same, see `vectors_of`.
        real: for each hidden layer, which of its places have a neuron.
    """

    weights: list[Float[np.ndarray, "rows columns"]]
    vectors: list[Float[np.ndarray, "rows vectors"]]
    real: list[Bool[np.ndarray, " width"]]


def _frame(network: Network, widths: Sequence[int], layers: int, normed: bool) -> _Frame:
    sizes = layer_sizes(network)
    frame = _Frame([], [], [np.arange(w) < own for w, own in zip(widths, sizes[1:], strict=False)])
    for layer in range(layers):
        rows = widths[layer] if layer < len(widths) else sizes[layer + 1]
        columns = widths[layer - 1] if layer else sizes[0]
        weight = np.zeros((rows, columns), np.float32)
        weight[: sizes[layer + 1], : sizes[layer]] = network.weights[layer]
        own = vectors_of(network, layer, normed)
        vectors = np.zeros((rows, own.shape[1]), np.float32)
        vectors[: sizes[layer + 1]] = own
        frame.weights.append(weight)
        frame.vectors.append(vectors)
    return frame


@dataclass(frozen=True, eq=False)
class _Search:
    """Which order and which signs of the moving network bring it nearest to the target?"""

    target: _Frame
    moving: _Frame
    signs: bool
    tick: Tick

    def inner(
        self,
        orders: Sequence[np.ndarray | None],
        turns: Sequence[np.ndarray],
        which: int,
        outgoing: bool = True,
    ) -> Float[np.ndarray, "width width"]:
        """For each pair of a target's and a moving network's neuron of one layer, the inner product of their weights.

        In the order of the other layers; weights to and from an undecided one (None) do not count.
        """
        target, moving = self.target, self.moving
        width = len(target.real[which])
        total = np.zeros((width, width), np.float32)
        before, after = which - 1, which + 1
        if before < 0 or orders[before] is not None:
            theirs = moving.weights[which]
            if before >= 0:
                theirs = theirs[:, orders[before]] * turns[before]
            total += target.weights[which] @ theirs.T
            total += target.vectors[which] @ moving.vectors[which].T
        if outgoing and after < len(target.weights):
            if after == len(target.real):
                total += target.weights[after].T @ moving.weights[after]
            elif orders[after] is not None:
                theirs = moving.weights[after][orders[after]] * turns[after][:, None]
                total += target.weights[after].T @ theirs
        return total

    def likeness(
        self, inner: Float[np.ndarray, "width width"], which: int, outgoing: bool = True
    ) -> Float[np.ndarray, "width width"]:
        """2 a.b / (|a|^2 + |b|^2): 1 for the same weights, however large, 0 for unrelated ones and silent neurons."""
        sizes = []
        for frame in (self.target, self.moving):
            size = (frame.weights[which] ** 2).sum(1) + (frame.vectors[which] ** 2).sum(1)
            if outgoing and which + 1 < len(frame.weights):
                size = size + (frame.weights[which + 1] ** 2).sum(0)
            sizes.append(size)
        return 2 * inner / np.maximum(np.add.outer(*sizes), np.float32(1e-30))

    def best(self, inner: Float[np.ndarray, "width width"], which: int) -> np.ndarray:
        """For each of the target's neurons the other's, so that the sum of these values is largest."""
        self.tick()
        gain = np.abs(inner) if self.signs else inner
        mine, theirs = self.target.real[which], self.moving.real[which]
        if not (mine.all() and theirs.all()):
            # Padded places take whoever is left.
            gain = np.where(np.outer(mine, theirs), gain, gain.min() - 1)
        first = gain.argmax(1)
        if len(np.unique(first)) == len(first):
            return first
        return linear_sum_assignment(gain, maximize=True)[1]

    def turn(self, inner: np.ndarray, order: np.ndarray) -> np.ndarray:
        """The signs of a layer's neurons in this order."""
        chosen = inner[np.arange(len(order)), order]
        turned = self.signs & (chosen < 0)
        return np.where(turned, np.float32(-1), np.float32(1))

    def grow(self, sequence: Sequence[int]) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Layers decided one after another, each by the weights to those that are decided."""
        depth = len(self.target.real)
        orders: list[np.ndarray | None] = [None] * depth
        turns = [np.ones(len(real), np.float32) for real in self.target.real]
        for which in sequence:
            inner = self.inner(orders, turns, which)
            orders[which] = order = self.best(inner, which)
            turns[which] = self.turn(inner, order)
        return [order for order in orders if order is not None], turns

    def grow_alike(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """From the input on, each layer by likeness of incoming weights alone."""
        depth = len(self.target.real)
        orders: list[np.ndarray | None] = [None] * depth
        turns = [np.ones(len(real), np.float32) for real in self.target.real]
        for which in range(depth):
            alike = self.likeness(self.inner(orders, turns, which, False), which, False)
            orders[which] = order = self.best(alike, which)
            turns[which] = self.turn(alike, order)
        return [order for order in orders if order is not None], turns

    def refine(
        self, orders: Sequence[np.ndarray], turns: Sequence[np.ndarray]
    ) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """From an order, a few sweeps that ask for the largest sum of likenesses.

        The smallest distance may give a neuron that has its like to another that is larger, where some of the likes are
        silent; likeness does not.
        """
        orders, turns = list(orders), list(turns)
        for _ in range(_REFINING_SWEEPS):
            settled = True
            for which in range(len(orders)):
                alike = self.likeness(self.inner(orders, turns, which), which)
                order = self.best(alike, which)
                settled &= np.array_equal(order, orders[which])
                orders[which], turns[which] = order, self.turn(alike, order)
            if settled:
                break
        return orders, turns

    def descend(
        self, orders: list[np.ndarray], turns: list[np.ndarray], sweeps: int
    ) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """One layer after another, until none gains."""
        orders, turns = list(orders), list(turns)
        for sweep in range(sweeps):
            gained = False
            layers = range(len(orders))
            for which in layers if sweep % 2 == 0 else reversed(layers):
                inner = self.inner(orders, turns, which)
                places = np.arange(len(inner))
                held = (inner[places, orders[which]] * turns[which]).sum(dtype=np.float64)
                order = self.best(inner, which)
                turn = self.turn(inner, order)
                gain = (inner[places, order] * turn).sum(dtype=np.float64) - held
                if gain > _ROUNDING * np.abs(inner).max():
                    orders[which], turns[which], gained = order, turn, True
            if not gained:
                break
        return orders, turns

    def score(self, orders: Sequence[np.ndarray], turns: Sequence[np.ndarray]) -> float:
        """The inner product of both networks: the larger, the nearer they are."""
        total = 0.0
        for layer, weight in enumerate(self.target.weights):
            theirs, vectors = self.moving.weights[layer], self.moving.vectors[layer]
            if layer:
                theirs = theirs[:, orders[layer - 1]] * turns[layer - 1]
            if layer < len(orders):
                theirs = theirs[orders[layer]] * turns[layer][:, None]
                vectors = vectors[orders[layer]] * turns[layer][:, None]
            total += float(np.vdot(weight, theirs)) + float(
                np.vdot(self.target.vectors[layer], vectors)
            )
        return total


def correspond(
    reference: Network,
    network: Network,
    symmetries: Symmetries = NO_SYMMETRIES,
    way: Way = "nearest",
    tick: Tick = lambda: None,
) -> Correspondence:
    """Orders, signs and scales that bring a network's weights close to a reference's.

    Scales first: both networks are balanced (`balanced`), which undoes any scale. Then the inner product of all weights
    and biases is maximised, which for equal widths minimises their L2 distance, by coordinate descent (Git Re-Basin,
    Ainsworth et al. 2023, algorithm 1) with a sign for each neuron beside its place: with all layers but one held, both
    are found exactly by one linear assignment over absolute inner products. Where widths differ, silent neurons fill
    the smaller layer; where depths or outputs differ, the layers that both have from the input on are matched.

    The order as it is counts as a candidate, so that neurons move only for a gain. Small networks are searched from
    three starts, large ones from one.

    Args:
        reference: whose order is wanted.
        network: with as many inputs.
        symmetries: what is undone besides the order.
        way: "nearest" asks for the smallest distance, "alike" then for neurons that are each as like as can be,
            "input" for that layer after layer from the input on, by incoming weights alone, whatever reads them.
        tick: called before each assignment; of wide layers one takes seconds.

    Raises:
        UserError: the networks cannot be compared.
    """
    depth, whole = common_depth(reference, network)
    own, theirs = hidden_widths(network), hidden_widths(reference)
    mine_scaled, mine_factors = balanced(reference) if symmetries.scales else (reference, None)
    other_scaled, other_factors = balanced(network) if symmetries.scales else (network, None)
    widths = [max(a, b) for a, b in zip(own[:depth], theirs[:depth], strict=True)]
    layers = depth + 1 if whole else depth
    normed = bool(norms_of(reference) or norms_of(network))
    search = _Search(
        _frame(mine_scaled, widths, layers, normed),
        _frame(other_scaled, widths, layers, normed),
        symmetries.signs,
        tick,
    )
    orders, turns = search.grow_alike() if way == "input" else _found(search, depth)
    if way == "alike":
        orders, turns = search.refine(orders, turns)
    return _correspondence(search, orders, turns, (own, theirs), (mine_factors, other_factors))


def _found(search: _Search, depth: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The best of what the starts lead to."""
    cells = sum(weight.size for weight in search.target.weights)
    sweeps = _FEWER_SWEEPS if cells > MANY_WEIGHTS else _SWEEPS
    identity = [np.arange(len(real)) for real in search.target.real]
    plain = [np.ones(len(order), np.float32) for order in identity]
    starts = [search.grow(range(depth))]
    if cells <= _FEW_WEIGHTS:
        starts.append((identity, plain))
        if len(search.target.weights) > depth:
            starts.append(search.grow(range(depth)[::-1]))
    candidates = [(identity, plain), *(search.descend(*start, sweeps) for start in starts)]
    scores = [search.score(*candidate) for candidate in candidates]
    best = int(np.argmax(scores))
    size = sum(float(np.vdot(weight, weight)) for weight in search.moving.weights)
    return candidates[best if scores[best] > scores[0] + _ROUNDING * size else 0]


def _correspondence(
    search: _Search,
    orders: Sequence[np.ndarray],
    turns: Sequence[np.ndarray],
    widths: tuple[tuple[int, ...], tuple[int, ...]],
    scales: tuple[Factors | None, Factors | None],
) -> Correspondence:
    """What was found on padded layers, for the real neurons."""
    permutations, partners, factors = [], [], []
    for layer, (own, theirs) in enumerate(zip(*widths, strict=False)):
        if layer >= len(orders):
            break
        order, turn = orders[layer], turns[layer].astype(np.float64)
        matched = order[:theirs]
        real = np.flatnonzero(matched < own)
        rest = np.setdiff1d(np.arange(own), matched)
        permutation = np.concatenate([matched[real], rest])
        factor = np.concatenate([turn[real], np.ones(len(rest))])
        if scales[0] is not None and scales[1] is not None:
            back = np.concatenate([scales[0][layer][real], np.ones(len(rest))])
            factor = factor * scales[1][layer][permutation] / back
            factor[len(real) :] = 1.0
        permutations.append(permutation)
        partners.append(real)
        factors.append(factor)
    for own in widths[0][len(permutations) :]:
        permutations.append(np.arange(own))
        factors.append(np.ones(own))
    return Correspondence(len(partners), tuple(permutations), tuple(partners), tuple(factors))


# --- By activations -------------------------------------------------------------------------------


def correspond_by_activations(
    reference: Network,
    network: Network,
    inputs: Float[np.ndarray, "n features"],
    activation: str,
    symmetries: Symmetries = NO_SYMMETRIES,
) -> Correspondence:
    """The same by what neurons do: the largest sum of correlations of their activations on the same inputs.

    Li et al. 2015, "Convergent Learning" (https://arxiv.org/abs/1511.07543): correlations are blind to scale; a sign is
    turned where the correlation is negative and signs are undone. Scales are the ratio of both standard deviations.
    Neurons that do not vary correlate with none; those of both networks are matched with each other by the weights that
    go into them, and their scales are the ratio of the lengths of these.

    Args:
        reference: whose order is wanted.
        network: with as many inputs; depths may differ.
        inputs: as the first layer takes them.
        activation: of the hidden layers, a key of `ACTIVATION_FUNCTIONS`.
        symmetries: what is undone besides the order.

    Raises:
        UserError: the networks or the inputs do not fit each other.
    """
    depth, _ = common_depth(reference, network)
    mine, theirs = (
        layer_activations(one, inputs, activation)[:depth] for one in (reference, network)
    )
    permutations: list[np.ndarray] = []
    partners: list[np.ndarray] = []
    factors: list[np.ndarray] = []
    for layer, (a, b) in enumerate(zip(mine, theirs, strict=True)):
        x, y = standardised(a), standardised(b)
        correlations = x.T @ y / len(x)
        silent = np.ix_(~x.any(0), ~y.any(0))
        ours, other = _going_in(reference, layer), _going_in(network, layer)
        if layer:  # from neurons that have been matched
            before, moved = partners[-1], permutations[-1][: len(partners[-1])]
            ours = ours[:, [*before, -1]]
            other = other[:, [*moved, -1]] / np.append(factors[-1][: len(before)], 1.0)
        # Less than any correlation that counts: a neuron that varies is not left for these.
        correlations[silent] = _SILENT * _cosines(ours[silent[0].ravel()], other[silent[1].ravel()])
        gain = np.abs(correlations) if symmetries.signs else correlations
        rows, columns = linear_sum_assignment(gain, maximize=True)
        rest = np.setdiff1d(np.arange(b.shape[1]), columns)
        factor = np.ones(b.shape[1])
        if symmetries.signs:
            factor[: len(rows)] = np.where(correlations[rows, columns] < 0, -1.0, 1.0)
        if symmetries.scales:
            spread, spread_of_other = a.std(0)[rows], b.std(0)[columns]
            # Of what does not vary on these inputs the weights still tell.
            lengths = np.linalg.norm(ours, axis=1)[rows]
            lengths_of_other = np.linalg.norm(other, axis=1)[columns]
            varies = np.asarray(x[:, rows].any(0) & y[:, columns].any(0))
            wanted = np.where(varies, spread, lengths)
            found = np.where(varies, spread_of_other, lengths_of_other)
            known = (wanted > 0) & (found > 0)
            factor[: len(rows)][known] *= wanted[known] / found[known]
        permutations.append(np.concatenate([columns, rest]))
        partners.append(rows)
        factors.append(factor)
    for own in hidden_widths(network)[depth:]:
        permutations.append(np.arange(own))
        factors.append(np.ones(own))
    return Correspondence(depth, tuple(permutations), tuple(partners), tuple(factors))


def _going_in(network: Network, layer: int) -> Float[np.ndarray, "width inputs_and_bias"]:
    """Weights and bias of every neuron of a layer."""
    return np.column_stack([network.weights[layer], network.biases[layer]])


def _cosines(a: Float[np.ndarray, "m n"], b: Float[np.ndarray, "k n"]) -> Float[np.ndarray, "m k"]:
    """How like rows are to rows, -1 to 1; 0 of rows of zeros."""
    lengths = np.linalg.norm(a, axis=1)[:, None] * np.linalg.norm(b, axis=1)
    return np.asarray((a @ b.T) / np.where(lengths > 0, lengths, np.inf))


def layer_activations(
    network: Network, inputs: Float[np.ndarray, "n features"], activation: str
) -> list[Float[np.ndarray, "n width"]]:
    """Activations of every hidden layer on some inputs, float32; behind its layer normalisation, if it has one.

    Raises:
        UserError: the inputs do not fit the network, or it is not known what it computes.
    """
    if not runs(network):
        raise UserError(
            "a network cannot be run whose file does not say where its layer normalisation stands"
        )
    if inputs.ndim != 2 or inputs.shape[1] != network.weights[0].shape[1]:
        raise UserError(
            f"the observations have {inputs.shape[-1] if inputs.ndim else 0} numbers each, "
            f"the networks take {network.weights[0].shape[1]}"
        )
    layers = hidden_activations(
        network.weights,
        network.biases,
        inputs.astype(np.float32),
        ACTIVATION_FUNCTIONS[activation],
        linear,
        norms_of(network),
    )
    *hidden, _ = layers
    return hidden


def standardised(activations: Float[np.ndarray, "n width"]) -> Float[np.ndarray, "n width"]:
    """Each column less its mean over its standard deviation; zero where it does not vary."""
    centred = activations - activations.mean(0)
    spread = centred.std(0)
    return centred / np.where(spread > 1e-7, spread, np.inf)
