"""One line for each word of the results that a reader may not know: splits, and sources of networks."""

from collections.abc import Iterable

from nnit.evaluation.experiments.splits import BANDS
from nnit.evaluation.source_words import SOURCE_WORDS
from nnit.splits import HELD_OUT_DEPTH, MAX_TRAINED_WIDTH, RESERVED_WIDTHS, TRAINED_DEPTHS

_RESERVED = ", ".join(map(str, sorted(RESERVED_WIDTHS)[:3]))

TERMS: dict[str, str] = {
    BANDS[0]: "every width is in training, this list of widths is not",
    BANDS[
        1
    ]: "at least one width between the least and the greatest of training that training leaves out, such "
    f"as {_RESERVED}",
    BANDS[
        2
    ]: f"{HELD_OUT_DEPTH} hidden layers; training has {TRAINED_DEPTHS[0]} to {TRAINED_DEPTHS[-1]}",
    BANDS[
        3
    ]: f"the widest layer has {MAX_TRAINED_WIDTH + 1} to {MAX_TRAINED_WIDTH * 3 // 2} neurons; "
    f"in training {MAX_TRAINED_WIDTH}",
    BANDS[
        4
    ]: f"the widest layer has {MAX_TRAINED_WIDTH * 3 // 2 + 1} to {MAX_TRAINED_WIDTH * 2} neurons",
    **SOURCE_WORDS,
}


def definitions(text: str, known: set[str]) -> str:
    """A list of what a text names in code type and no text before it did; `known` grows by these."""
    found = [name for name in TERMS if f"`{name}`" in text and name not in known]
    return _listed(found, known)


def definitions_of(names: Iterable[str], known: set[str]) -> str:
    """A list of those of some names that are not known yet; `known` grows by these."""
    return _listed([name for name in names if name in TERMS and name not in known], known)


def _listed(names: list[str], known: set[str]) -> str:
    known.update(names)
    return "\n".join(f"- `{name}`: {TERMS[name]}" for name in names)
