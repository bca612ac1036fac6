"""Suites: facts that survive being written, damage that is told, and their registry."""

import copy
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import TOY, toy_tasks

import nnit.sim.suites as registry
from nnit.errors import UserError
from nnit.mlp.spec import ACTIVATIONS, MLPArchitecture, PartialArchitecture
from nnit.sim.suites import (
    Condition,
    PlainMotion,
    Suite,
    TaskDescription,
    condition_names,
    get_task,
    parse_tasks,
    register,
    suites,
    suites_of,
    task_names,
)
from strategies import architectures

ROOT = Path(__file__).resolve().parent.parent
words = st.text(min_size=1, max_size=12)
numbers = st.floats(-1e6, 1e6)
names = st.lists(words, min_size=1, max_size=4, unique=True)
task_words = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,12}", fullmatch=True)
task_lists = st.lists(task_words, min_size=1, max_size=4, unique=True)
# No word of a command's options ends in a digit.
condition_words = st.from_regex(r"[a-z][a-z0-9_]{0,8}[0-9]", fullmatch=True)
condition_lists = st.lists(condition_words, min_size=1, max_size=4, unique=True)


@st.composite
def conditions(draw: st.DrawFn, name: str) -> Condition:
    low = draw(st.floats(-100, 100))
    high = low + draw(st.floats(0.5, 100))
    default = draw(st.floats(low, high))
    texts = (draw(words), draw(words))
    return Condition(name, *texts, default, draw(words), draw(words), low, high, high - low)


@st.composite
def made_up_suites(draw: st.DrawFn) -> Suite:
    """Suites of any sizes, groups, conditions and tasks."""
    cuts = draw(st.lists(st.integers(1, 200), min_size=1, max_size=4, unique=True).map(sorted))
    groups = [(draw(words), low, high) for low, high in zip([0, *cuts], cuts, strict=False)]
    actions = draw(names)
    tasks = draw(task_lists)
    camera = st.none() | st.tuples(numbers, numbers, numbers, st.tuples(numbers, numbers, numbers))
    return Suite(
        name=draw(words),
        title=draw(words),
        observation_size=cuts[-1],
        action_size=len(actions),
        observation_groups=tuple(groups),
        action_names=tuple(actions),
        steps_per_second=draw(st.integers(1, 1000) | st.floats(0.5, 1000)),
        horizon=draw(st.integers(1, 10_000)),
        tasks=tuple(TaskDescription(one, draw(words), draw(words), draw(camera)) for one in tasks),
        activation=draw(st.sampled_from(ACTIVATIONS)),
        labels=draw(st.integers(1, 4)),
        conditions=tuple(draw(conditions(one)) for one in draw(st.just([]) | condition_lists)),
        tracked=draw(st.none() | st.just((0, 1))),
        collections=tuple((one, tuple(tasks)) for one in draw(st.just([]) | names)),
    )


def read_again(suite: Suite) -> Suite:
    return Suite.from_json(json.loads(json.dumps(suite.to_json())))


# --- Facts in files -------------------------------------------------------------------------------


def test_the_registered_suites_survive_being_written() -> None:
    for suite in suites():
        assert read_again(suite) == suite
        assert hash(read_again(suite)) == hash(suite)


@given(made_up_suites())
def test_any_suite_survives_being_written(suite: Suite) -> None:
    again = read_again(suite)
    assert again == suite
    assert hash(again) == hash(suite)


@given(st.sets(st.sampled_from([t.name for t in suites()[0].tasks]), min_size=1))
@settings(max_examples=20)
def test_the_covered_part_of_a_suite_survives_too(chosen: set[str]) -> None:
    (part,) = suites_of(sorted(chosen))
    assert [task.name for task in part.tasks] == sorted(chosen)
    assert read_again(part) == part


@given(made_up_suites(), architectures())
def test_sizes_are_added_and_widths_kept(suite: Suite, architecture: MLPArchitecture) -> None:
    opened = PartialArchitecture(architecture.depth, (None, *architecture.hidden[1:]))
    for before in (architecture, opened, PartialArchitecture()):
        after = suite.sized(before)
        assert type(after) is type(before)
        assert after.hidden == before.hidden
        assert str(after) == str(before)
        sizes = (after.observation_size, after.action_size, after.activation)
        assert sizes == (suite.observation_size, suite.action_size, suite.activation)
    assert suite.sized(architecture) == suite.architecture(architecture.hidden)


