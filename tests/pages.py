"""What tests of pages share: opening the app through AppTest, and reading what is on it."""

import json
import re
from pathlib import Path
from typing import Any

from patience import SECONDS
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

MAIN = Path(__file__).parent.parent / "app" / "navigation.py"


def open_page(name: str | None = None, **query: str) -> AppTest:
    """A page as somebody sees it who opens it with this address.

    Args:
        name: the page's path in the address; by default the first page.
        query: parameters of the address.
    """
    test = AppTest.from_file(str(MAIN), default_timeout=SECONDS)
    if name is not None:
        go_to(test, name)
    for key, value in query.items():
        test.query_params[key] = value
    return test.run()


def go_to(test: AppTest, name: str) -> None:
    """Go to the page of this path before anything has run.

    `AppTest.switch_page` knows only after a run which path a page has; before, it takes the name of its file.
    """
    test._page_hash = calc_hash(name)


def words(test: AppTest) -> str:
    """All text on the page."""
    html = [element.proto.body for element in test.get("html")]
    boxes = [e.value for kind in (test.error, test.warning, test.info) for e in kind]
    return "\n".join([*html, *boxes, *(e.value for e in test.markdown)]).replace("\\", "")


def query_of(test: AppTest) -> dict[str, str]:
    """The parameters of the page's address."""
    address = {name: test.query_params[name] for name in test.query_params}
    return {k: v[0] if isinstance(v, list) else v for k, v in address.items()}


def parts(test: AppTest) -> dict[str, Any]:
    """What the page's scripts draw, by the name of each part; a replay's key has the recording's digest too."""
    return {
        re.sub(r"_[0-9a-f]{8}$", "", part.key): json.loads(part.proto.json)[0]
        for part in test.get("bidi_component")
    }
