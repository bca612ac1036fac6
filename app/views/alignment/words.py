"""What the page says of its pictures: short, plain, what to look for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class KindWords:
    """One kind of networks.

    Attributes:
        title: on its switch.
        as_it_is: what to look for in its pictures as they are.
        shuffled: the same once neurons are shuffled.
        realigned: the same after matching.
    """

    title: str
    as_it_is: str
    shuffled: str
    realigned: str


_SHUFFLED = (
    "Each network now has its neurons in another order and still computes exactly what it did. But down "
    "a column nothing repeats: a patch no longer means the same in two networks."
)
_REALIGNED = (
    "Matching put every network back into the order of the first, by its weights alone. Down each column, "
    "the pattern has returned."
)
_ONE_ORDER = "Run your eye down a column: the same bands, in the same places, in every network"

KIND_WORDS = {
    "nnit": KindWords(
        "Generated",
        f"Written by the diffusion transformer. {_ONE_ORDER}.",
        _SHUFFLED,
        _REALIGNED,
    ),
    "zoo": KindWords(
        "Zoo",
        f"What the transformer learned from. {_ONE_ORDER}, each with small differences of its own.",
        _SHUFFLED,
        _REALIGNED,
    ),
    "ghn": KindWords(
        "Hypernetwork",
        f"Written by the graph hypernetwork, which draws all networks in one order. {_ONE_ORDER}.",
        _SHUFFLED,
        _REALIGNED,
    ),
    "scratch": KindWords(
        "From scratch",
        "Trained apart, from random starts. They do the task as well, but each found an order of its own: "
        "down a column nothing repeats, even before any shuffling.",
        "Shuffling changes little here: there was no common order to lose.",
        "Matched to the first as well as weights allow. Some of the agreement returns, but most neurons have no "
        "like in the other networks: a transformer that learned from such networks wrote hardly any that works.",
    ),
    "uploaded": KindWords(
        "Uploaded",
        "Your networks in the order of their files. If columns repeat down the rows, they share an order.",
        "The same functions, each with its neurons in a random order.",
        "The best order that matching found, with the first network as the reference. Compare the charts "
        "before and after.",
    ),
}


@dataclass(frozen=True)
class Chart:
    """One metric.

    Attributes:
        name: in `nnit.alignment.report.METRICS`.
        title: above its chart.
        say: what to look for.
    """

    name: str
    title: str
    say: str


CHARTS = (
    Chart(
        "correlation", "Correlation between networks", "1: same place, same weight. 0: unrelated."
    ),
    Chart("total_variation", "Total variation", "Low: neighbouring neurons resemble each other."),
    Chart(
        "morans_i",
        "Moran's I",
        "High: a smooth picture, which networks can be aligned without. 0: neighbours are unrelated.",
    ),
    Chart("patch_rank", "Effective rank of patches", "Low: few shapes suffice to write a patch."),
    Chart("distance", "Distance between networks", "0: the same weights. 1: unrelated."),
    Chart(
        "distance_matched",
        "Distance after matching",
        "Flat: the shuffle only hides what networks share, and matching finds it.",
    ),
)
