"""The walk through AppTest: every screen, the way between them, and bad addresses."""

import base64
import math
import re
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import segno
from pages import open_page, parts, query_of, words

from app.engine.example import shipped_example
from app.engine.services import Services, services
from app.views.how import deck
from app.views.how.figures import patch
from app.views.how.networks import NAMES, network, noise_like, ours, out_of_noise
from app.views.how.place import Place, parse_place
from app.views.how.screens import SCREENS, lecture_notes
from app.widgets import choice, qr
from nnit.alignment.metrics import correlation
from nnit.alignment.permute import shuffle
from nnit.errors import UserError
from nnit.mlp.patches import patchify, token_layout
from nnit.mlp.spec import MLPArchitecture

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:streamlit.*"),
    pytest.mark.usefixtures("fresh_services"),
]


MEANING = re.compile(r'<span class="meaning".*?</span>|</?span[^>]*>')


def unmarked(text: str) -> str:
    """Text without the explanations of words."""
    return MEANING.sub("", text)


@pytest.mark.parametrize("number", range(1, len(SCREENS) + 1))
def test_every_screen_shows_its_sentence_and_figure(number):
    test = open_page("how", screen=str(number))
    assert not test.exception
    assert not test.error
    assert not test.info
    assert test.subheader[0].value == SCREENS[number - 1].title
    digits = {"neurons", "reading"}
    assert parts(test).keys() == {
        "how_deck",
        *(digits if number == 7 else {"weights", "replay_how"}),
    }
    assert SCREENS[number - 1].question.text in unmarked(words(test))
    assert "Wilson" in words(test)
    assert "2603.00180" in words(test)


def test_next_and_back_turn_the_pages():
    test = open_page("how")
    assert test.button(key="how_back").disabled
    test.button(key="how_next").click().run()
    assert test.subheader[0].value == SCREENS[1].title
    test.button(key="how_back").click().run()
    assert test.subheader[0].value == SCREENS[0].title


@pytest.mark.parametrize("text", ["0", "8", "-1", "x", "1e3", "\u0661", "9" * 500, "<b>", ""])
def test_a_screen_that_is_none_is_the_first(text):
    test = open_page("how", screen=text)
    assert not test.exception
    assert test.subheader[0].value == SCREENS[0].title
    assert "screens 1 to 7" in words(test)


def test_the_actions_stay_when_neurons_are_shuffled_and_not_when_rows_alone_are():
    test = open_page("how", screen="2", shown="1")
    test.number_input(key="how_order").set_value(7).run()
    table = next(e.proto.body for e in test.get("html") if 'class="actions"' in e.proto.body)
    ours, half, whole = (
        [float(cell) for cell in re.findall(r"<td>([^<]*)</td>", row)]
        for row in table.split("<tr>")[2:]
    )
    np.testing.assert_allclose(ours, whole, atol=1e-4)
    assert np.abs(np.subtract(ours, half)).max() > 0.1


def test_the_shipped_networks_show_what_the_sentences_say():
    scratch = correlation(network("scratch-0"), network("scratch-1"))
    aligned = correlation(network("ghn-narrow"), network("ghn-wide"))
    assert abs(scratch) < 0.1
    assert aligned > 0.9
    assert {str(network(name).architecture) for name in NAMES} == {"27-45", "40-61"}


def test_the_same_network_is_on_every_screen():
    mine = ours()
    assert str(shipped_example().request.architecture) == str(mine.architecture)
    assert out_of_noise()[-1][1].architecture == mine.architecture
    assert correlation(out_of_noise()[-1][1], mine) > 0.999
    assert network("scratch-0").architecture == mine.architecture
    assert network("scratch-0").task == network("ghn-wide").task == mine.task
    # What the screens say of these networks.
    assert correlation(mine, network("ghn-wide")) > 0.9
    assert abs(correlation(mine, noise_like(mine))) < 0.1
    for other in (shuffle(mine, 1), network("scratch-0")):
        assert abs(correlation(mine, other)) < 0.15


def correlations(test) -> list[float]:
    line = next(e.value for e in test.markdown if "Correlation" in e.value)
    return [float(number) for number in re.findall(r"[AB] (-?\d\.\d+)", line)]


def test_matching_brings_ours_back_whole_and_the_stranger_in_part():
    test = open_page("how", screen="3", shown="1")
    assert max(map(abs, correlations(test))) < 0.15
    test.toggle(key="how_match").set_value(True).run()
    mine, stranger = correlations(test)
    assert mine == 1
    assert 0.05 < stranger < 0.6


def test_captions_never_say_of_networks_that_were_trained_apart_that_they_are_alike():
    test = open_page("how", screen="3", shown="1")
    (figure,) = (data for key, data in parts(test).items() if key == "weights")
    text = " ".join(f"{panel['title']} {panel['caption']}" for panel in figure["panels"])
    assert "as generated" not in text.lower()
    assert "same bands" not in text.lower()
    assert "Trained apart" in text or "trained apart" in text


