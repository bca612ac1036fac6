"""Count how often the live robot copes with a visitor, by real mouse events in Chromium.

`python tests/browser/measure_live.py [--tries 20]` from the repository's folder. Each task's network is in a file to
take home (27-45, seed 0); the robot moves in real time meanwhile.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path[:0] = [
    str(Path(__file__).parents[2]),
    str(Path(__file__).parent),
    str(Path(__file__).parents[1]),
]

from chromium import DRAWS_IN_3D, launch, open_tab  # noqa: E402
from playwright.sync_api import Locator, Page  # noqa: E402

from app.make.parity import networks  # noqa: E402
from app.widgets.live.take_home import take_home  # noqa: E402

PATIENCE = 60  # seconds; a try is over after 1,000 steps of an eightieth of a second


def number(robot: Locator, name: str) -> int:
    return int(robot.get_attribute(f"data-{name}") or 0)


def wait(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def drag(page: Page, robot: Locator, name: str, rng: np.random.Generator) -> None:
    """Somewhere else, as far as the thing goes."""
    box = robot.get_by_role("button", name=f"Move the {name}").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + rng.uniform(-120, 120), y + rng.uniform(-90, 90), steps=6)
    page.mouse.up()


def ended(robot: Locator, before: int) -> bool:
    said = robot.locator(".transport output").inner_text()
    return number(robot, "successes") > before or "\u2717" in said


def goal_moved(page: Page, robot: Locator, rng: np.random.Generator) -> bool:
    robot.get_by_role("button", name="Another goal").click()
    wait(lambda: 15 <= number(robot, "steps") < 200)
    before = number(robot, "successes")
    drag(page, robot, "goal", rng)
    wait(lambda: ended(robot, before))
    return number(robot, "successes") > before


def goal_followed(page: Page, robot: Locator, rng: np.random.Generator) -> bool:
    """Without a reset; what is reached before the mouse lets go counts, as it does for the visitor."""
    before = number(robot, "successes")
    drag(page, robot, "goal", rng)
    at = number(robot, "steps")
    wait(lambda: number(robot, "steps") > at + 160)
    shown = robot.locator(".transport output").inner_text()
    return number(robot, "successes") > before or "\u2713" in shown


def undone(page: Page, robot: Locator, rng: np.random.Generator) -> bool:
    before = number(robot, "successes")
    robot.get_by_role("button", name="Another goal").click()
    if not wait(lambda: number(robot, "successes") > before):
        return False
    page.mouse.move(1, 1)
    at = number(robot, "steps")
    wait(lambda: number(robot, "steps") > at + 20)
    robot.locator(".transport button").nth(4).click()
    wait(lambda: ended(robot, before + 1))
    return number(robot, "successes") > before + 1


MEASURED = [
    ("pick-place-v3", "goal moved on the way", goal_moved),
    ("push-v3", "goal moved on the way", goal_moved),
    ("reach-v3", "goal moved again and again", goal_followed),
    ("door-open-v3", "shut again after success", undone),
    ("drawer-open-v3", "pushed in again after success", undone),
    ("drawer-close-v3", "pulled out again after success", undone),
    ("window-open-v3", "shut again after success", undone),
    ("window-close-v3", "opened again after success", undone),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=20)
    parser.add_argument("--task", default="", help="part of the names of tasks; by default all")
    asked = parser.parse_args()
    policies = {policy.task: policy for policy in networks("27-45")}
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder, launch(*DRAWS_IN_3D) as browser:
        for task, what, measure in MEASURED:
            if asked.task not in task:
                continue
            path = Path(folder) / f"{task}.html"
            path.write_bytes(take_home(policies[task]))
            page = open_tab(browser, viewport={"width": 760, "height": 900}, offline=True)
            page.goto(path.as_uri())
            robot = page.locator(".live[data-ready=true]")
            robot.wait_for()
            wait(lambda robot=robot: number(robot, "successes") == 1)
            done = sum(measure(page, robot, rng) for _ in range(asked.tries))
            print(f"{task}, {what}: {done}/{asked.tries}", flush=True)  # noqa: T201
            page.context.close()


if __name__ == "__main__":
    main()
