"""Which architectures and goals are held out of training, and which split an architecture is in.

An architecture is *seen* only if that exact list of hidden widths trained the GHN, the zoo or the DiT.
All three draw their architectures from a fixed list, that of the checkpoint's protocol. Never trained on
are, in the protocol "dense" (8 to 64 neurons, one to three hidden layers): any list with one of seven
reserved widths, a fixed tenth of the other combinations, four hidden layers. In "dense from 4" layers of 4,
5 and 7 neurons are trained beside those, and 6 is reserved. In "4 to 64" (one, two, three and five hidden layers)
six widths from 19 on are reserved, a tenth of the other combinations, half of those of layers below 8 neurons,
those of `HELD_OUT`, four hidden layers. In "bands" (4 to 256 neurons,
one, two, three and five hidden layers): whole ranges of widths in every doubling, layers that differ by more
than a factor of three, a fixed tenth of the other combinations, four hidden layers.

Seeds name goals. Training (demonstrations, DAgger, fine-tuning) draws from [0, 2^30), the zoo's own
success measurement from [2^30, 2^31), and evaluation from [2^31, 2^32), so that no evaluated goal was
ever trained on.
"""

import functools
import hashlib
import itertools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nnit.errors import UserError
from nnit.mlp.spec import MLPArchitecture
from nnit.seeds import Purpose, purpose_seed

MIN_TRAINED_WIDTH, MAX_TRAINED_WIDTH = 8, 64
TRAINED_DEPTHS = (1, 2, 3)
HELD_OUT_DEPTH = 4
RESERVED_WIDTHS = frozenset({11, 19, 27, 37, 45, 53, 61})
TRAINED_WIDTHS = tuple(
    width
    for width in range(MIN_TRAINED_WIDTH, MAX_TRAINED_WIDTH + 1)
    if width not in RESERVED_WIDTHS
)
# Those of "dense from 4": of 4 to 7 neurons one width is reserved as well.
_NARROW_WIDTHS = (4, 5, 7, *TRAINED_WIDTHS)
# What results are reported on, chosen before anything was measured on them: two of each depth with all
# widths seen but not together, then two of each depth with reserved widths.
HELD_OUT = (
    *("33", "40", "30-48", "12-20", "23-42-36", "64-64-64"),
    *("61", "16-11", "27-45", "60-53", "50-22-37", "40-19-61"),
)
# Both hidden widths of the maps of success: less than some protocols have, trained, reserved, and more than that.
MAP_WIDTHS = (4, 6, 8, 11, 16, 19, 24, 27, 32, 37, 40, 45, 48, 53, 56, 61, 64, 72, 80)
_HELD_OUT_ONE_IN = 10
_THREE_LAYER_COUNT = 4000

Split = Literal["seen", "recombined", "new-width", "new-ratio", "new-depth", "extrapolated"]
SPLITS: tuple[Split, ...] = (
    *("seen", "recombined", "new-width", "new-ratio", "new-depth", "extrapolated"),
)


def _held_out_by_hash(architecture: MLPArchitecture, one_in: int = _HELD_OUT_ONE_IN) -> bool:
    """Whether this combination is in the fixed random share that is never trained on, by default a tenth."""
    digest = hashlib.sha256(str(architecture).encode()).digest()
    return int.from_bytes(digest[:8], "big") % one_in == 0


@functools.cache
def training_architectures() -> tuple[MLPArchitecture, ...]:
    """Every architecture that training may use: all of depth 1 and 2, a fixed draw of depth 3."""
    return _all_of(TRAINED_WIDTHS)


@functools.cache
def _narrow_architectures() -> tuple[MLPArchitecture, ...]:
    return _all_of(_NARROW_WIDTHS)


def _all_of(widths: tuple[int, ...]) -> tuple[MLPArchitecture, ...]:
    candidates = [
        MLPArchitecture(hidden)
        for depth in (1, 2)
        for hidden in itertools.product(widths, repeat=depth)
    ]
    draw = np.random.default_rng(20260300180).choice(widths, size=(_THREE_LAYER_COUNT, 3))
    candidates += [
        MLPArchitecture(tuple(map(int, hidden))) for hidden in sorted(set(map(tuple, draw)))
    ]
    return tuple(a for a in candidates if not _held_out_by_hash(a))


