"""Parts of pages that the browser draws: one element, styled and filled by files that lie beside the page's code."""

import base64
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

_APP = Path(__file__).parents[1]


def _read(*paths: str) -> str:
    """The texts of files below `app`, one after the other."""
    return "\n".join((_APP / path).read_text(encoding="utf-8") for path in paths)


def built_script(name: str) -> str:
    """The script `app/built/NAME.js`; `make/bundle.js` says what that is made of, and why.

    Raises:
        FileNotFoundError: there is none of this name.
    """
    return _read(f"built/{name}.js")


@cache
def page_script(name: str) -> str:
    """HTML that runs a built script which draws nothing; for `st.html` with `unsafe_allow_javascript`."""
    return f"<script>{{\n{built_script(name)}\n}}</script>"


def drawn_part(name: str, *, styles: Sequence[str]) -> Callable[..., Any]:
    """What draws a component whose element is `<div class="NAME">`; `lifecycle.js` has its other half.

    Its script is that of `built_script`.

    Args:
        name: of the class, the script, and the component.
        styles: paths below `app`.
    """
    component = st.components.v2.component(
        f"nnit_{name}",
        html=f'<div class="{name}"></div>',
        css=_read(*styles),
        js=built_script(name),
    )

    def draw(*, key: str, data: dict[str, Any], **options: Any) -> Any:
        # In a list, since Streamlit looks for tables among the values of a dictionary, and imports pandas to do so:
        # a third of a second before anything is drawn. With the time, since the browser may take them in another
        # order than they were sent: each waits for its script to be imported, and Chromium lets those that wait for
        # the same script go on in any order.
        return component(key=key, data=[data, time.time_ns() // 1000], **options)

    return draw


def encoded(array: np.ndarray, kind: str) -> str:
    """An array as text for the browser, its numbers of this kind, such as "<f4"; `arrays.js` reads it."""
    return base64.b64encode(np.ascontiguousarray(array, kind).tobytes()).decode()
