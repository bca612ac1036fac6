"""`Policy.show`: what a notebook gets of a network, with the real anywidget, and what is said where it is missing."""

import gzip
import json
import sys
from dataclasses import replace

import pytest

from app.engine.folders import EXAMPLE
from app.widgets.live.take_home import packed_parts
from app.widgets.parts import built_script
from nnit.errors import UserError
from nnit.mlp.policy import Policy


@pytest.fixture
def policy() -> Policy:
    return Policy.load(EXAMPLE / "policy.safetensors")


def test_a_notebook_keeps_the_network_and_gets_the_rest_when_it_asks(policy, monkeypatch):
    widget = policy.show()
    state = widget.get_state()
    # The script is the one of the file to take home.
    assert state["_esm"] == built_script("home")
    assert state["data"]["task"] == "pick-place-v3"
    assert len(state["data"]["network"]["layers"]) == 3
    assert len(json.dumps(state["data"])) < 20_000
    assert policy.show(1).data["start"] != state["data"]["start"]
    answers = []
    monkeypatch.setattr(widget, "send", lambda content, buffers: answers.append((content, buffers)))
    for asked in ({"part": "scene"}, {"part": "../secret"}, {"part": ["scene"]}, "scene", {}):
        widget._handle_custom_msg(asked, [])
    assert [content for content, _ in answers] == [{"part": "scene"}]
    assert json.loads(gzip.decompress(answers[0][1][0]))["task"] == "pick-place-v3"
    assert set(state["data"]["parts"]) == set(packed_parts("pick-place-v3"))


def test_a_task_that_no_browser_runs_has_its_weights_drawn(policy):
    widget = replace(policy, task="coffee-pull-v3").show()
    assert "start" not in widget.data
    assert "render" in widget.data["facts"]


@pytest.mark.parametrize("missing", ["anywidget", "app.widgets.live"])
def test_what_is_missing_is_said_in_one_line(policy, monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(UserError, match=f"needs {missing}, which is not here"):
        policy.show()
