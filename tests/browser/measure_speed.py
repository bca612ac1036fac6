"""Measure how fast Live begins and runs, how many bytes it loads, and what it computes off the screen.

`python tests/browser/measure_speed.py` from the repository's folder: the shipped example with two robots, in Chromium
with software WebGL, three first visits and a second one to each. `--starts 100` instead begins and ends Live so often
in one page, and says what is left in its memory.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path[:0] = [
    str(Path(__file__).parents[2]),
    str(Path(__file__).parent),
    str(Path(__file__).parents[1]),
]

from chromium import DRAWS_IN_3D, launch  # noqa: E402
from playwright.sync_api import Browser, Page  # noqa: E402
from serving import serve  # noqa: E402

from nnit.checkpoint import DEFAULT_CHECKPOINT  # noqa: E402

VISITS = 3
SECONDS = 6.0  # that pictures and steps are counted

_ON_THE_PAGE = """
window.lives = () => [...document.querySelectorAll('*')]
  .map((e) => e.shadowRoot?.querySelector('.live')).filter(Boolean);
document.addEventListener('pointerdown', ({ target }) => {
  if (window.pressed || !target.textContent.includes('Live')) return;
  window.pressed = performance.now();
  const look = () => {
    const [one, other] = lives();
    if (other && [one, other].every((e) => Number(e.dataset.steps) > 0)) window.moving = performance.now();
    else requestAnimationFrame(look);
  };
  look();
}, { capture: true });
// Pictures are what a robot's canvas takes of what WebGL drew.
window.pictures = new Map();
const proto = CanvasRenderingContext2D.prototype, take = proto.drawImage;
proto.drawImage = function (...what) {
  if (this.canvas.parentElement?.classList.contains('stage'))
    window.pictures.set(this.canvas, (window.pictures.get(this.canvas) ?? 0) + 1);
  return take.apply(this, what);
};
window.snap = () => ({ at: performance.now(), pictures: [...window.pictures.entries()]
  .filter(([canvas]) => canvas.isConnected).map(([, n]) => n), steps: lives().map((e) => Number(e.dataset.steps)) });
"""


def bytes_asked(page: Page) -> dict[str, float]:
    """Bytes over the wire of each file of the page, by the last part of its address."""
    wire: dict[str, float] = {}
    names: dict[str, str] = {}
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")

    def began(event: dict[str, Any]) -> None:
        names[event["requestId"]] = event["response"]["url"]

    def ended(event: dict[str, Any]) -> None:
        name = names.get(event["requestId"], "")
        if "/static/" in name:
            short = name.split("/static/")[1].split("?")[0]
            wire[short] = wire.get(short, 0) + event["encodedDataLength"]

    session.on("Network.responseReceived", began)
    session.on("Network.loadingFinished", ended)
    return wire


def opened(browser: Browser, address: str, query: str) -> tuple[Page, dict[str, float]]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(120_000)  # a busy machine
    page.add_init_script(_ON_THE_PAGE)
    wire = bytes_asked(page)
    page.goto(f"{address}/{query}")
    return page, wire


def visit(browser: Browser, address: str) -> None:
    page, wire = opened(browser, address, "")
    page.locator(".replay canvas[data-drawn=true]").nth(1).wait_for(timeout=120_000)
    page.wait_for_timeout(3000)
    first = dict(wire)
    page.locator(".st-key-heading").get_by_text("Live", exact=True).click()
    page.wait_for_function("window.moving > 0", timeout=120_000)
    begun = page.evaluate("window.moving - window.pressed")
    page.wait_for_timeout(1500)
    live = sum(size for name, size in wire.items() if name.startswith("live/"))
    before = sum(size for name, size in first.items() if name.startswith("live/"))
    start = page.evaluate("snap()")
    page.wait_for_timeout(1000 * SECONDS)
    end = page.evaluate("snap()")
    seconds = (end["at"] - start["at"]) / 1000
    pictures, steps = (
        [(b - a) / seconds for a, b in zip(start[what], end[what], strict=True)]
        for what in ("pictures", "steps")
    )
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 9999)")
    page.wait_for_timeout(1000)
    rest = page.evaluate("snap()")
    page.wait_for_timeout(1000)
    hidden = page.evaluate("snap()")["steps"] == rest["steps"]
    say = (
        f"both robots move after {begun:.0f} ms; pictures a second "
        + ", ".join(f"{rate:.1f}" for rate in pictures)
        + "; steps a second "
        + ", ".join(f"{rate:.1f}" for rate in steps)
        + f"; {live / 1e6:.2f} MB of Live, {before / 1e6:.2f} before it was asked for; off the screen "
        + ("at rest" if hidden else "NOT AT REST")
    )
    wire.clear()
    page.goto(f"{address}/?robot=live")
    page.locator(".live[data-ready=true]").nth(1).wait_for(timeout=120_000)
    page.wait_for_timeout(1500)
    again = sum(size for name, size in wire.items() if name.startswith("live/"))
    print(f"{say}; second visit {again:.0f} bytes", flush=True)  # noqa: T201
    page.context.close()


def start_and_stop(browser: Browser, address: str, starts: int) -> None:
    page, _ = opened(browser, address, "?robot=live")
    session = page.context.new_cdp_session(page)
    kinds = page.locator(".st-key-heading")
    for start in range(starts + 1):
        if start:
            kinds.get_by_text("Live", exact=True).click()
        page.wait_for_function(
            "lives().length === 2 && lives().every((e) => Number(e.dataset.steps) > 0)",
            timeout=120_000,
        )
        kinds.get_by_text("3D", exact=True).click()
        page.locator(".replay canvas[data-drawn=true]").nth(1).wait_for(timeout=120_000)
        if start % 10 == 0:
            page.wait_for_timeout(1000)
            page.evaluate("pictures.clear()")  # it would hold what is to be seen gone
            session.send("HeapProfiler.collectGarbage")
            used = session.send("Runtime.getHeapUsage")["usedSize"] / 1e6
            nodes = session.send("Memory.getDOMCounters")
            print(  # noqa: T201
                f"after {start + 1} starts: heap {used:.1f} MB, {nodes['nodes']} nodes, "
                f"{nodes['jsEventListeners']} listeners, {len(page.workers)} workers",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=0)
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(DEFAULT_CHECKPOINT, Path(folder) / "log") as address,
        launch(*DRAWS_IN_3D) as browser,
    ):
        if asked.starts:
            start_and_stop(browser, address, asked.starts)
        else:
            for _ in range(VISITS):
                visit(browser, address)


if __name__ == "__main__":
    main()
