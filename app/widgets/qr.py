"""QR codes of addresses of this app, for the phones of those who see a screen."""

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

import segno
import streamlit as st

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


def qr_code(text: str) -> str:
    """A QR code as the address of an SVG picture; error correction M (ISO/IEC 18004), as large as it is drawn."""
    return str(segno.make(text, error="m", micro=False).svg_data_uri(border=2, light="#ffffff"))


def address_of(query: Mapping[str, str], *, first_page: bool = False) -> str | None:
    """The address of this page, or of the first one, for others; None where the browser has not said its own.

    Args:
        query: what the address says.
        first_page: whether it is the first page's.
    """
    url: str | None = st.context.url
    if url is None:
        return None
    page = url.split("?")[0]
    if first_page:
        page = page.rsplit("/", 1)[0] + "/"
    return f"{page}?{urlencode(query)}"


def is_local(address: str | None) -> bool:
    """Whether an address leads only from this computer to itself, so that no phone can follow it."""
    return address is not None and urlsplit(address).hostname in _HERE
