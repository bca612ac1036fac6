"""A class fills one map: codes, what is counted, what is bounded, and who may empty it."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages import open_page, query_of, words

from app.engine import classroom as classroom_module
from app.engine import networks as networks_module
from app.engine.classroom import WORKS, Classes, ClassMap, classes, smallest
from app.engine.results import Count
from app.engine.services import Services, services
from app.views.widths.charts import class_chart
from app.views.widths.class_map import board_html
from nnit.errors import UserError
from nnit.mlp.spec import MLPArchitecture
from nnit.sim.suites import get_task

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:streamlit.*")
SUITE = get_task("reach-v3").suite


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, tiny_checkpoint: Path) -> Iterator[None]:
    """Services and classes that no other test has used, and the tiny checkpoint."""
    monkeypatch.setattr(Services, "warm_up", lambda self, task: None)
    monkeypatch.setattr(networks_module, "EPISODES", 2)
    monkeypatch.setenv("NNIT_CHECKPOINT", str(tiny_checkpoint))
    services.clear()
    classes.clear()
    yield
    services().close()
    services.clear()
    classes.clear()


def counted(**shapes: tuple[int, int]) -> dict[MLPArchitecture, Count]:
    return {
        MLPArchitecture.parse(name[1:].replace("_", "-")): Count(*count)
        for name, count in shapes.items()
    }


def test_a_network_counts_once_and_architectures_are_pooled():
    one, shape = ClassMap("ABCD"), MLPArchitecture((9, 12))
    one.add("a", "reach-v3", shape, Count(8, 10, 10))
    one.add("a", "reach-v3", shape, Count(8, 10, 10))
    one.add("b", "reach-v3", shape, Count(1, 10, 10))
    one.add("c", "push-v3", shape, Count(0, 10, 10))
    assert one.of("reach-v3") == {shape: Count(9, 20, 20)}
    assert one.of("door-open-v3") == {}
    assert len(one) == 3
    one.clear()
    assert len(one) == 0
    assert one.of("reach-v3") == {}


def test_a_class_is_bounded(monkeypatch):
    monkeypatch.setattr(classroom_module, "_NETWORKS", 5)
    one = ClassMap("ABCD")
    for number in range(20):
        one.add(str(number), "reach-v3", MLPArchitecture((number + 10,)), Count(1, 1))
    assert sorted(shape.hidden[0] for shape in one.of("reach-v3")) == [25, 26, 27, 28, 29]


def test_classes_are_bounded_and_only_idle_ones_go(monkeypatch):
    monkeypatch.setattr(classroom_module, "_CLASSES", 3)
    now = [0.0]
    monkeypatch.setattr(classroom_module.time, "monotonic", lambda: now[0])
    known = Classes()
    first, second, third = (known.start() for _ in range(3))
    with pytest.raises(UserError, match="no more fit"):
        known.start()
    now[0] = 1e4
    assert known.find(first.code) is first  # somebody looks at it
    assert known.find(f" {third.code.lower()} ") is third
    fourth = known.start()
    with pytest.raises(UserError, match=f"no class {second.code}"):
        known.find(second.code)
    assert known.find(fourth.code) is fourth


@given(st.text(max_size=40))
def test_no_code_that_is_none_is_repeated_or_breaks_anything(text):
    known = Classes()
    with pytest.raises(UserError) as raised:
        known.find(text)
    said = str(raised.value)
    assert "there is no class" in said
    assert len(said) < 60
    assert "<" not in said


def test_the_board_has_the_smallest_that_work():
    counts = counted(_8_8=(8, 10), _9_9=(9, 10), _64_64=(10, 10), _9=(19, 20), _5=(0, 10))
    best = smallest(counts)
    assert [str(shape) for shape, _ in best] == ["9", "9-9", "64-64"]
    assert all(count.rate >= WORKS for _, count in best)
    html = board_html(counts, 7)
    assert html.index("<b>9</b>") < html.index("<b>9-9</b>") < html.index("<b>64-64</b>")
    assert "8-8" not in html
    assert "None yet" in board_html({}, 0)


@pytest.mark.parametrize("large", [False, True])
def test_the_map_has_what_has_two_layers(large):
    counts = counted(_8_8=(8, 10), _9=(19, 20), _9_12_14=(1, 2), _200_5=(0, 3))
    figure = class_chart(counts, SUITE, dark=True, large=large)
    (squares,) = figure.data
    assert list(zip(squares.x, squares.y, strict=True)) == [(8, 8), (200, 5)]
    assert list(squares.marker.color) == [0.8, 0.0]
    assert "8/10" in squares.text[0]


def test_who_joins_fills_the_map_with_what_is_tried():
    mine = classes().start()
    test = open_page(**{"class": mine.code.lower()})
    assert not test.exception
    assert f"You are in class {mine.code}" in "".join(c.value for c in test.caption)
    assert len(mine) == 0  # the example was not asked for
    joined = open_page(
        **{"class": mine.code, "task": "reach-v3", "arch": "9-12", "count": "2", "steps": "1"}
    )
    assert not joined.exception
    assert query_of(joined)["class"] == mine.code
    assert len(mine) == 2  # what the other model wrote is not the visitor's
    assert mine.of("reach-v3")[MLPArchitecture((9, 12))].episodes == 4
    joined.button(key="leave_class").click().run()
    assert "class" not in query_of(joined)
    joined.number_input(key="seed").set_value(5).run()
    assert not joined.exception
    assert len(mine) == 2


def test_a_class_begins_on_widths_and_only_its_owner_empties_it():
    test = open_page("widths", task="reach-v3")
    test.segmented_control(key="which_map").set_value("class").run()
    test.button(key="class_start").click().run()
    assert not test.exception
    code = query_of(test)["class"]
    mine = classes().find(code)
    mine.add("a", "reach-v3", MLPArchitecture((9, 12)), Count(2, 2, 2))
    other = open_page("widths", **{"class": code})
    assert not other.exception
    assert not [b for b in other.button if b.key == "class_clear"]
    other = open_page("widths", **{"class": code, "task": "reach-v3"})
    assert "<b>9-12</b>" in words(other)
    test.button(key="class_clear").click().run()
    assert not test.exception
    assert len(mine) == 0
    test.button(key="class_leave").click().run()
    assert not test.exception
    assert "class" not in query_of(test)
    assert test.button(key="class_start")


def test_who_has_begun_a_class_leaves_it_at_the_first_press():
    test = open_page("widths", task="reach-v3")
    test.segmented_control(key="which_map").set_value("class").run()
    test.button(key="class_start").click().run()
    assert "class" in query_of(test)
    test.button(key="class_leave").click().run()
    assert not test.exception
    assert "class" not in query_of(test)
    assert test.button(key="class_start")


def test_a_class_that_is_none_is_told_and_joining_another_works():
    mine = classes().start()
    test = open_page("widths", **{"class": "<b>x"})
    assert not test.exception
    assert "class" not in query_of(test)
    assert test.segmented_control(key="which_map").value == "measured"
    first = open_page(**{"class": "ZZZZ"})
    assert not first.exception
    assert "there is no class" in words(first).lower()
    test.segmented_control(key="which_map").set_value("class").run()
    test.text_input(key="class_join").set_value("no").run()
    assert "there is no class" in words(test).lower()
    test.text_input(key="class_join").set_value(mine.code.lower()).run()
    assert not test.exception
    assert query_of(test)["class"] == mine.code


def test_in_large_type_only_the_map_is_seen():
    mine = classes().start()
    test = open_page("widths", **{"class": mine.code})
    assert "24 px is the least" not in words(test)
    test.button(key="class_present_button").click().run()
    assert not test.exception
    assert "24 px is the least" in words(test)
    test.button(key="class_present_button").click().run()
    assert "24 px is the least" not in words(test)


def test_what_is_measured_on_widths_counts_too():
    mine = classes().start()
    test = open_page("widths", **{"class": mine.code, "task": "reach-v3"})
    test.segmented_control(key="which_map").set_value("measured").run()
    test.button(key="measure").click().run()
    for _ in range(200):
        if len(mine):
            break
        test.run()
        time.sleep(0.05)
    assert not test.exception
    (count,) = mine.of("reach-v3").values()
    assert count.episodes == 2
