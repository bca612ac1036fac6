"""A browser window when the server has started, where there is a screen: Streamlit opens none for an `App`."""

import asyncio
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from streamlit.starlette import App

# The server takes visitors a moment after it has started; a browser takes longer than that to open.
_AFTER_SECONDS = 0.5


def address() -> str:
    """Where a browser on this machine finds the page."""
    host = st.get_option("browser.serverAddress") or "localhost"
    if st.get_option("server.address") not in (None, "", "0.0.0.0", "::"):
        host = st.get_option("server.address")
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    folder = (st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{scheme}://{host}:{st.get_option('server.port')}/{folder}"


@asynccontextmanager
async def open_browser(_app: App) -> AsyncIterator[None]:
    """Open a browser when the server starts, unless it is to run without (`server.headless`)."""
    if not st.get_option("server.headless"):
        asyncio.get_running_loop().call_later(_AFTER_SECONDS, webbrowser.open, address())
    yield
