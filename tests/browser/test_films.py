"""Films: still where less motion is preferred, in phase where two are compared."""

import pytest
from chromium import needs_chromium, open_tab
from playwright.sync_api import Browser, Page, expect

pytestmark = needs_chromium
COMPARED = "?task=reach-v3&arch=9&steps=2&count=2&beside=2"


def test_no_film_begins_by_itself_where_less_motion_is_preferred(app: str, browser: Browser):
    page = open_tab(browser, reduced_motion="reduce")
    page.goto(app)
    page.wait_for_function("() => document.querySelector('video')?.readyState >= 2")
    page.wait_for_timeout(1000)
    state = page.evaluate(
        "(({paused, currentTime, loop, playsInline}) => [paused, currentTime, loop, playsInline])"
        "(document.querySelector('video'))"
    )
    assert state == [True, 0, False, True]
    page.context.close()


BOTH = "[...document.querySelectorAll('.st-key-pair video')]"


def times(page: Page) -> list[float]:
    films = page.locator(".st-key-pair video")
    return films.evaluate_all("all => all.map(film => film.currentTime)")


def test_films_that_are_compared_show_the_same_moment(visit_path):
    page = visit_path(COMPARED)
    films = page.locator(".st-key-pair video")
    expect(films).to_have_count(2)
    page.wait_for_function(f"() => {BOTH}.filter(v => v.readyState >= 2 && !v.loop).length === 2")
    page.wait_for_function(f"() => {BOTH}.every(v => !v.paused && v.currentTime > 0.3)")
    first, second = times(page)
    assert first == pytest.approx(second, abs=0.5)
    films.first.evaluate("film => film.pause()")
    page.wait_for_function(f"() => {BOTH}.every(v => v.paused)")
    films.first.evaluate("film => { film.currentTime = 1.5; }")
    page.wait_for_function(f"() => {BOTH}.every(v => Math.abs(v.currentTime - 1.5) < 0.1)")
    films.nth(1).evaluate("film => film.play()")
    page.wait_for_function(f"() => {BOTH}.every(v => !v.paused)")
    first, second = times(page)
    assert first == pytest.approx(second, abs=0.5)


def test_compare_says_how_far_apart_two_networks_are(visit_path):
    page = visit_path(COMPARED)
    expect(page.locator("p.apart")).to_contain_text("Correlation of their weights")
    expect(page.locator(".weights .panel")).to_have_count(3)
    expect(page.locator(".weights .panel h3").last).to_have_text("Difference")
