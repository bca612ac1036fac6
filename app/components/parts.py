"""Parts of pages that the browser draws: one element, styled and filled by files that lie beside the page's code."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

_HERE = Path(__file__).parent


def drawn_part(name: str, *, scripts: Sequence[str], styles: Sequence[str]) -> Any:
    """A component whose element is `<div class="NAME">`.

    Args:
        name: of the class, and of the component.
        scripts: paths below this folder; one follows the other, `dom.js` before all.
        styles: paths below this folder.
    """

    def read(paths: Sequence[str]) -> str:
        return "\n".join((_HERE / path).read_text(encoding="utf-8") for path in paths)

    return st.components.v2.component(
        f"nnit_{name}",
        html=f'<div class="{name}"></div>',
        css=read(styles),
        js=read(["dom.js", *scripts]),
    )


def encoded(array: np.ndarray, kind: str) -> str:
    """An array as text for the browser, its numbers of this kind, such as "<f4"."""
    return base64.b64encode(np.ascontiguousarray(array, kind).tobytes()).decode()
