"""Turning screens by key or remote, showing them to a room, and a QR code of the view: what `deck.js` does."""

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

import segno
import streamlit as st

from app.views.how.place import Place, parse_place
from app.widgets.parts import drawn_part

_component = drawn_part("deck", styles=("views/how/deck.css",))
_KEY = "how_deck"
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


def qr_code(text: str) -> str:
    """A QR code as the address of an SVG picture; error correction M (ISO/IEC 18004), as large as it is drawn."""
    return str(segno.make(text, error="m", micro=False).svg_data_uri(border=2, light="#ffffff"))


def address_of(place: Place) -> str | None:
    """The address of a view for others, who read it alone; None where the browser has not said its own."""
    url: str | None = st.context.url
    if url is None:
        return None
    reader = Place(place.screen, place.shown)
    return f"{url.split('?')[0]}?{urlencode(reader.to_query())}"


def show_deck(place: Place, count: int, go: Callable[[Place], None]) -> None:
    """Buttons to show the screens to a room and for the QR code; the keys work from here on.

    Args:
        place: where the visitor is.
        count: number of screens.
        go: goes to another place.
    """

    def asked() -> None:
        sent = st.session_state[_KEY].get("go")
        if isinstance(sent, dict):
            go(parse_place(sent, count)[0])

    address = address_of(place)
    host = urlsplit(address).hostname if address else None
    _component(
        key=_KEY,
        data={
            "screen": place.screen,
            "shown": place.shown,
            "present": place.present,
            "count": count,
            "address": address,
            "qr": qr_code(address) if address else None,
            "local": host in _HERE,
        },
        on_go_change=asked,
    )
