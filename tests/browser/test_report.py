"""What is said of a page when a test fails on it."""

import pytest
from chromium import needs_chromium
from playwright.sync_api import Error
from report import looks_of, looks_of_all

pytestmark = needs_chromium


def test_the_report_says_where_a_page_is_and_what_it_shows(visit_path):
    page = visit_path("how?screen=2&present=1")
    page.locator(".weights[data-drawn=true]").wait_for()
    page.evaluate("console.warn('of this test')")
    looks = looks_of(page)
    for said in (
        f"address: {page.url}",
        "connection: CONNECTED",
        'part: deck {"screen":"2","shown":"false","present":"true"}',
        "Which shuffle breaks the robot?",
        "console, warning: of this test",
        "server: ",
    ):
        assert said in looks
    assert looks in looks_of_all()
    page.context.close()
    assert looks_of_all() == []


def test_a_page_that_does_not_answer_is_reported_too(visit_path):
    page = visit_path("how?screen=2")
    page.locator(".deck").wait_for(state="attached")
    with pytest.raises(Error):
        page.goto("chrome://crash")
    assert "it does not say what it shows" in looks_of(page)