@dataclass(frozen=True)
class Protocol:
    """Which architectures training draws from; all others are held out.

    Attributes:
        name: in presets and checkpoints.
        widths: of hidden layers that training has, in order.
        depths: numbers of hidden layers that training has.
        new_depth: a number of hidden layers that is held out, though not far from those.
        architectures: the fixed list that training draws from.
        largest_ratio: of the widths of two layers that follow one another in training.
        caps: what is drawn at a time has layers of at most one of these widths, and how often each is
            chosen, so that narrow networks are trained as often as wide ones; none where all are drawn alike.
    """

    name: str
    widths: tuple[int, ...]
    depths: tuple[int, ...]
    new_depth: int
    architectures: Callable[[], tuple[MLPArchitecture, ...]]
    caps: tuple[tuple[int, float], ...] = ()
    largest_ratio: float = float("inf")

    @property
    def narrowest(self) -> int:
        """Width of the narrowest hidden layer that training has."""
        return self.widths[0]

    @property
    def widest(self) -> int:
        """Width of the widest hidden layer that training has."""
        return self.widths[-1]

    def split_of(self, architecture: MLPArchitecture) -> Split:
        """The split that `architecture` belongs to.

        Where several apply, the harder one is named: `extrapolated` (a width outside the training range, or
        more hidden layers than training and `new_depth` have), then `new-depth`, then `new-width` (a width
        inside the range that training does not have), then `new-ratio` (layers that differ too much), then
        `recombined` (nothing of it is new, this combination is not in training), then `seen`.
        """
        hidden, depth = architecture.hidden, architecture.depth
        if not self.narrowest <= min(hidden) <= max(hidden) <= self.widest:
            return "extrapolated"
        if depth == self.new_depth:
            return "new-depth"
        if depth not in self.depths:
            return "extrapolated"
        if not set(hidden) <= set(self.widths):
            return "new-width"
        for one, other in itertools.pairwise(hidden):
            if max(one, other) > self.largest_ratio * min(one, other):
                return "new-ratio"
        return "seen" if hidden in _seen(self.architectures) else "recombined"


@functools.cache
def _seen(
    architectures: Callable[[], tuple[MLPArchitecture, ...]],
) -> frozenset[tuple[int, ...]]:
    return frozenset(architecture.hidden for architecture in architectures())


# Those of "4 to 64": where layers are narrow, networks of one width say nothing of the next, so that every width below
# 19 is trained (docs/experiments.md).
_ALL_NARROW_WIDTHS = tuple(
    width for width in range(4, MAX_TRAINED_WIDTH + 1) if width not in RESERVED_WIDTHS - {11}
)
# Architectures drawn with layers of at most so many neurons: lists up to 7 and 15 as well, since among all
# combinations those of narrow layers alone are few.
_NARROW_DRAWS = {3: {7: 200, 15: 1000, 64: 4000}, 5: {7: 500, 15: 1000, 64: 3000}}


@functools.cache
def _every_narrow_architectures() -> tuple[MLPArchitecture, ...]:
    widths = np.array(_ALL_NARROW_WIDTHS)
    rng = np.random.default_rng(20260300182)
    drawn = {
        hidden for depth in (1, 2) for hidden in itertools.product(widths.tolist(), repeat=depth)
    }
    for depth, counts in _NARROW_DRAWS.items():
        for widest, count in counts.items():
            draw = rng.choice(widths[widths <= widest], size=(count, depth))
            drawn.update(map(tuple, draw.tolist()))
    chosen = [MLPArchitecture(hidden) for hidden in sorted(drawn, key=lambda one: (len(one), one))]
    return tuple(
        one
        for one in chosen
        if not _held_out_by_hash(
            one, 2 if max(one.hidden) < MIN_TRAINED_WIDTH else _HELD_OUT_ONE_IN
        )
        and str(one) not in HELD_OUT
    )


