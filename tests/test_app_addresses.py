"""Addresses of every page: links that open the same view again, and strings that nobody should have written."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pages import open_page, parts, query_of, words
from streamlit import stop

from app.engine.checkpoint import description, task_of
from app.engine.jobs import Job
from app.engine.services import Services, services
from app.views.alignment.services import AlignmentServices
from app.views.generate import numbers
from nnit.errors import UserError

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:streamlit.*"),
    pytest.mark.usefixtures("fresh_services"),
]
PAGES = ("generate", "noise", "widths", "alignment", "evidence", "how")
NAMES = (
    *("task", "arch", "seed", "steps", "tempo", "height", "max_params", "count", "solver"),
    *("show", "beside", "goal", "robot", "screen", "kinds", "networks", "other"),
)
# What an attacker, a broken link or a typing error may hold, beside what is nearly right.
VALUES = st.one_of(
    st.text(max_size=40),
    st.integers(-(10**20), 10**20).map(str),
    st.floats().map(str),
    st.sampled_from(description().tasks),
    st.sampled_from(
        [
            *(
                "<script>alert(1)</script>",
                "../../etc/passwd",
                "__import__('os')",
                "%00",
                "\u202e",
                "64-64",
            ),
            *(
                "?",
                "8-?",
                "64-" * 30,
                "1" * 5000,
                "nan",
                "-0",
                "1e3",
                "\u0663",
                "3d",
                "nnit,ghn",
                ",",
                "{}",
            ),
        ]
    ),
)


@pytest.fixture
def no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every job fails at once: here only what the address does to the page is looked at."""

    def fail(*_: object) -> Job:
        job: Job = Job()
        job.future.set_exception(UserError("nothing is done in this test"))
        return job

    for name in ("networks", "trace", "replay", "film", "trial"):
        monkeypatch.setattr(Services, name, fail)
    for name in ("networks", "measured"):
        monkeypatch.setattr(AlignmentServices, name, fail)


@pytest.mark.parametrize("page", PAGES)
@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(query=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6))
def test_no_address_breaks_a_page(no_work, page, query):
    test = open_page(None if page == "generate" else page, **query)
    assert not test.exception
    # What cannot be used is said in words, and never as HTML that somebody else wrote.
    for text in query.values():
        if "<" in text and ">" in text:
            assert text not in "".join(e.proto.body for e in test.get("html"))


def test_a_link_shows_the_same_networks_side_by_side_and_in_3d(short_trials):
    # With the shipped checkpoint: its robots succeed soon, so that most of the films are short.
    link = {"task": "reach-v3", "arch": "10", "seed": "2", "steps": "2", "count": "3"}
    look = {"show": "3", "beside": "1"}
    test = open_page(**link, **look, robot="3d")
    assert not test.exception
    assert query_of(test) == link | look  # 3D is the usual
    said = words(test)
    assert "two networks" in said
    drawn = parts(test).keys()
    assert {"replay_2", "replay_0", "weights"} <= drawn
    kinds = [one.key for one in test.segmented_control if (one.key or "").startswith("robot_kind")]
    assert kinds == ["robot_kind_large"]  # one choice for both robots
    test.button(key="show_1").click().run()
    assert query_of(test) == link | {"show": "2"}
    test.segmented_control(key="robot_kind_large").set_value("film").run()
    assert query_of(test) == link | {"show": "2", "robot": "film"}
    test.number_input(key="seed").set_value(3)
    test.button(key="generate").click().run()
    assert query_of(test) == link | {"seed": "3", "robot": "film"}


@pytest.mark.parametrize(
    ("look", "said"),
    [
        ({"show": "3"}, "from 1 to 2"),
        ({"beside": "0"}, "from 1 to 2"),
        ({"beside": "1"}, "cannot be beside itself"),
        ({"show": "2", "beside": "2"}, "cannot be beside itself"),
        ({"goal": "11"}, "from 1 to 10"),
        ({"robot": "<b>"}, 'not "<b>"'),
    ],
)
def test_a_look_that_is_none_is_told(short_trials, look, said):
    test = open_page(task="reach-v3", arch="10", steps="2", count="2", **look)
    assert not test.exception
    assert said in words(test)
    # What the rest of the link asks for is made, and no example stands in its place.
    assert "with a network of 10" in words(test)


