"""The controls of the first page through AppTest: task, widths as numbers and as text, budget."""

import pytest
from pages import open_page, query_of, words
from streamlit.testing.v1 import AppTest

from app.engine.checkpoint import covered_tasks, description, suite_of, task_of

# Streamlit parses dates of browsers with these.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:streamlit.*"),
    # A robot runs after every change; how often it tries is not looked at here.
    pytest.mark.usefixtures("fresh_services", "short_trials"),
]


def drawing(test: AppTest) -> str:
    """What the drawing of the network says it is."""
    return next(e.proto.body for e in test.get("html") if 'class="net"' in e.proto.body)


def test_every_task_can_be_chosen():
    test = open_page()
    picker = test.radio(key="task")
    # Those of every checkpoint whose suite is chosen.
    suite = suite_of(description().tasks[0]).name
    tasks = [name for name in covered_tasks() if suite_of(name).name == suite]
    assert len(tasks) == 13
    assert picker.options == [task_of(name).title for name in tasks]


def test_the_first_numbers_are_of_the_task_that_is_chosen():
    def has_numbers() -> bool:
        return any('class="numbers"' in e.proto.body for e in test.get("html"))

    test = open_page()
    test.run()
    assert has_numbers()
    test.radio(key="task").set_value("push-hidden-v3").run()  # nothing is measured there
    assert not has_numbers()
    test.radio(key="task").set_value("drawer-open-v3").run()
    assert has_numbers()


@pytest.mark.parametrize(
    ("control", "value", "text"), [("arch", "20-12", "20-12"), ("width_0", 20, "20")]
)
def test_a_change_whose_callback_was_cut_short_is_carried_out_by_the_next_run(control, value, text):
    """Streamlit ends what it calls first where another request has come meanwhile, and does not call it again."""
    test = open_page(task="reach-v3", arch="10", steps="1")
    test.session_state[control] = value  # without what is called when the control itself is changed
    test.run()
    assert not test.exception
    assert test.text_input(key="arch").value == text
    widths = [int(width) for width in text.split("-")]
    assert [test.number_input(key=f"width_{i}").value for i in range(len(widths))] == widths
    assert query_of(test)["arch"] == text


def test_numbers_and_text_of_the_editor_stay_in_step():
    test = open_page()
    test.text_input(key="arch").set_value("64-32-7").run()
    assert [test.number_input(key=f"width_{i}").value for i in range(3)] == [64, 32, 7]
    test.number_input(key="width_1").set_value(50).run()
    assert test.text_input(key="arch").value == "64-50-7"
    test.button(key="add_layer").click().run()
    assert test.text_input(key="arch").value == "64-50-7-32"
    assert test.button(key="add_layer").disabled
    for _ in range(3):
        test.button(key="remove_layer").click().run()
    assert test.text_input(key="arch").value == "64"
    assert test.button(key="remove_layer").disabled
    assert not test.exception


def test_a_width_can_be_left_to_the_model():
    test = open_page()
    test.text_input(key="arch").set_value("64-?").run()
    assert [test.number_input(key=f"width_{i}").value for i in range(2)] == [64, None]
    assert "39, 64, any number of, 4 neurons" in drawing(test)
    test.number_input(key="width_0").set_value(None).run()
    assert test.text_input(key="arch").value == "?-?"
    test.number_input(key="width_1").set_value(20).run()
    assert test.text_input(key="arch").value == "?-20"
    test.text_input(key="arch").set_value("?").run()
    assert "39, any number of, 4 neurons" in drawing(test)
    assert not [box for box in test.number_input if box.key.startswith("width_")]
    test.button(key="add_layer").click().run()
    assert test.text_input(key="arch").value == "32"
    assert not test.exception


def test_a_budget_that_nothing_keeps_to_is_explained_before_generating():
    test = open_page()
    test.number_input(key="max_params").set_value(1000).run()
    assert "A network of 27-45 has 2,524 parameters" in words(test)
    assert test.button(key="generate").disabled
    test.text_input(key="arch").set_value("27-?").run()
    assert "the smallest network for 27-? has 1,212" in words(test)
    test.text_input(key="arch").set_value("?").run()
    assert not test.error
    assert not test.button(key="generate").disabled


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("64-x", '"64-x" is not an architecture'),
        ("0", "width 0 is outside"),
        ("10000", "width 10000 is outside"),
        ("", "is not an architecture"),
        ("8-8-8-8-8", "1 to 4 hidden layers"),
        ("<b>[x](http://x)</b>", "is not an architecture"),
    ],
)
def test_a_wrong_architecture_is_explained_and_keeps_the_page(text, said):
    test = open_page()
    test.text_input(key="arch").set_value(text).run()
    assert not test.exception
    assert said in words(test)
    assert test.button(key="generate").disabled
    assert "example, made earlier" in words(test)
    test.text_input(key="arch").set_value("16").run()
    assert said not in words(test)
    assert not test.button(key="generate").disabled


@pytest.mark.parametrize("text", ["64,32", "64 32", "64x32", "[64, 32]"])
def test_widths_are_understood_as_people_write_them(text):
    test = open_page()
    test.text_input(key="arch").set_value(text).run()
    assert not test.error
    assert test.text_input(key="arch").value == "64-32"
    assert [test.number_input(key=f"width_{layer}").value for layer in (0, 1)] == [64, 32]
