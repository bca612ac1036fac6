"""The editor of hidden widths: as text, as numbers, and as a drawing that follows both."""

import streamlit as st

from app.engine.checkpoint import description
from app.engine.progress import whole
from app.engine.request import MAX_LAYERS, PAGE_PARAMETERS, parse_architecture
from app.widgets.links import literally
from nnit.errors import UserError
from nnit.mlp.spec import MAX_WIDTH, MIN_WIDTH, Architecture, PartialArchitecture
from nnit.sim.suites import Suite

_NEW_LAYER_WIDTH = 32
_OPEN = PartialArchitecture()


def set_architecture(architecture: Architecture, *, proportions: bool = True) -> None:
    """Show an architecture in all controls of the editor.

    Args:
        architecture: what is shown.
        proportions: whether the slider from narrow to wide keeps its proportions from now on.
    """
    state = st.session_state
    known = [width for width in architecture.hidden if width is not None]
    if proportions:
        state.proportions = architecture.hidden
        if known:
            low, high = _ends()
            state.width_scale = min(high, max(low, round(sum(known) / len(known))))
    state.arch = str(architecture)
    state.arch_problem = None
    for layer, width in enumerate(architecture.hidden):
        state[f"width_{layer}"] = width
    state.depth = len(architecture.hidden)
    _agree()


def _agree() -> None:
    """Note that text and widths say the same; the last thing that is written when either has changed."""
    state = st.session_state
    state.agreed = (state.arch, _widths())


def _mend() -> None:
    """Carry out again what was cut short: Streamlit may end a run, and what it calls first, wherever it looks.

    Whoever types widths and presses a button in the same moment asks for two runs, and the second ends the first.
    """
    state = st.session_state
    text, widths = state.agreed
    if state.arch != text:
        _text_changed()
    elif _widths() != widths:
        _widths_changed()


def _ends() -> tuple[int, int]:
    """The narrowest and the widest layer of the slider: those of training, and half as wide again."""
    protocol = description(st.session_state.get("chosen_task")).protocol
    return protocol.narrowest, min(MAX_WIDTH, protocol.widest * 3 // 2)


@whole
def _scaled() -> None:
    """Make all layers narrower or wider together, in the proportions they had before the slider was touched."""
    state = st.session_state
    known = [width for width in state.proportions if width is not None]
    factor = state.width_scale * len(known) / sum(known)
    widths = tuple(
        None if width is None else min(MAX_WIDTH, max(MIN_WIDTH, round(width * factor)))
        for width in state.proportions
    )
    set_architecture(_architecture(widths), proportions=False)


def _width_slider() -> None:
    """All widths with one slider, where any is known."""
    known = any(width is not None for width in _widths())
    low, high = _ends()
    st.slider(
        "Narrow to wide",
        low,
        high,
        key="width_scale",
        format="%d",
        on_change=_scaled,
        disabled=not known,
        help="Makes all layers narrower or wider together; the number is their mean width.",
    )


def surprise() -> None:
    """Leave the whole architecture open; where it was already, go on to the next seed."""
    if st.session_state.arch == str(_OPEN):
        next_seed()
    set_architecture(_OPEN)


def next_seed() -> None:
    """Go on to the next seed, after the last one to the first."""
    st.session_state.seed = (st.session_state.seed + 1) % (int(PAGE_PARAMETERS["seed"].high) + 1)


def _widths() -> tuple[int | None, ...]:
    return tuple(st.session_state[f"width_{layer}"] for layer in range(st.session_state.depth))


def _architecture(widths: tuple[int | None, ...]) -> PartialArchitecture:
    """What widths spell, None being a width that is left open."""
    return PartialArchitecture(len(widths), widths) if widths else _OPEN


def _text_changed() -> None:
    try:
        set_architecture(parse_architecture(st.session_state.arch))
    except UserError as error:
        st.session_state.arch_problem = str(error)
        _agree()


def _widths_changed() -> None:
    set_architecture(_architecture(_widths()))


@whole
def _change_depth(by: int) -> None:
    widths = _widths()
    set_architecture(_architecture((*widths, _NEW_LAYER_WIDTH) if by > 0 else widths[:-1]))


def _drawing(architecture: PartialArchitecture, suite: Suite) -> str:
    """The network as bars, as high as layers are wide; dashed where a width is left open."""
    bars = [_bar("fixed", suite.observation_size)]
    if architecture.depth is None:
        bars.append(_bar("layer", None, "any"))
    bars += [_bar("layer", width) for width in architecture.hidden]
    bars.append(_bar("fixed", suite.action_size))
    hidden = [str(width or "any number of") for width in architecture.hidden] or ["any number of"]
    sizes = [str(suite.observation_size), *hidden, str(suite.action_size)]
    label = f"Layers of {', '.join(sizes)} neurons"
    return (
        f'<div class="net" role="img" aria-label="{label}, input to output">{"".join(bars)}</div>'
    )


def _bar(kind: str, size: int | None, unknown: str = "?") -> str:
    if size is None:
        return f'<div class="{kind} open"><span><i style="height:50px"></i></span>{unknown}</div>'
    widest = max(description(st.session_state.get("chosen_task")).widths)
    height = max(3, round(50 * min(size, widest) / widest))
    return f'<div class="{kind}"><span><i style="height:{height}px"></i></span>{size}</div>'


def network_editor(suite: Suite) -> PartialArchitecture | None:
    """Hidden widths as numbers and as text; `None` while the text is not an architecture.

    Args:
        suite: whose inputs and outputs the drawing shows.
    """
    state = st.session_state
    _mend()
    st.text_input(
        "Hidden widths",
        key="arch",
        on_change=_text_changed,
        max_chars=60,
        help=f"One to {MAX_LAYERS} layers, any whole numbers from {MIN_WIDTH} to {MAX_WIDTH}, "
        'joined by "-", such as 64-32. A question mark leaves a width to the model (64-?), one alone '
        "the whole architecture.",
    )
    architecture = _architecture(_widths())
    if state.arch_problem:
        st.error(f"{literally(state.arch_problem)}.")
    else:
        st.html(_drawing(architecture, suite))
    _width_slider()
    if state.depth:
        with st.container(horizontal=True, gap="small", key="widths"):
            for layer in range(MAX_LAYERS):
                if layer >= state.depth:
                    st.empty()  # so that a layer that is gone leaves at once
                else:
                    st.number_input(
                        f"Layer {layer + 1}",
                        MIN_WIDTH,
                        MAX_WIDTH,
                        value=None,
                        key=f"width_{layer}",
                        on_change=_widths_changed,
                        placeholder="?",
                        width=112,
                    )
    elif not state.arch_problem:
        st.caption("The model chooses how many layers, and how wide they are.")
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Add a layer",
            key="add_layer",
            on_click=_change_depth,
            args=(1,),
            disabled=state.depth >= MAX_LAYERS,
            type="tertiary",
        )
        st.button(
            "Remove the last",
            key="remove_layer",
            on_click=_change_depth,
            args=(-1,),
            disabled=state.depth <= 1,
            type="tertiary",
        )
    return None if state.arch_problem else architecture