def test_the_example_is_there_in_3d_before_anything_is_loaded(monkeypatch):
    test = open_page()
    assert not test.exception
    drawn = parts(test).keys()
    assert {"replay_aligned", "replay_unaligned", "weights"} <= drawn
    assert not services()._jobs._jobs


def test_controls_keep_what_the_address_says_however_often_a_page_is_drawn(no_work):
    """A value of the session reaches the browser only once, and gets lost where two runs come together."""
    link = {"task": "drawer-close-v3", "arch": "9-12", "seed": "7", "steps": "3", "solver": "heun"}
    test = open_page("noise", **link)
    for _ in range(2):
        assert test.text_input(key="noise_arch").proto.default == "9-12"
        assert test.number_input(key="noise_seed").proto.default == 7
        solver, task = test.selectbox(key="noise_solver"), test.radio(key="task")
        assert solver.proto.options[solver.proto.default] == "heun"
        assert task.proto.options[task.proto.default] == task_of("drawer-close-v3").title
        test.run()


def turn_to(test, name):
    """Go to another page by the navigation, which leaves the address empty."""
    for key in list(query_of(test)):
        del test.query_params[key]
    return test.switch_page(f"views/{name}/page.py").run()


def test_task_and_network_travel_from_page_to_page(no_work):
    test = open_page()
    test.radio(key="task").set_value("drawer-close-v3").run()
    test.text_input(key="arch").set_value("32-19").run()
    test.number_input(key="seed").set_value(3).run()
    asked = {"task": "drawer-close-v3", "arch": "32-19", "seed": "3", "steps": "8"}
    assert query_of(test) == asked
    turn_to(test, "noise")
    assert query_of(test) == asked
    test.text_input(key="noise_arch").set_value("40-16").run()
    turn_to(test, "widths")
    assert query_of(test) == {"task": "drawer-close-v3"}
    pair = [test.selectbox(key=f"{which}_width").value for which in ("first", "second")]
    assert pair == [40, 16]
    test.radio(key="task").set_value("push-v3").run()
    turn_to(test, "alignment")
    assert query_of(test)["task"] == "push-v3"
    assert query_of(test)["arch"] == "40-16"
    turn_to(test, "generate")
    assert not test.exception
    assert query_of(test) == asked | {"task": "push-v3", "arch": "40-16"}
    assert test.radio(key="task").value == "push-v3"
    assert test.text_input(key="arch").value == "40-16"
    assert test.number_input(key="seed").value == 3


@pytest.mark.parametrize("visits", [0, 1])
def test_a_run_that_ends_before_the_controls_are_drawn_leaves_nothing(no_work, monkeypatch, visits):
    test = open_page("how")
    for _ in range(visits):
        turn_to(test, "generate")
        turn_to(test, "how")
    with monkeypatch.context() as patch:
        patch.setattr(numbers, "show_story", stop)  # as where the visitor goes on meanwhile
        test.query_params.update({"task": "drawer-close-v3", "arch": "9-12"})
        test.switch_page("views/generate/page.py").run()
    assert not test.text_input
    # Drawn again, the page has what its address says, and another address is read after another page.
    test.run()
    assert test.text_input(key="arch").value == "9-12"
    assert test.radio(key="task").value == "drawer-close-v3"
    turn_to(test, "how")
    test.query_params.update({"task": "reach-v3", "arch": "10"})
    test.switch_page("views/generate/page.py").run()
    assert test.text_input(key="arch").value == "10"
    assert test.radio(key="task").value == "reach-v3"
    assert not test.exception


def test_nothing_travels_that_nobody_chose(no_work):
    test = open_page("widths")
    turn_to(test, "generate")
    assert "example, made earlier" in words(test)
    assert query_of(test) == {}
    turn_to(test, "noise")
    assert query_of(test)["arch"] == "27-45"


def test_a_budget_from_a_link_can_be_cleared(no_work):
    test = open_page(task="reach-v3", arch="9-12", max_params="4000")
    assert test.number_input(key="max_params").value == 4000
    assert (
        test.number_input(key="max_params").proto.default == 0
    )  # none, so that the control can be empty
    test.number_input(key="max_params").set_value(None).run()
    assert test.number_input(key="max_params").value is None
    assert not test.exception
