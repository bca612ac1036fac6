"""NNiT Explorer: `streamlit run app/main.py`. Pages and what they share, nothing else."""

import sys
from pathlib import Path

import streamlit as st

_ROOT = Path(__file__).resolve().parent.parent
if str(_ROOT) not in sys.path:  # Streamlit adds only the folder of this file.
    sys.path.insert(0, str(_ROOT))

from app.components.corner import show_corner  # noqa: E402
from app.components.style import ASSETS, apply_style  # noqa: E402

st.set_page_config("NNiT Explorer", page_icon=str(ASSETS / "icon.svg"), layout="wide")
st.logo(str(ASSETS / "logo.svg"), size="large")
apply_style()
show_corner()
st.navigation(
    [
        st.Page("app_pages/generate.py", title="Generate", default=True),
        st.Page("app_pages/noise.py", title="Noise to robot"),
        st.Page("app_pages/widths.py", title="Widths"),
        st.Page("app_pages/alignment.py", title="Alignment"),
        st.Page("app_pages/evidence.py", title="Evidence"),
        st.Page("app_pages/how.py", title="How it works"),
    ],
    position="top",
).run()
