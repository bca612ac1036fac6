"""Turning screens by key or remote, showing them to a room, and a QR code of the view: what `deck.js` does."""

from collections.abc import Callable

import streamlit as st

from app.views.how.place import Place, parse_place
from app.widgets.parts import drawn_part
from app.widgets.qr import address_of, is_local, qr_code

_component = drawn_part("deck", styles=("views/how/deck.css",))
_KEY = "how_deck"


def address_of_view(place: Place) -> str | None:
    """The address of a view for others, who read it alone; None where the browser has not said its own."""
    return address_of(Place(place.screen, place.shown).to_query())


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

    address = address_of_view(place)
    _component(
        key=_KEY,
        data={
            "screen": place.screen,
            "shown": place.shown,
            "present": place.present,
            "count": count,
            "address": address,
            "qr": qr_code(address) if address else None,
            "local": is_local(address),
        },
        on_go_change=asked,
    )