# Ranges of widths that no layer in training has, both ends included: about a quarter of every doubling.
_HELD_OUT_BANDS = ((5, 5), (7, 7), (10, 11), (14, 15), (20, 23), (40, 47), (88, 103), (176, 207))
_WIDEST_BAND = 256
_LARGEST_RATIO = 3.0  # of the widths of two layers that follow one another
_BAND_DEPTHS = {1: 0, 2: 8000, 3: 16000, 5: 16000}  # architectures drawn; of depth 1 all there are


def _band_widths() -> tuple[int, ...]:
    return tuple(
        width
        for width in range(4, _WIDEST_BAND + 1)
        if not any(low <= width <= high for low, high in _HELD_OUT_BANDS)
    )


@functools.cache
def _band_architectures() -> tuple[MLPArchitecture, ...]:
    """A fixed draw in which every doubling of a width is as likely, and neighbours differ little."""
    widths = np.array(_band_widths())
    logs = np.log(widths)
    # A width stands for its share of the logarithmic axis.
    shares = np.diff(np.log(np.append(widths - 0.5, widths[-1] + 0.5)))
    rng = np.random.default_rng(20260300181)
    chosen = [MLPArchitecture((int(width),)) for width in widths]
    allowed = np.abs(logs[:, None] - logs) <= np.log(_LARGEST_RATIO) + 1e-9
    odds = allowed * shares
    following = np.cumsum(odds / odds.sum(1, keepdims=True), 1)
    for depth, count in _BAND_DEPTHS.items():
        if count == 0:
            continue
        places = rng.choice(len(widths), size=count, p=shares / shares.sum())
        hidden = [places]
        for _ in range(depth - 1):
            places = (following[places] < rng.random(count)[:, None]).sum(1)
            hidden.append(places)
        drawn = sorted(set(map(tuple, widths[np.stack(hidden, 1)].tolist())))
        chosen += [MLPArchitecture(one) for one in drawn]
    return tuple(a for a in chosen if not _held_out_by_hash(a))


PROTOCOLS: dict[str, Protocol] = {
    "dense": Protocol(
        "dense", TRAINED_WIDTHS, TRAINED_DEPTHS, HELD_OUT_DEPTH, training_architectures
    ),
    "dense from 4": Protocol(
        "dense from 4", _NARROW_WIDTHS, TRAINED_DEPTHS, HELD_OUT_DEPTH, _narrow_architectures
    ),
    "4 to 64": Protocol(
        "4 to 64",
        _ALL_NARROW_WIDTHS,
        (*TRAINED_DEPTHS, 5),
        HELD_OUT_DEPTH,
        _every_narrow_architectures,
        caps=((7, 0.2), (15, 0.2), (MAX_TRAINED_WIDTH, 0.6)),
    ),
    "bands": Protocol(
        "bands",
        _band_widths(),
        tuple(_BAND_DEPTHS),
        HELD_OUT_DEPTH,
        _band_architectures,
        caps=((16, 0.25), (32, 0.25), (64, 0.2), (128, 0.15), (_WIDEST_BAND, 0.15)),
        largest_ratio=_LARGEST_RATIO,
    ),
}


DENSE = PROTOCOLS["dense"]


def get_protocol(name: str) -> Protocol:
    """The protocol of this name.

    Raises:
        UserError: there is none.
    """
    if name not in PROTOCOLS:
        raise UserError(f'unknown protocol "{name[:40]}"; there are {", ".join(PROTOCOLS)}')
    return PROTOCOLS[name]


# The narrowest and the widest layer that may be drawn, both included.
Limits = tuple[int, int]
_WIDE = 16  # neurons of every layer of networks without narrow ones


def _narrow_odds(pool: Sequence[MLPArchitecture]) -> np.ndarray:
    """Odds that go down with every width, but for layers of fewer than eight neurons."""
    return np.array([1 / np.prod(np.maximum(a.hidden, MIN_TRAINED_WIDTH)) for a in pool])


