"""Evidence: claims, each with its number, a baseline and a command, then the experiments behind them."""

import streamlit as st

from app.views.evidence.document import DOCS, Results, parse_results
from app.views.evidence.view import (
    apply_evidence_style,
    show_claims,
    show_contents,
    show_section,
)
from app.widgets.glossary.glossary import explained

apply_evidence_style()
st.html(
    '<p class="lead">Does it work, and how would you know? Every network counts, nothing is selected, and '
    "every figure stands above the command that measures it again.</p>"
)
# The claims explain what stands in code type; these words they take for known.
st.html(f"<p>{explained('Words to point at: GHN, zoo, split, aligned, patch, flow.')}</p>")
documents = [
    (DOCS / name).read_text(encoding="utf-8")
    for name in ("maniskill.md", "digits.md", "model-card.md")
    if (DOCS / name).is_file()
]
results: Results | None = None
try:
    results = parse_results((DOCS / "results.md").read_text(encoding="utf-8"))
except (OSError, ValueError):
    st.info("There are no results here yet: `python -m nnit reproduce` measures them.")
if results is not None:
    show_contents(results, documents)
    if results.claims:
        st.subheader("Claims", anchor="claims")
        st.markdown(results.about_claims)
        for group in results.claims:
            show_claims(group)
    for section in results.sections:
        show_section(section)
    with st.expander("What all of it has in common"):
        st.markdown("\n\n".join(results.text))
for text in documents:
    st.markdown(text)
