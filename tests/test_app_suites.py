"""Pages with a checkpoint of another suite: other sizes, no conditions, or several suites at once."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from pages import open_page, query_of, words

from app.engine.checkpoint import default_task, description, suite_of
from app.engine.example import example_for, shipped_example, still_of
from app.engine.folders import example_of_suite
from app.engine.request import one_form, parse_query, to_query
from app.engine.services import services
from app.views.generate.downloads import commands
from nnit.mlp.spec import MLPArchitecture
from nnit.request import SampleRequest
from nnit.sim.suites import Suite, get_task, suites

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:streamlit.*"),
    pytest.mark.usefixtures("fresh_services"),
]

_METAWORLD = get_task("reach-v3").suite


def juggling(**changes: Any) -> Suite:
    """A suite that nobody has: five numbers in, two out, no conditions."""
    facts = _METAWORLD.to_json() | {
        "name": "juggling",
        "title": "Juggling",
        "observation_size": 5,
        "action_size": 2,
        "observation_groups": [["ball", 0, 3], ["hand", 3, 5]],
        "action_names": ["left", "right"],
        "steps_per_second": 20,
        "conditions": [],
        "tracked": None,
        "collections": [],
        "tasks": [
            {"name": "juggle-two", "title": "Juggle two balls", "success": "None falls."},
            {"name": "juggle-three", "title": "Juggle three balls", "success": "None falls."},
        ],
    }
    return Suite.from_json(json.loads(json.dumps(facts | changes)))


def condition_sliders(test) -> list:
    """The sliders of the task's conditions; the one of all widths is none of them."""
    return [slider for slider in test.slider if slider.key != "width_scale"]


@pytest.fixture
def use(tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Makes the pages use a copy of the tiny checkpoint that says it is of these suites."""

    def write(*suites: Suite) -> None:
        folder = tmp_path / "checkpoint"
        shutil.copytree(tiny_checkpoint, folder)
        config = json.loads((folder / "config.json").read_text())
        config["suites"] = [suite.to_json() for suite in suites]
        config["dit"]["tasks"] = [task.name for suite in suites for task in suite.tasks]
        (folder / "config.json").write_text(json.dumps(config))
        monkeypatch.setenv("NNIT_CHECKPOINT", str(folder))

    return write


def test_a_suite_of_other_sizes_and_no_conditions(use):
    use(juggling())
    test = open_page()
    assert not test.exception
    assert not test.error
    picker = test.radio(key="task")
    assert picker.options == ["Juggle two balls", "Juggle three balls"]
    assert picker.value == "juggle-two"
    assert not condition_sliders(test)
    assert "Layers of 5, 27, 45, 2 neurons" in words(test)
    test.number_input(key="max_params").set_value(1000).run()
    count = MLPArchitecture((27, 45), 5, 2).parameter_count
    assert f"A network of 27-45 has {count:,} parameters" in words(test)


def test_other_pages_show_it_too(use):
    use(juggling())
    noise = open_page("noise", task="juggle-three", arch="9", steps="1")
    assert not noise.exception
    assert not noise.slider
    assert query_of(noise) == {"task": "juggle-three", "arch": "9", "seed": "0", "steps": "1"}
    widths = open_page("widths")
    assert not widths.exception
    assert widths.subheader[0].value == "Juggle two balls: success by width"
    assert f"{MLPArchitecture((27, 45), 5, 2).parameter_count:,} parameters" in words(widths)
    alignment = open_page("alignment")
    assert not alignment.exception
    assert alignment.selectbox(key="align_task").options == [
        "Juggle two balls",
        "Juggle three balls",
    ]


def test_a_link_with_a_condition_that_the_tasks_suite_lacks_says_so(use):
    use(juggling())
    test = open_page(task="juggle-two", arch="9", tempo="0.3", utm_source="x")
    assert not test.exception
    # The other is that no model writes for these tasks.
    assert len(test.error) == 2
    assert "networks for juggle-two cannot be asked for tempo; they can for no condition" in words(
        test
    )
    assert "utm_source" not in words(test)


def test_conditions_have_the_names_and_ranges_of_their_suite(use):
    speed = {
        "name": "speed",
        "title": "Speed",
        "help": "Balls a second.",
        "default": 1.5,
        "quantity": "balls a second",
        "key": "speed",
        "low": -2.0,
        "high": 4.0,
        "step": 0.5,
    }
    use(juggling(conditions=[speed]))
    test = open_page(task="juggle-two", arch="9", speed="-0.5")
    assert not test.exception
    slider = test.slider(key="speed")
    assert (slider.label, slider.min, slider.max, slider.value) == ("Speed", -2.0, 4.0, -0.5)
    request = one_form(SampleRequest("juggle-two", MLPArchitecture((9,)), conditions={"speed": 4}))
    assert to_query(request)["speed"] == "4"
    assert parse_query(to_query(request)) == (request, [])
    assert "--speed 4 --out" in commands(request, shipped_example().network)
    _, problems = parse_query({"task": "juggle-two", "speed": "5"})
    assert problems == ["speed must be from -2 to 4, not 5"]


def test_several_suites_have_tabs(use):
    use(_METAWORLD.covering(["reach-v3", "push-v3"]), juggling())
    test = open_page(task="juggle-three")
    assert not test.exception
    tabs = test.segmented_control(key="task_suite")
    assert (tabs.options, tabs.value) == (["Meta-World v3", "Juggling"], "juggling")
    assert test.radio(key="task").value == "juggle-three"
    assert not condition_sliders(test)
    tabs.set_value("metaworld").run()
    assert not test.exception
    assert query_of(test)["task"] == "reach-v3"
    test.radio(key="task").set_value("push-v3").run()
    known = _METAWORLD.conditions_of("push-v3")
    sliders = condition_sliders(test)
    assert [slider.label for slider in sliders] == [c.title for c in known]
    assert [slider.value for slider in sliders] == [c.default for c in known]
    assert query_of(test)["task"] == "push-v3"
    # A tab opens with the task that was chosen there last.
    test.segmented_control(key="task_suite").set_value("juggling").run()
    assert query_of(test)["task"] == "juggle-three"
    test.segmented_control(key="task_suite").set_value("metaworld").run()
    assert query_of(test)["task"] == "push-v3"


def test_without_a_checkpoint_pages_have_the_programs_tasks(monkeypatch, tmp_path):
    monkeypatch.setenv("NNIT_CHECKPOINT", str(tmp_path / "none"))
    assert description().version == ""
    assert default_task() == shipped_example().request.task
    assert suite_of(default_task()) == description().suites[0]
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "config.json").write_text('{"version": "x", "dit": {"tasks": [1]}}')
    assert description().version == ""


@pytest.mark.parametrize(
    "suite", [suite for suite in suites() if example_of_suite(suite.name).is_dir()], ids=str
)
def test_a_suites_example_is_of_its_checkpoint_and_needs_no_simulator(suite, monkeypatch):
    monkeypatch.delenv("NNIT_CHECKPOINT", raising=False)
    example = example_for(suite.tasks[0].name)
    assert suite_of(example.request.task).name == suite.name
    assert example.network.version == description(example.request.task).version
    test = open_page(**to_query(example.request))
    assert not test.exception
    assert "example, made earlier" in words(test)
    if not suite.classifies:
        recording = services().replay(example.network).future.result(0)  # there is nothing to do
        assert recording.steps == example.trial.steps
        assert still_of(recording).startswith("data:image/jpeg;base64,")
        assert services().film(example.network).future.result(0) == example.film
