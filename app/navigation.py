"""The pages, and what they share. Streamlit runs this for every visitor, at every change."""

import streamlit as st

from app.engine.folders import ASSETS
from app.widgets.classroom import take_class_from_address
from app.widgets.corner import show_corner
from app.widgets.films.films import watch_films
from app.widgets.history.history import keep_history_short, run_page
from app.widgets.style.style import apply_style

st.set_page_config("NNiT Explorer", page_icon=str(ASSETS / "icon.svg"), layout="wide")
st.logo(str(ASSETS / "logo.svg"), size="large")
apply_style()
show_corner()
watch_films()
keep_history_short()
take_class_from_address()
page = st.navigation(
    [
        st.Page("views/generate/page.py", title="Generate", url_path="generate", default=True),
        st.Page("views/noise/page.py", title="Noise to robot", url_path="noise"),
        st.Page("views/widths/page.py", title="Widths", url_path="widths"),
        st.Page("views/alignment/page.py", title="Alignment", url_path="alignment"),
        st.Page("views/evidence/page.py", title="Evidence", url_path="evidence"),
        st.Page("views/how/page.py", title="How it works", url_path="how"),
    ],
    position="top",
)
run_page(page)
