"""How long a visitor waits, by the browser's own clock: the first view, and another task.

`python tests/browser/measure_first_view.py [--starts 3] [--choices 20]` from the repository's folder, on a machine
that does nothing else; another suite's first view with `--query "?task=PickCube-v1" --robots 1 --choices 0` or
`--query "?task=mnist" --robots 0 --choices 0`. The first view counts from the navigation, with the server just
started; another task counts from the click, with the server warm. Each line says when matrices were drawn, when all
robots had a picture, and when all were drawn in 3D. "text" is the first there is to read, which is there before the
page's scripts.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [
    str(Path(__file__).parents[2]),
    str(Path(__file__).parent),
    str(Path(__file__).parents[1]),
]

from chromium import DRAWS_IN_3D, launch, open_tab  # noqa: E402
from playwright.sync_api import Page  # noqa: E402
from serving import serve  # noqa: E402

from nnit.checkpoint import DEFAULT_CHECKPOINT  # noqa: E402

# Notes, by the browser's clock, when anything says that it has been drawn. Observers hear of a change; asking
# again and again would cost the page more time than is measured.
_NOTES = """
window.notes = [];
const note = (what, of) => window.notes.push([what, of ?? "", performance.now()]);
const look = (node) => {
  if (node.nodeType !== 1) return;
  if (node.dataset.drawn) {
    const view = node.closest(".weights, .replay, .neurons");
    note(node.tagName === "CANVAS" ? "robot" : "matrices", view?.dataset.of ?? view?.dataset.task);
  }
  if (node.tagName === "IMG" && node.closest(".stage")) note("picture", "");
  for (const child of node.children) look(child);
};
const watch = (root) => new MutationObserver((changes) => {
  for (const change of changes) {
    if (change.type === "attributes") look(change.target);
    else change.addedNodes.forEach(look);
  }
}).observe(root, { subtree: true, childList: true, attributeFilter: ["data-drawn"] });
const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (how) {
  const root = attach.call(this, how);
  watch(root);
  return root;
};
watch(document);
addEventListener("click", () => { window.clicked = performance.now(); window.notes = []; }, true);
"""


def ready(page: Page, before: str = "", robots: int = 2) -> tuple[str, dict[str, float]]:
    """What has been drawn, and when by the page's clock in milliseconds: matrices, pictures of all robots, robots.

    Args:
        page: with `_NOTES`.
        before: what was drawn before, which does not count.
        robots: on the page.
    """
    page.wait_for_function(
        """([before, robots]) => {
            const [drawn] = window.notes.filter(([what, of]) => what === "matrices" && of && of !== before);
            const task = drawn?.[1].split(" ")[0];
            return drawn && window.notes.filter(([what, of]) => what === "robot" && of === task).length >= robots;
        }""",
        arg=[before, robots],
        polling=100,
    )
    notes = page.evaluate("window.notes")
    now = next(of for what, of, _ in notes if what == "matrices" and of not in ("", before))
    found: dict[str, float] = {}
    for what, of, count in (
        ("matrices", now, 1),
        ("picture", "", robots),
        ("robot", now.split()[0], robots),
    ):
        times = [t for kind, whose, t in notes if (kind, whose) == (what, of)]
        if count and len(times) >= count:
            found[what] = times[count - 1]
    return now, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--choices", type=int, default=20)
    parser.add_argument("--query", default="")
    parser.add_argument("--robots", type=int, default=2)
    asked = parser.parse_args()
    checkpoint = None if asked.query else DEFAULT_CHECKPOINT
    with launch(*DRAWS_IN_3D) as browser, tempfile.TemporaryDirectory() as folder:

        def tab() -> Page:
            page = open_tab(
                browser, viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
            )
            page.add_init_script(_NOTES)
            return page

        for start in range(asked.starts):
            with serve(checkpoint, Path(folder) / f"log-{start}") as address:
                page = tab()
                page.goto(f"{address}/{asked.query}")
                _, found = ready(page, robots=asked.robots)
                paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
                found = {"text": page.evaluate(paint), **found}
                rounded = {what: round(t) for what, t in found.items()}
                print("first view", rounded, "ms", flush=True)  # noqa: T201
                page.context.close()
        if not asked.choices:
            return
        with serve(checkpoint, Path(folder) / "log") as address:
            page = tab()
            page.goto(f"{address}/{asked.query}")
            shown, _ = ready(page)
            page.wait_for_timeout(5000)
            options = page.locator("[class*=st-key-task] [data-testid=stRadioOption]")
            waits: dict[str, list[float]] = {}
            for number in range(asked.choices + 1):
                options.nth(number % options.count()).click()
                shown, found = ready(page, shown)
                clicked = page.evaluate("window.clicked")
                if number:  # the first one loads what others find loaded
                    for what, t in found.items():
                        waits.setdefault(what, []).append(t - clicked)
                page.wait_for_timeout(3000)
            for what, times in waits.items():
                middle, most = statistics.median(times), max(times)
                print(  # noqa: T201
                    f"another task: {what} {middle:.0f} ms, median of {len(times)}, {most:.0f} at most"
                )


if __name__ == "__main__":
    main()
