"""What drawn parts are made of: arrays as text, of which the browser's tests read the same file, and bundles."""

import json
from pathlib import Path

import numpy as np
import pytest

from app.widgets.parts import drawn_part, encoded

ROOT = Path(__file__).parents[1]
ARRAYS = json.loads((ROOT / "tests/javascript/arrays.json").read_text())


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: array["kind"])
def test_arrays_are_encoded_as_the_browser_is_tested_to_read_them(array):
    assert encoded(np.array(array["numbers"]), array["kind"]) == array["text"]


def test_every_bundle_is_one_module_with_one_function_and_asks_for_nothing():
    bundles = sorted((ROOT / "app/built").glob("*.js"))
    assert len(bundles) == 18
    for bundle in bundles:
        script = bundle.read_text(encoding="utf-8")
        if bundle.stem in ("ahead", "history"):  # no drawn part, but a script of a page
            assert "export " not in script
            assert "</script" not in script
        elif bundle.stem == "home":  # a script of a page, and a notebook's drawn part
            assert script.count("export ") == 1
            assert script.rstrip().endswith("home_default as default\n};")
            assert "</script" not in script
        else:
            assert script.rstrip().endswith("as default\n};"), bundle.name
        assert not [line for line in script.splitlines() if line.startswith("import ")], bundle.name


def test_a_part_without_its_script_is_found_at_once():
    with pytest.raises(FileNotFoundError):
        drawn_part("nothing", styles=())