def change(**fields: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda values: {**values, **fields}


def within(part: str, **fields: Any) -> Callable[[dict[str, Any]], Any]:
    """Changes of the first task or condition."""

    def damaged(values: dict[str, Any]) -> Any:
        values[part][0].update(fields)
        return values

    return damaged


def without(part: str, name: str) -> Callable[[dict[str, Any]], Any]:
    def damaged(values: dict[str, Any]) -> Any:
        del values[part][0][name]
        return values

    return damaged


DAMAGES = {
    "null": lambda _: None,
    "a number": lambda _: 5,
    "a text": lambda _: "metaworld",
    "a list": lambda values: [values],
    "nothing": lambda _: {},
    "no size": change(observation_size=0),
    "size as text": change(observation_size="39"),
    "size with decimals": change(observation_size=39.0),
    "size as truth": change(action_size=True),
    "huge size": change(observation_size=10**9),
    "another size": change(observation_size=38),
    "more actions than names": change(action_size=5),
    "unknown activation": change(activation="sigmoid"),
    "activation as list": change(activation=["tanh"]),
    "names as number": change(action_names=5),
    "groups as number": change(observation_groups=5),
    "groups of two": change(observation_groups=[["hand", 0], ["goal", 39]]),
    "groups with a gap": change(observation_groups=[["hand", 0, 3], ["goal", 4, 39]]),
    "groups that overlap": change(observation_groups=[["hand", 0, 3], ["goal", 2, 39]]),
    "tasks as number": change(tasks=5),
    "tasks as texts": change(tasks=["reach-v3"]),
    "a task of one fact": change(tasks=[{"name": "reach-v3"}]),
    "a task of unknown facts": within("tasks", surprise=1),
    "conditions as number": change(conditions=5),
    "conditions as texts": change(conditions=["tempo"]),
    "a condition without help": without("conditions", "help"),
    "a condition of unknown facts": within("conditions", surprise=1),
    "a condition with its end as text": within("conditions", high="1"),
    "a condition without a range": within("conditions", low=1.0, high=1.0),
    "a condition upside down": within("conditions", low=1.0, high=0.0),
    "a condition to infinity": within("conditions", high=float("inf")),
    "a condition with a default out of range": within("conditions", default=7.0),
    "no steps": change(horizon=0),
    "horizon as text": change(horizon="500"),
    "no time": change(steps_per_second=0),
    "time as text": change(steps_per_second="80"),
    "no label": change(labels=0),
    "a name that is a number": change(name=5),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_facts_are_told_in_one_line(damage: str) -> None:
    (suite,) = suites_of(["reach-v3", "push-v3"])
    values = DAMAGES[damage](copy.deepcopy(json.loads(json.dumps(suite.to_json()))))
    with pytest.raises(UserError) as error:
        Suite.from_json(values)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 300


REQUIRED = (
    *("name", "title", "observation_size", "action_size", "observation_groups", "action_names"),
    *("steps_per_second", "horizon", "tasks", "conditions"),
)


@pytest.mark.parametrize("missing", REQUIRED)
def test_missing_facts_are_told(missing: str) -> None:
    values = TOY.to_json()
    del values[missing]
    with pytest.raises(UserError, match="no description of a suite"):
        Suite.from_json(values)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(sorted(TOY.to_json())), json_values)
def test_any_value_makes_a_suite_or_is_told(name: str, value: Any) -> None:
    try:
        suite = Suite.from_json({**TOY.to_json(), name: value})
    except UserError:
        return
    assert isinstance(suite, Suite)


# --- The registry ---------------------------------------------------------------------------------


def test_a_registered_suite_is_known_by_its_tasks_and_collections(toy: Suite) -> None:
    assert toy in suites()
    assert task_names()[-2:] == ("toy-push", "toy-lift")
    assert get_task("toy-push").suite == toy
    assert get_task("toy-push").description == toy.tasks[0]
    assert [task.name for task in parse_tasks("toys,reach-v3")] == [
        *("toy-push", "toy-lift", "reach-v3")
    ]
    first, second = suites_of(["toy-lift", "reach-v3"])
    assert (first.name, second.name) == ("toy", "metaworld")
    assert [task.name for task in first.tasks] == ["toy-lift"]
    assert first.collections == (), "a collection stands for all of its tasks or is not there"
    assert condition_names([first, second, first]) == ("grip", "tempo", "height")
    register(toy_tasks())  # once more is no conflict


@pytest.mark.usefixtures("toy")
def test_a_name_belongs_to_one_suite() -> None:
    import dataclasses

    other = dataclasses.replace(TOY, name="other")
    taken = [dataclasses.replace(task, suite=other) for task in toy_tasks()]
    with pytest.raises(ValueError, match="toy-push is a task of toy already"):
        register(taken)


def test_unknown_tasks_are_told() -> None:
    with pytest.raises(UserError, match="unknown task"):
        suites_of(["reach-v3", "nope"])
    with pytest.raises(UserError, match='Toy suite has no task "nope'):
        TOY.task("nope" * 1000)
    with pytest.raises(UserError, match="has no task"):
        TOY.covering(["toy-push", "nope"])


def test_the_motion_of_a_suite_without_conditions_is_the_label() -> None:
    import torch

    labels = np.random.default_rng(0).normal(size=(3, 5, 1, 2)).astype(np.float32)
    many = PlainMotion().actions(torch.from_numpy(labels), torch.zeros(3, 0))
    np.testing.assert_array_equal(many.numpy(), labels[:, :, 0])
    np.testing.assert_array_equal(PlainMotion().action(labels[0, 0], {}), labels[0, 0, 0])
    assert PlainMotion().measure([labels[0, 0, 0]], 10) == {}


def run_with(suites_: str, path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nnit", "tasks"],
        cwd=ROOT,
        env={**os.environ, "NNIT_SUITES": suites_, "PYTHONPATH": f"{path}:{ROOT}"},
        capture_output=True,
        text=True,
    )


def test_the_environment_names_modules_with_suites_of_one_s_own(tmp_path: Path) -> None:
    (tmp_path / "own_suite.py").write_text(
        "from made_up import toy_tasks\n"
        "from nnit.sim.suites import register\n"
        "register(toy_tasks())\n"
    )
    (tmp_path / "made_up.py").write_text((Path(__file__).parent / "made_up.py").read_text())
    done = run_with("own_suite, ", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "toy-push" in done.stdout
    assert "reach-v3" in done.stdout
    missing = run_with("no_such_suite", tmp_path)
    assert missing.returncode == 2
    assert missing.stderr.startswith("error: the suite no_such_suite cannot be imported")
    assert missing.stderr.count("\n") == 1


def test_two_suites_give_a_condition_one_range(toy: Suite) -> None:
    """One model reads both, so its numbers must mean the same."""
    (grip,) = toy.conditions
    description = TaskDescription("other-push", "Push", "It is at its goal.")
    for low, high, refused in ((grip.low, grip.high, False), (0.0, 1.0, True)):
        other = replace(
            toy,
            name="other",
            tasks=(description,),
            collections=(),
            conditions=(replace(grip, low=low, high=high, default=high),),
        )
        task = replace(get_task("toy-push"), description=description, suite=other)
        if refused:
            with pytest.raises(ValueError, match="another range in toy"):
                register([task])
        else:
            register([task])
            del registry._TASKS["other-push"]


def test_a_suite_in_two_parts_is_the_suite() -> None:
    whole = get_task("reach-v3").suite
    shown, hidden = ["reach-v3", "push-v3"], ["push-hidden-v3", "reach-hidden-v3", "push-v3"]
    joined = whole.covering(shown).joined(whole.covering(hidden))
    assert [task.name for task in joined.tasks] == [*shown, *hidden[:-1]]
    for task in joined.tasks:
        assert joined.conditions_of(task.name) == whole.conditions_of(task.name)
    assert joined.architecture((8,)) == whole.architecture((8,))
