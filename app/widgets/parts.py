"""Parts of pages that the browser draws: one element, styled and filled by files that lie beside the page's code."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

_APP = Path(__file__).parents[1]


def drawn_part(name: str, *, scripts: Sequence[str], styles: Sequence[str]) -> Any:
    """A component whose element is `<div class="NAME">`.

    Args:
        name: of the class, and of the component.
        scripts: paths below `app`; one follows the other, `dom.js` before all.
        styles: paths below `app`.
    """

    def read(paths: Sequence[str]) -> str:
        return "\n".join((_APP / path).read_text(encoding="utf-8") for path in paths)

    return st.components.v2.component(
        f"nnit_{name}",
        html=f'<div class="{name}"></div>',
        css=read(styles),
        js=read(["widgets/dom.js", *scripts]),
    )


def encoded(array: np.ndarray, kind: str) -> str:
    """An array as text for the browser, its numbers of this kind, such as "<f4"."""
    return base64.b64encode(np.ascontiguousarray(array, kind).tobytes()).decode()
