"""Films: still where less motion is preferred, in phase where two are compared."""

from chromium import needs_chromium, open_tab
from playwright.sync_api import Browser, expect

pytestmark = needs_chromium
COMPARED = "?task=reach-v3&arch=9&steps=2&count=2&beside=2&robot=film"


def test_no_film_begins_by_itself_where_less_motion_is_preferred(app: str, browser: Browser):
    page = open_tab(browser, reduced_motion="reduce")
    page.goto(f"{app}?robot=film")
    page.wait_for_function("() => document.querySelector('video')?.readyState >= 2")
    page.wait_for_timeout(1000)
    state = page.evaluate(
        "(({paused, currentTime, playsInline}) => [paused, currentTime, playsInline])"
        "(document.querySelector('video'))"
    )
    assert state == [True, 0, True]
    # Nor does one that was asked for begin again.
    page.evaluate(
        "(film => { film.currentTime = film.duration - 0.3; film.play(); })(document.querySelector('video'))"
    )
    page.wait_for_function("() => document.querySelector('video').ended")
    page.wait_for_timeout(1000)
    assert page.evaluate("document.querySelector('video').ended")
    page.context.close()


def test_a_film_moves_also_where_its_place_was_built_anew(visit_path):
    page = visit_path("?robot=film", motion="no-preference")
    page.get_by_role("link", name="How it works").click()
    page.locator(".deck[data-screen='1']").wait_for(state="attached")
    playing = "() => { const v = document.querySelector('video'); return v && !v.paused && v.currentTime > 0.2; }"
    page.wait_for_function(playing)
    page.keyboard.press("PageDown")
    page.locator(".deck[data-screen='2']").wait_for(state="attached")
    page.wait_for_function(playing)


BOTH = "[...document.querySelectorAll('.st-key-pair video')]"


# Both play, and show the same moment; a machine that is busy needs a while to get there.
TOGETHER = f"() => {BOTH}.every(v => !v.paused) && Math.abs({BOTH}[0].currentTime - {BOTH}[1].currentTime) < 0.5"


def test_films_that_are_compared_show_the_same_moment(visit_path):
    page = visit_path(COMPARED, motion="no-preference")
    films = page.locator(".st-key-pair video")
    expect(films).to_have_count(2)
    page.wait_for_function(f"() => {BOTH}.filter(v => v.readyState >= 2).length === 2")
    page.wait_for_function(f"() => {BOTH}.every(v => !v.paused && v.currentTime > 0.3)")
    page.wait_for_function(TOGETHER)
    films.first.evaluate("film => film.pause()")
    page.wait_for_function(f"() => {BOTH}.every(v => v.paused)")
    films.first.evaluate("film => { film.currentTime = 1.5; }")
    page.wait_for_function(f"() => {BOTH}.every(v => Math.abs(v.currentTime - 1.5) < 0.1)")
    films.nth(1).evaluate("film => film.play()")
    page.wait_for_function(TOGETHER)
    # The one that ends first waits for the other.
    films.first.evaluate("film => { film.pause(); }")
    page.wait_for_function(f"() => {BOTH}.every(v => v.paused)")
    films.first.evaluate("film => { film.currentTime = film.duration - 0.4; film.play(); }")
    page.wait_for_function(f"() => {BOTH}.every(v => !v.paused && v.currentTime < 2)")


def test_compare_says_how_far_apart_two_networks_are(visit_path):
    page = visit_path(COMPARED)
    expect(page.locator("p.apart")).to_contain_text("Correlation of their weights")
    expect(page.locator(".weights .panel")).to_have_count(3)
    expect(page.locator(".weights .panel h3").last).to_have_text("Difference")