def test_tokens_are_counted_as_the_model_has_them():
    test = open_page("how", screen="5", shown="1")
    test.slider(key="how_width_0").set_value(50).run()
    architecture = MLPArchitecture((50, *ours().architecture.hidden[1:]))
    tokens = len(token_layout(architecture, patch()))
    assert f"{architecture}: {tokens} tokens" in "".join(c.value for c in test.caption)


def test_each_answer_is_hidden_until_somebody_answers_or_asks():
    for number, screen in enumerate(SCREENS[:5], 1):
        test = open_page("how", screen=str(number))
        assert "verdict" not in " ".join(
            e.proto.body for e in test.get("html") if "<p" in e.proto.body
        )
        wrong = next(o for i, o in enumerate(screen.question.options) if i != screen.question.right)
        test.radio(key=f"how_answer_{number}").set_value(wrong).run()
        assert query_of(test) == {"screen": str(number), "shown": "1"}
        assert "Not quite: " in words(test)
        assert not test.exception


def test_the_answer_can_be_asked_for():
    test = open_page("how", screen="5")
    test.button(key="how_show").click().run()
    assert "Answer: " in words(test)
    test.button(key="how_next").click().run()
    assert query_of(test) == {"screen": "6"}


def test_solutions_are_what_the_networks_have():
    mine = ours().architecture
    assert f"{mine.parameter_count:,}" in SCREENS[0].solution
    terms = SCREENS[0].solution.split(" = ")[0]
    assert eval(terms.replace("\u00b7", "*")) == mine.parameter_count
    digits = len(str(math.prod(math.factorial(width) for width in mine.hidden)))
    assert f"{digits} digits" in SCREENS[1].solution
    rows, columns = mine.shapes[0]
    cut = len(patchify(np.zeros((rows, columns), np.float32), patch()))
    assert SCREENS[4].question.options[SCREENS[4].question.right] == str(cut)


def test_the_notes_have_everything_and_their_minutes_add_up():
    notes = lecture_notes()
    for screen in SCREENS:
        for text in (
            screen.title,
            screen.question.text,
            screen.exercise,
            screen.solution,
            screen.notes,
        ):
            assert text in notes
    times = [tuple(map(int, pair)) for pair in re.findall(r"Minutes (\d+) to (\d+)", notes)]
    assert times[0][0] == 0
    assert all(first[1] == second[0] for first, second in zip(times, times[1:], strict=False))
    assert f"{times[-1][1]} minutes" in notes


def test_the_code_leads_to_the_view_that_is_shown(monkeypatch):
    monkeypatch.setattr(qr.st, "context", Context("https://app.example/how"))
    place = Place(4, shown=True, present=True)
    address = deck.address_of_view(place)
    read, problem = parse_place({k: v[0] for k, v in parse_qs(urlsplit(address).query).items()}, 7)
    assert problem is None
    assert read == replace(place, present=False)  # a phone shows it to one reader
    code = segno.make(address, error="m", micro=False)
    assert qr.qr_code(address) == code.svg_data_uri(border=2, light="#ffffff")


@dataclass
class Context:
    url: str | None


def test_without_an_address_there_is_no_code(monkeypatch):
    monkeypatch.setattr(qr.st, "context", Context(None))
    assert deck.address_of_view(Place()) is None


@pytest.mark.parametrize("screen", range(1, 8))
@pytest.mark.parametrize("shown", [False, True])
@pytest.mark.parametrize("present", [False, True])
def test_an_address_says_where_one_is(screen, shown, present):
    place = Place(screen, shown, present)
    assert parse_place(place.to_query(), 7) == (place, None)


def test_a_lecture_shows_the_slide_alone():
    test = open_page("how", screen="2", present="1")
    assert not test.exception
    assert not test.expander
    large = "html { font-size: clamp("
    assert large in words(test)
    assert large not in words(open_page("how", screen="2"))


def test_the_sixth_screen_writes_a_sequence_and_shows_its_robot():
    test = open_page("how", screen="6", shown="1")
    assert not test.exception
    assert not test.error
    assert not test.get("video")
    assert "replay_new" in parts(test)
    figure = parts(test)["sequence"]
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


def test_without_gl_the_sixth_screen_shows_its_robot_in_3d(monkeypatch):
    from nnit.sim import gl

    monkeypatch.setattr(gl, "_tried", dict)
    monkeypatch.delenv("PYOPENGL_PLATFORM", raising=False)  # set where this process has drawn
    monkeypatch.setattr(choice, "_USUAL_KIND", "film")
    test = open_page("how", screen="6", shown="1")
    assert not test.exception
    assert parts(test).keys() == {
        "how_deck",
        "sequence",
        "replay_new",
    }
    assert "apt-get install" in words(test)


def test_without_a_model_the_sixth_screen_says_so(monkeypatch):
    def no_model(*_):
        raise UserError("there is no model here")

    monkeypatch.setattr(Services, "_load", no_model)
    test = open_page("how", screen="6", shown="1")
    assert not test.exception
    assert "Nothing was written: there is no model here." in words(test)
