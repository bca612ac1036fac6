"""NNiT Explorer: `streamlit run app/main.py`. The server, around the page that `navigation.py` is."""

import sys
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

_ROOT = Path(__file__).resolve().parent.parent
if str(_ROOT) not in sys.path:  # Streamlit adds only the folder of this file.
    sys.path.insert(0, str(_ROOT))

from app.server.browser import open_browser  # noqa: E402
from app.server.opening import Opening  # noqa: E402
from app.server.packing import Packing  # noqa: E402

app = st.App(
    Path(__file__).resolve().parent / "navigation.py",
    lifespan=open_browser,
    middleware=[Middleware(Opening), Middleware(Packing)],
)