def _even_odds(pool: Sequence[MLPArchitecture]) -> np.ndarray:
    """Odds with which every combination of doublings is as likely, however many of a list have it.

    Layers of fewer than eight neurons are half as likely as the others.
    """
    doublings = [
        tuple(min(width, MAX_TRAINED_WIDTH - 1).bit_length() for width in a.hidden) for a in pool
    ]
    counts = Counter(doublings)
    few = MIN_TRAINED_WIDTH.bit_length() - 1
    return np.array([0.5 ** one.count(few) / counts[one] for one in doublings])


class ArchitecturePool:
    """Draws of a protocol's architectures, by depth and within limits of width.

    Attributes:
        depths: numbers of hidden layers that can be drawn.
        every: the limits that leave out nothing.
        wide: the limits of networks without narrow layers.
    """

    def __init__(
        self,
        protocol: Protocol,
        depth_shares: Mapping[int, float],
        *,
        narrow: bool = False,
        wide: float = 0.0,
    ) -> None:
        """Sort a protocol's architectures.

        Args:
            protocol: whose architectures are drawn.
            depth_shares: how often each depth is drawn, before they are scaled to sum to 1.
            narrow: draw every doubling of a width equally often; where the protocol has caps, every combination of
                doublings.
            wide: how often `one` draws within the limits `wide`, beside what the caps give.
        """
        caps = dict(protocol.caps or ((protocol.widest, 1.0),))
        self._caps, self._cap_shares = tuple(caps), tuple(caps.values())
        self._wide_share = wide
        self.every = protocol.narrowest, self._caps[-1]
        self.wide = _WIDE, self._caps[-1]
        self.depths = protocol.depths
        shares = np.array([depth_shares[depth] for depth in self.depths])
        self._shares = shares if shares.sum() == 1 else shares / shares.sum()
        self._pools: dict[tuple[int, Limits], list[MLPArchitecture]] = {}
        self._odds: dict[tuple[int, Limits], np.ndarray | None] = {}
        for depth in self.depths:
            every = [a for a in protocol.architectures() if a.depth == depth]
            for limits in (*((protocol.narrowest, cap) for cap in self._caps), self.wide):
                low, high = limits
                pool = [a for a in every if low <= min(a.hidden) and max(a.hidden) <= high]
                self._pools[depth, limits] = pool
                self._odds[depth, limits] = None
                if narrow:
                    odds = _even_odds(pool) if protocol.caps else _narrow_odds(pool)
                    self._odds[depth, limits] = odds / odds.sum()

    def depth(self, rng: np.random.Generator) -> int:
        """One of the depths."""
        return int(rng.choice(self.depths, p=self._shares))

    def limits(self, rng: np.random.Generator) -> Limits:
        """The limits of the next draw: one of the protocol's caps."""
        only = len(self._caps) == 1
        cap = self._caps[0] if only else int(rng.choice(self._caps, p=self._cap_shares))
        return self.every[0], cap

    def draw(
        self, depth: int, limits: Limits, count: int, rng: np.random.Generator
    ) -> list[MLPArchitecture]:
        """Architectures of one depth within limits, one of `limits`, `every` and `wide`."""
        pool, odds = self._pools[depth, limits], self._odds[depth, limits]
        # Evenly without odds; `choice` would draw other numbers there.
        even = odds is None
        places = (
            rng.integers(len(pool), size=count) if even else rng.choice(len(pool), count, p=odds)
        )
        return [pool[place] for place in places]

    def one(self, rng: np.random.Generator) -> MLPArchitecture:
        """An architecture of a random depth within random limits."""
        depth = self.depth(rng)
        wide = self._wide_share > 0 and rng.random() < self._wide_share
        return self.draw(depth, self.wide if wide else self.limits(rng), 1, rng)[0]


def goal_seed(purpose: Purpose, *parts: int | str) -> int:
    """The environment seed for a purpose and any identifying parts."""
    return purpose_seed(purpose, *parts)


def evaluation_goal(seed: int, task: str, architecture: str, network: int, episode: int) -> int:
    """The environment seed of one evaluated episode; the same for every source of networks.

    Architectures meet different goals, so that a mean over them rests on that many more.
    """
    return goal_seed("evaluate", seed, task, architecture, network, episode)
