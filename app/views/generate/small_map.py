"""The cell of the map of widths where the network stands that is set, beside its controls."""

import streamlit as st

from app.engine.checkpoint import checkpoint_version, suite_of, task_of
from app.engine.results import Cell, Count, shipped_map
from nnit.mlp.spec import Architecture


def nearest(known: dict[Cell, Count], first: int, second: int) -> Cell:
    """The cell that was measured whose two widths are closest to these, in proportion."""

    def distance(cell: Cell) -> float:
        return sum(
            max(one, other) / min(one, other)
            for one, other in zip(cell, (first, second), strict=True)
        )

    return min(known, key=distance)


def show_small_map(task: str, architecture: Architecture) -> None:
    """Success over both widths, and which cell is nearest; nothing where no result or no pair of widths is known."""
    hidden = architecture.hidden
    known = shipped_map(task, checkpoint_version(task))
    if len(hidden) != 2 or None in hidden or not known:
        st.empty()
        return
    first, second = (int(width) for width in hidden)  # type: ignore[arg-type]  # none is open
    cell = nearest(known, first, second)
    st.html(map_html(known, cell, task))
    st.page_link(
        "views/widths/page.py",
        label="The whole map",
        icon=":material/grid_on:",
        query_params={"task": task},
    )


def map_html(known: dict[Cell, Count], cell: Cell, task: str) -> str:
    """The map of a task as a picture, one cell marked, and the numbers of that cell."""
    from nnit.evaluation.statistics import accuracy_text, success_text

    reads = suite_of(task).classifies
    title = f"{task_of(task).title}, {'accuracy' if reads else 'success'} by widths"
    firsts, seconds = (sorted({one[axis] for one in known}) for axis in (0, 1))
    squares = []
    for second in reversed(seconds):
        for first in firsts:
            here = ' class="here"' if (first, second) == cell else ""
            count = known.get((first, second))
            shade = 0.0 if count is None else 0.08 + 0.92 * count.rate
            squares.append(f'<i{here} style="--shade:{shade:.2f}"></i>')
    text_of = accuracy_text if reads else success_text
    text = text_of(known[cell].successes, known[cell].episodes)
    text = text.replace(" %", "\u00a0%")  # the column is narrow: no line begins with the sign
    return (
        f'<figure class="small-map"><div style="--columns:{len(firsts)}" role="img" aria-label="{title}; the nearest '
        f'measured widths are {cell[0]}-{cell[1]}">{"".join(squares)}</div><figcaption>Nearest measured: '
        f"{cell[0]}-{cell[1]} reaches {text}. To the right the first layer gets wider, upwards the second.</figcaption>"
        "</figure>"
    )
