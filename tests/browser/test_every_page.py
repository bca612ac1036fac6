"""What holds for every page: no errors, no other hosts, readable by everybody, no wider than a phone."""

import pytest
from chromium import needs_chromium, whole_and_readable

pytestmark = needs_chromium
# Address, and what is there when the page is whole.
PAGES = {
    "generate": ("", ".weights[data-drawn=true]"),
    "generated": ("?task=reach-v3&arch=9&steps=2&count=2&beside=2", ".weights[data-drawn=true]"),
    "noise": ("noise?task=reach-v3&arch=9&steps=2", ".noise[data-drawn=true]"),
    "widths": ("widths?task=reach-v3", ".js-plotly-plot"),
    "alignment": ("alignment?task=reach-v3&arch=9-12", ".alignment[data-measured=true]"),
    "evidence": ("evidence", ".claims"),
    "how-function": ("how?screen=1", ".weights[data-drawn=true]"),
    "how-answer": ("how?screen=4&shown=1", ".weights[data-drawn=true]"),
    "how-cutting": ("how?screen=5&shown=1", ".cutting[data-moment='1.00']"),
    "how-lecture": ("how?screen=1&present=1", ".weights[data-drawn=true]"),
    "refused": ("noise?task=nonsense&arch=9-x", "text=cannot be used"),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_and_readable(visit_path, name, scheme):
    path, ready = PAGES[name]
    whole_and_readable(visit_path(path, scheme=scheme), ready, f"{name}-{scheme}")
