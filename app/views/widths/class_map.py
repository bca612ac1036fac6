"""The class map: what all who joined have tried, on one map and one board, for a projector."""

from collections.abc import Mapping
from html import escape
from pathlib import Path

import streamlit as st

from app.engine.checkpoint import suite_of, task_of
from app.engine.classroom import WORKS, ClassMap, smallest
from app.engine.results import Count
from app.views.widths.charts import class_chart
from app.widgets import classroom
from app.widgets.qr import address_of, is_local, qr_code
from nnit.mlp.spec import MLPArchitecture

_REFRESH_SECONDS = 1.0
_PRESENT = (Path(__file__).parent / "present.css").read_text(encoding="utf-8")


def is_presenting() -> bool:
    """Whether the class map is shown to a room: in large type, and nothing else."""
    return bool(st.session_state.get("class_present")) and classroom.my_class() is not None


def show_class_map(task: str) -> None:
    """The map of the visitor's class; where there is none, how to begin or to join one."""
    if (wrong := classroom.problem()) is not None:
        st.error(wrong)
    mine = classroom.my_class()
    if mine is None:
        _show_start()
        return
    if is_presenting():
        st.html(f"<style>{_PRESENT}</style>")
    _show_bar(mine)
    _show_live(task)


def _show_start() -> None:
    st.markdown(
        "A class fills one map together: each network that somebody in it tries on Generate, or measures here, is "
        "a square on the map, and the smallest networks that work are on a board. Names are neither asked nor kept."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            "Start a class",
            type="primary",
            on_click=classroom.start,
            key="class_start",
            help="Gives a code and a QR code with which others join. The map stays while somebody looks at it, and "
            "until this server is stopped.",
        )
        code = st.text_input(
            "Or join one", max_chars=8, placeholder="code", key="class_join", width=140
        )
    if code and classroom.join(code):
        st.rerun()
    elif code and (wrong := classroom.problem()) is not None:
        st.error(wrong)


def _show_bar(mine: ClassMap) -> None:
    """What can be done with the class."""
    with st.container(horizontal=True, vertical_alignment="center", key="class_bar"):
        presenting = is_presenting()
        if st.button(
            "Show the whole page" if presenting else "Present",
            key="class_present_button",
            help="Map, board and code alone, in large type.",
        ):
            st.session_state.class_present = not presenting
            st.rerun()
        if classroom.is_mine(mine):
            with st.popover("Empty the map", key="class_empty"):
                st.write("Forget all that this class has tried?")
                if st.button("Empty it", key="class_clear", type="primary"):
                    mine.clear()
                    st.rerun()
        st.button("Leave the class", on_click=classroom.leave, key="class_leave")


@st.fragment(run_every=_REFRESH_SECONDS)
def _show_live(task: str) -> None:
    """Map, board and code; looks every second for what has come."""
    mine = classroom.my_class()
    if mine is None:  # gone since
        st.rerun()
        return
    counts = mine.of(task)
    chart, beside = st.container(key="class_live").columns([7, 5], gap="large")
    with chart:
        st.subheader(f"{task_of(task).title}: what the class has tried", anchor=False)
        dark = st.context.theme.type == "dark"
        st.plotly_chart(
            class_chart(counts, suite_of(task), dark=dark, large=is_presenting()),
            key="class_chart",
            config={"displayModeBar": False, "scrollZoom": False},
            alt="Success of the class's networks over both hidden widths; the board beside it has the smallest",
        )
        others = sum(architecture.depth != 2 for architecture in counts)
        if others:
            have = "1 architecture has" if others == 1 else f"{others} architectures have"
            st.caption(
                f"{have} one, three or four hidden layers, and no place on this map; on the board all count."
            )
    with beside:
        _show_code(mine)
        st.html(board_html(counts, len(mine)))


def _show_code(mine: ClassMap) -> None:
    address = address_of({"class": mine.code}, first_page=True)
    picture = ""
    if address is not None:
        picture = f'<img alt="QR code of {escape(address)}" src="{qr_code(address)}">'
    said = "Scan it, or open this app and enter the code on Widths, Class."
    if is_local(address):
        said = "This address is this computer's own: open the app by a name that phones can reach."
    st.html(
        f'<div class="class-code">{picture}<div><p class="code">{mine.code}</p>'
        f'<p class="quiet">{said}</p></div></div>'
    )


def board_html(counts: Mapping[MLPArchitecture, Count], networks: int) -> str:
    """The smallest networks that work, as a table.

    Args:
        counts: what was tried of the task.
        networks: how many networks the class has tried, all tasks together.
    """
    best = smallest(counts)
    plural = "" if len(counts) == 1 else "s"
    tried = f"{len(counts)} architecture{plural} tried for this task; networks for all tasks: {networks}."
    works = f"works: at least {100 * WORKS:.0f} % of the goals reached"
    if not best:
        return (
            f'<div class="board"><h4>Smallest network that works</h4><p>None yet ({works}).</p>'
            f'<p class="quiet">{tried}</p></div>'
        )
    rows = "".join(
        f"<tr><td>{place}</td><td><b>{architecture}</b></td>"
        f"<td>{architecture.parameter_count:,}</td><td>{count.successes}/{count.episodes}</td></tr>"
        for place, (architecture, count) in enumerate(best, 1)
    )
    return (
        '<div class="board"><h4>Smallest network that works</h4><table><thead><tr><th></th><th>widths</th>'
        f"<th>parameters</th><th>goals</th></tr></thead><tbody>{rows}</tbody></table>"
        f'<p class="quiet">{works[0].upper()}{works[1:]}. {tried}</p></div>'
    )
