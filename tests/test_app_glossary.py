"""Words of the field carry their meaning where they stand first."""

import re
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages import open_page

from app.engine.checkpoint import checkpoint_version
from app.widgets.glossary.glossary import MEANINGS, explained

TERM = re.compile(
    r'<span class="term" tabindex="0">(.*?)<span class="meaning" role="tooltip">(.*?)</span></span>'
)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:streamlit.*")
@pytest.mark.usefixtures("fresh_services")
def test_the_corner_names_its_parts_and_says_what_they_are():
    test = open_page("how")
    (corner,) = (e.proto.body for e in test.get("html") if 'class="corner"' in e.proto.body)
    assert f"model {checkpoint_version()}" in corner
    assert "processor" in corner
    assert 'tabindex="0"' in corner


@pytest.mark.parametrize("word", MEANINGS)
def test_each_word_is_explained_once(word):
    html = explained(f"One {word}, and then again the {word}.")
    assert TERM.findall(html) == [(word, escape(MEANINGS[word]))]


@pytest.mark.parametrize(
    ("form", "word"), [("Patches", "patch"), ("splits", "split"), ("Zoo", "zoo")]
)
def test_other_forms_mean_the_same(form, word):
    assert TERM.findall(explained(form)) == [(form, escape(MEANINGS[word]))]


def test_no_part_of_a_longer_word_is_a_word():
    for text in ("dispatched", "zoology", "unaligned networks", "splitting"):
        assert explained(text) == text


def test_code_and_tags_are_left_alone():
    html = '<code>zoo</code> and <a title="zoo">x</a>'
    assert explained(html, escaped=True) == html


@given(st.text())
def test_the_text_stays_what_it_was(text):
    html = explained(text)
    assert TERM.sub(lambda found: found[1], html) == escape(text, quote=False)
