"""The walk through AppTest: every screen, the way between them, and bad addresses."""

import base64
import json

import numpy as np
import pytest
from pages import open_page, words

from app.engine.services import Services, services
from app.views.how.networks import NAMES, network
from app.views.how.screens import SCREENS
from app.widgets import choice
from nnit.alignment.metrics import correlation
from nnit.errors import UserError
from nnit.mlp.patches import token_layout
from nnit.mlp.spec import MLPArchitecture

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:streamlit.*"),
    pytest.mark.usefixtures("fresh_services"),
]


@pytest.mark.parametrize("number", range(1, len(SCREENS)))
def test_every_screen_shows_its_sentence_and_figure(number):
    test = open_page("how", screen=str(number))
    assert not test.exception
    assert not test.error
    assert not test.info
    assert test.subheader[0].value == SCREENS[number - 1].title
    assert test.get("bidi_component") or "tokens" in words(test)
    assert "Wilson" in words(test)
    assert "2603.00180" in words(test)


def test_next_and_back_turn_the_pages():
    test = open_page("how")
    assert test.button(key="how_back").disabled
    test.button(key="how_next").click().run()
    assert test.subheader[0].value == SCREENS[1].title
    test.button(key="how_back").click().run()
    assert test.subheader[0].value == SCREENS[0].title


@pytest.mark.parametrize("text", ["0", "7", "-1", "x", "1e3", "\u0661", "9" * 500, "<b>", ""])
def test_a_screen_that_is_none_is_the_first(text):
    test = open_page("how", screen=text)
    assert not test.exception
    assert test.subheader[0].value == SCREENS[0].title
    assert "screens 1 to 6" in words(test)


def test_the_actions_stay_when_neurons_are_shuffled():
    test = open_page("how", screen="2")
    test.number_input(key="how_order").set_value(7).run()
    table = next(e.proto.body for e in test.get("html") if "actions" in e.proto.body)
    first, second = (row.split("</th>", 1)[1] for row in table.split("<tr>")[2:])
    assert first.replace("</table>", "") == second.replace("</table>", "")


def test_the_shipped_networks_show_what_the_sentences_say():
    scratch = correlation(network("scratch-0"), network("scratch-1"))
    aligned = correlation(network("ghn-narrow"), network("ghn-wide"))
    assert abs(scratch) < 0.1
    assert aligned > 0.9
    assert {str(network(name).architecture) for name in NAMES} == {"27-45", "40-61"}


def test_matching_brings_some_likeness_back():
    test = open_page("how", screen="3")
    before = next(e.value for e in test.markdown if "Correlation" in e.value)
    test.toggle(key="how_match").set_value(True).run()
    after = next(e.value for e in test.markdown if "Correlation" in e.value)
    assert float(after.split("**")[1]) > float(before.split("**")[1]) + 0.05


def test_tokens_are_counted_as_the_model_has_them():
    test = open_page("how", screen="5")
    test.slider(key="how_width_0").set_value(50).run()
    weights = len(token_layout(MLPArchitecture((50, 45)), 16))
    assert f"{weights + 4} tokens for 50-45" in test.caption[-1].value


def test_the_last_screen_writes_a_sequence_and_shows_its_robot():
    test = open_page("how", screen=str(len(SCREENS)))
    assert not test.exception
    assert not test.error
    assert not test.get("video")
    parts = {part.key: part for part in test.get("bidi_component")}
    assert set(parts) == {"sequence", "replay_how"}
    part = parts["sequence"]
    figure = json.loads(part.proto.json)
    (job,) = [j for key, j in services()._jobs._jobs.items() if key[0] == "writing"]
    writing = job.future.result()
    final = writing.trace.predicted[-1].policy
    choices = len(writing.shape.known) - 1
    assert len(figure["stages"]) == choices + len(writing.trace.times) + 1
    assert [stage["step"] for stage in figure["stages"]][:choices] == [None] * choices
    assert figure["stages"][-1]["hidden"] == list(final.architecture.hidden)
    assert f"{final.architecture.parameter_count:,}" in figure["stages"][-1]["text"]
    for layer, weight in zip(figure["layers"], final.weights, strict=True):
        cells = np.frombuffer(base64.b64decode(layer["steps"][-1]["cells"]), "<i2")
        np.testing.assert_allclose(
            cells.reshape(weight.shape) * layer["scale"], weight, atol=layer["scale"]
        )


def test_without_gl_the_last_screen_shows_its_robot_in_3d(monkeypatch):
    from nnit.sim import gl

    monkeypatch.setattr(gl, "_working", lambda: ())
    monkeypatch.setattr(choice, "_USUAL_KIND", "film")
    test = open_page("how", screen=str(len(SCREENS)))
    assert not test.exception
    assert {part.key for part in test.get("bidi_component")} == {"sequence", "replay_how"}
    assert "apt-get install" in words(test)


def test_without_a_model_the_last_screen_says_so(monkeypatch):
    def no_model(self):
        raise UserError("there is no model here")

    monkeypatch.setattr(Services, "_load", no_model)
    test = open_page("how", screen=str(len(SCREENS)))
    assert not test.exception
    assert "Nothing was written: there is no model here." in words(test)
