"""The map of success over widths: what it shows, how it fills, and what it makes of bad input."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from patience import SECONDS
from streamlit.testing.v1 import AppTest

from app.engine import networks as networks_module
from app.engine import results
from app.engine.results import Count, shipped_map
from app.engine.services import Services, services
from app.views.generate.small_map import map_html
from app.views.widths.charts import cell_text, frontier_chart, width_map
from app.views.widths.measured import (
    LiveMaps,
    frontier,
    live_maps,
    merged,
    next_cell,
)
from nnit.checkpoint import load_json
from nnit.errors import UserError
from nnit.sim.suites import get_task
from nnit.splits import MAP_WIDTHS, TRAINED_WIDTHS

ROOT = Path(__file__).resolve().parent.parent

SUITE = get_task("reach-v3").suite
PAGE = Path(__file__).parent.parent / "app" / "views" / "widths" / "page.py"
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:streamlit.*")


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tiny_checkpoint: Path) -> Iterator[None]:
    """Services, maps and results that no other test has used, and the tiny checkpoint."""
    monkeypatch.setattr(Services, "warm_up", lambda self, task: None)
    monkeypatch.setattr(networks_module, "EPISODES", 2)
    monkeypatch.setattr(results, "RESULTS", tmp_path)
    monkeypatch.setenv("NNIT_CHECKPOINT", str(tiny_checkpoint))
    services.clear()
    live_maps.clear()
    yield
    services().close()
    services.clear()
    live_maps.clear()


def ship(folder: Path, name: str, version: str, rows: list[dict[str, Any]]) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"version": version, "results": rows}))


def grid_row(first: int, second: int, successes: int, task: str = "push-v3") -> dict[str, Any]:
    where = {"task": task, "first": first, "second": second}
    return {**where, "successes": successes, "episodes": 9}


def open_page(**query: str) -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=SECONDS)
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def captions(page: AppTest) -> str:
    return "\n".join(caption.value for caption in page.caption)


def test_results_count_for_their_own_checkpoint_alone(tmp_path: Path) -> None:
    ship(tmp_path, "grid/push-v3.json", "cpu-1", [grid_row(8, 64, 7)])
    assert shipped_map("push-v3", "cpu-1") == {(8, 64): Count(7, 9)}
    assert shipped_map("push-v3", "cpu-2") == {}
    assert shipped_map("reach-v3", "cpu-1") == {}
    (tmp_path / "grid" / "push-v3.json").write_text("[1")
    assert shipped_map("push-v3", "cpu-1") == {}
    # Of another suite, as `evaluate` writes it.
    row = {"task": "mnist", "arch": "8-64", "successes": 9, "episodes": 10}
    ship(tmp_path, "mnist/grid/mnist.json", "mnist-1", [row])
    assert shipped_map("mnist", "mnist-1") == {(8, 64): Count(9, 10)}
    assert shipped_map("mnist", "mnist-2") == {}


def test_the_frontier_pools_networks_by_budget(tmp_path: Path) -> None:
    rows = [
        {"task": task, "budget": 600, "parameters": p, "successes": s, "episodes": 10, "seconds": 1}
        for task, p, s in (("push-v3", 500, 4), ("reach-v3", 600, 10))
    ]
    ship(tmp_path, "budget/nnit.json", "cpu-1", rows)
    (point,) = frontier(None, "cpu-1")
    assert (point.parameters, point.successes, point.episodes) == (550, 14, 20)
    assert frontier("push-v3", "cpu-1")[0].successes == 4
    assert len(frontier_chart([point], dark=True).data) == 1


def test_the_map_says_what_is_measured_and_what_is_not() -> None:
    figure = width_map({(8, 64): Count(9, 9)}, SUITE, dark=False)
    heat, unmeasured, seen, clicks = figure.data
    assert heat.z[MAP_WIDTHS.index(64)][MAP_WIDTHS.index(8)] == 1
    assert len(unmeasured.x) == len(MAP_WIDTHS) ** 2 - 1
    assert 0 < len(seen.x) < len(MAP_WIDTHS) ** 2
    assert len(clicks.customdata) == len(MAP_WIDTHS) ** 2
    assert "8-64: 9/9" in clicks.text[list(clicks.customdata).index("8-64")]


@given(st.sampled_from(MAP_WIDTHS), st.sampled_from(MAP_WIDTHS), st.integers(0, 9))
def test_every_cell_has_words(first: int, second: int, successes: int) -> None:
    assert f"{first}-{second}: not measured" in cell_text((first, second), None, SUITE)
    assert f"{successes}/9" in cell_text((first, second), Count(successes, 9), SUITE)


def test_the_map_says_where_training_ended() -> None:
    digits = get_task("mnist").suite  # its checkpoint was trained on layers of 8 to 64 neurons
    assert "<br>narrower than training," in cell_text((4, 8), None, digits)
    assert "<br>wider than training," in cell_text((8, 80), None, digits)
    assert "<br>narrower and wider than training," in cell_text((4, 80), None, digits)
    ends = {MAP_WIDTHS.index(TRAINED_WIDTHS[0]) - 0.5, MAP_WIDTHS.index(TRAINED_WIDTHS[-1]) + 0.5}
    lines = width_map({}, digits, dark=False).layout.shapes
    assert {line.x0 for line in lines} | {line.y0 for line in lines} == ends
    assert {line.x1 for line in lines} | {line.y1 for line in lines} == ends


def test_live_maps_are_bounded() -> None:
    maps = LiveMaps()
    for number in range(50):
        maps.add("v", f"task-{number}", (8, 8), Count(1, 2, 2))
    assert maps.of("v", "task-49")
    assert not maps.of("v", "task-0")


def test_what_is_measured_here_is_added_to_what_ships() -> None:
    maps = LiveMaps()
    for successes in (1, 2):
        maps.add("v", "push-v3", (8, 8), Count(successes, 10, 10))
    maps.add("v", "push-v3", (8, 11), Count(3, 10, 10))
    both = merged({(8, 8): Count(5, 9)}, maps.of("v", "push-v3"))
    assert both == {(8, 8): Count(8, 29, 20), (8, 11): Count(3, 10, 10)}


def test_the_pair_with_the_fewest_episodes_is_next() -> None:
    counts = {(first, second): Count(9, 9) for first in MAP_WIDTHS for second in MAP_WIDTHS}
    counts[24, 27] = Count(3, 3)
    assert next_cell(counts) == (24, 27)
    del counts[64, 8]
    assert next_cell(counts) == (64, 8)
    seen: dict[tuple[int, int], Count] = {}
    for _ in range(len(MAP_WIDTHS) ** 2):
        seen[next_cell(seen)] = Count(1, 10, 10)
    assert len(seen) == len(MAP_WIDTHS) ** 2


def test_a_trial_that_two_visitors_share_counts_once() -> None:
    maps = LiveMaps()
    for _ in range(2):
        maps.add("v", "push-v3", (8, 8), Count(3, 10, 10), after=0)
    assert maps.of("v", "push-v3") == {(8, 8): Count(3, 10, 10)}
    maps.add("v", "push-v3", (8, 8), Count(4, 10, 10), after=10)
    assert maps.of("v", "push-v3") == {(8, 8): Count(7, 20, 20)}


def test_a_whole_map_can_be_refined(tmp_path: Path, tiny_checkpoint: Path) -> None:
    version = str(load_json(tiny_checkpoint / "config.json")["version"])
    rows = [grid_row(first, second, 9, "reach-v3") for first in MAP_WIDTHS for second in MAP_WIDTHS]
    ship(tmp_path, "grid/reach-v3.json", version, rows)
    page = open_page(task="reach-v3")
    assert "361 of 361 pairs measured, 3,249 episodes." in captions(page)
    assert page.button(key="measure").label == "Refine"


def test_without_results_the_map_is_empty_and_can_be_measured() -> None:
    page = open_page(task="reach-v3")
    assert "No pair of this task is measured yet" in captions(page)
    assert page.button(key="measure").label == "Measure"


def test_measuring_fills_cells_until_it_is_stopped(tiny_checkpoint: Path) -> None:
    page = open_page(task="reach-v3")
    page.button(key="measure").click().run()
    version = str(load_json(tiny_checkpoint / "config.json")["version"])
    for _ in range(400):
        if len(live_maps().of(version, "reach-v3")) >= 2:
            break
        for job in list(services()._jobs._jobs.values()):
            job.future.result(timeout=SECONDS)
        page.run()
    assert not page.exception
    assert "4 episodes, 4 of them here" in captions(page)
    page.button(key="stop").click().run()
    assert page.button(key="measure")


def test_a_failure_stops_the_measuring_with_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_model(*_: object) -> None:
        raise UserError("there is no model here")

    monkeypatch.setattr(Services, "_load", no_model)
    page = open_page(task="reach-v3")
    page.button(key="measure").click().run()
    for job in list(services()._jobs._jobs.values()):
        job.future.exception(timeout=SECONDS)
    page.run()
    assert not page.exception
    assert not page.session_state.measuring
    assert "there is no model here" in page.error[0].value


def test_a_task_that_the_checkpoint_lacks_is_told_and_another_one_shown() -> None:
    page = open_page(task="push-v3")
    assert 'there is no task "push-v3"' in page.error[0].value.replace("\\", "")
    assert page.radio(key="task").value == "reach-v3"


@pytest.mark.parametrize("task", ["", "nonsense", "../../etc", "<script>", "x" * 5000])
def test_a_hostile_task_in_the_link_is_one_sentence(task: str) -> None:
    page = open_page(task=task)
    assert "there is no task" in page.error[0].value


def test_a_missing_checkpoint_leaves_the_map(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NNIT_CHECKPOINT", str(tmp_path / "none"))
    assert "No pair of this task is measured yet" in captions(open_page())


def test_charts_wait_for_a_half_imported_pandas() -> None:
    """Plotly looks at pandas wherever it is loaded; another thread may be importing it just then."""
    code = """
import importlib.abc, sys, threading
from app.views.widths.charts import width_map
from nnit.sim.suites import get_task

begun, finish = threading.Event(), threading.Event()

class Slow(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "pandas.core.api":
            begun.set()
            finish.wait()
        return None

sys.meta_path.insert(0, Slow())
import plotly.graph_objects
other = threading.Thread(target=lambda: __import__("pandas"))
other.start()
begun.wait()
assert not hasattr(sys.modules["pandas"], "Series")
threading.Timer(0.2, finish.set).start()
width_map({}, get_task("reach-v3").suite, dark=False).to_json()
other.join()
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_small_map_says_accuracy_of_digits_and_success_of_robots():
    known = {(8, 64): Count(29034, 30000)}
    assert "29,034/30,000 (96.8\u00a0%, 95\u00a0% CI" in map_html(known, (8, 64), "mnist")
    assert "7/9 (78\u00a0%, 95\u00a0% CI" in map_html({(8, 64): Count(7, 9)}, (8, 64), "reach-v3")
