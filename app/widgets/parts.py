"""Parts of pages that the browser draws: one element, styled and filled by files that lie beside the page's code."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

_APP = Path(__file__).parents[1]


def script_of(name: str) -> str:
    """What `make bundle` made of a script, a module whose default export is what to call.

    Raises:
        FileNotFoundError: there is none of this name.
    """
    return (_APP / "built" / f"{name}.js").read_text(encoding="utf-8")


def drawn_part(name: str, *, styles: Sequence[str]) -> Any:
    """A component whose element is `<div class="NAME">`.

    Its script is `app/built/NAME.js`; `make/bundle.js` says what that is made of, and why.

    Args:
        name: of the class, the script, and the component.
        styles: paths below `app`.
    """

    def read(*paths: str) -> str:
        return "\n".join((_APP / path).read_text(encoding="utf-8") for path in paths)

    return st.components.v2.component(
        f"nnit_{name}",
        html=f'<div class="{name}"></div>',
        css=read(*styles),
        js=script_of(name),
    )


def encoded(array: np.ndarray, kind: str) -> str:
    """An array as text for the browser, its numbers of this kind, such as "<f4"; `arrays.js` reads it."""
    return base64.b64encode(np.ascontiguousarray(array, kind).tobytes()).decode()
