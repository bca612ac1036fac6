"""NNiT Explorer: `streamlit run app/main.py`. Pages and what they share, nothing else."""

import sys
from pathlib import Path

import streamlit as st

_ROOT = Path(__file__).resolve().parent.parent
if str(_ROOT) not in sys.path:  # Streamlit adds only the folder of this file.
    sys.path.insert(0, str(_ROOT))

from app.engine.folders import ASSETS  # noqa: E402
from app.widgets.classroom import take_class_from_address  # noqa: E402
from app.widgets.corner import show_corner  # noqa: E402
from app.widgets.films.films import watch_films  # noqa: E402
from app.widgets.history.history import keep_history_short  # noqa: E402
from app.widgets.style.style import apply_style  # noqa: E402

st.set_page_config("NNiT Explorer", page_icon=str(ASSETS / "icon.svg"), layout="wide")
st.logo(str(ASSETS / "logo.svg"), size="large")
apply_style()
show_corner()
watch_films()
keep_history_short()
take_class_from_address()
st.navigation(
    [
        st.Page("views/generate/page.py", title="Generate", url_path="generate", default=True),
        st.Page("views/noise/page.py", title="Noise to robot", url_path="noise"),
        st.Page("views/widths/page.py", title="Widths", url_path="widths"),
        st.Page("views/alignment/page.py", title="Alignment", url_path="alignment"),
        st.Page("views/evidence/page.py", title="Evidence", url_path="evidence"),
        st.Page("views/how/page.py", title="How it works", url_path="how"),
    ],
    position="top",
).run()
