"""Words of the field that pages use, each explained where it stands first: on hover, with Tab, or with a touch."""

import re
from html import escape

MEANINGS = {
    "graph hypernetwork": "A network that writes the weights of other networks. It reads the shape of a network as "
    "a graph, and writes all shapes in one order of neurons.",
    "GHN": "Graph hypernetwork: a network that writes the weights of other networks, all in one order of neurons.",
    "patch": "A square piece of a weight matrix. One patch is one token of the transformer.",
    "zoo": "The networks that the generator learned from: written by the graph hypernetwork, then trained further, "
    "one by one.",
    "aligned": "Networks are aligned when neurons at the same place do the same work in all of them.",
    "split": "A group of architectures by what training had of them: exactly this one, its widths in another "
    "combination, or neither.",
    "flow": "The way from noise to a network. Each step of the flow takes away some of the noise.",
    "token": "One entry of the sequence that a transformer reads: a word about task or shape, a patch, or a piece of "
    "the biases.",
}
_FORMS = {
    "patches": "patch",
    "splits": "split",
    "tokens": "token",
    "graph hypernetworks": "graph hypernetwork",
}
_WORDS = re.compile(
    r"\b(" + "|".join(sorted((*MEANINGS, *_FORMS), key=len, reverse=True)) + r")\b", re.IGNORECASE
)
_NAMES = {name.lower(): name for name in MEANINGS} | _FORMS


def explained(text: str, *, escaped: bool = False) -> str:
    """HTML of a text in which each word of the field carries its meaning where it stands first.

    Args:
        text: plain, or HTML of which no tag holds such a word.
        escaped: whether it is HTML.
    """
    seen = set()

    def mark(found: re.Match[str]) -> str:
        name = _NAMES[found[0].lower()]
        if name in seen:
            return found[0]
        seen.add(name)
        return (
            f'<span class="term" tabindex="0">{found[0]}'
            f'<span class="meaning" role="tooltip">{escape(MEANINGS[name])}</span></span>'
        )

    pieces = re.split(r"(<code>.*?</code>|<[^>]*>)", text if escaped else escape(text, quote=False))
    return "".join(p if p.startswith("<") else _WORDS.sub(mark, p) for p in pieces)
