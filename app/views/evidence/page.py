"""Evidence: claims, each with its number, a baseline and a command, and the experiments behind them."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from app.views.evidence.document import DOCS, Results, parse_results, titled
from app.views.evidence.view import apply_evidence_style, chosen, show_all_claims, show_experiments
from app.widgets.glossary.glossary import explained

apply_evidence_style()
st.html(
    '<p class="lead">Does it work, and how would you know? Every network counts, nothing is selected, and '
    "every figure stands above the command that measures it again.</p>"
)
# The claims explain what stands in code type; these words they take for known.
st.html(f"<p>{explained('Words to point at: GHN, zoo, split, aligned, patch, flow.')}</p>")
documents = dict(
    titled((DOCS / name).read_text(encoding="utf-8"))
    for name in ("hidden-goals.md", "maniskill.md", "digits.md", "model-card.md")
    if (DOCS / name).is_file()
)
results: Results | None = None
try:
    results = parse_results((DOCS / "results.md").read_text(encoding="utf-8"))
except (OSError, ValueError):
    st.info("There are no results here yet: `python -m nnit reproduce` measures them.")
parts: dict[str, Callable[[], object]] = {}
if results is not None:
    if results.claims:
        parts["Claims"] = partial(show_all_claims, results)
    if results.sections:
        parts["Experiments"] = partial(show_experiments, results)
parts |= {title: partial(st.markdown, text) for title, text in documents.items()}
if parts:
    part = chosen(
        st.segmented_control, "What to read", list(parts), key="part", label_visibility="collapsed"
    )
    parts[part]()
