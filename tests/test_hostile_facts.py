"""Facts from files and modules of others: refused in one sentence, whatever is wrong with them."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnit.description import describe
from nnit.errors import UserError
from nnit.mlp.spec import MLPArchitecture
from nnit.presets import load_preset
from nnit.sim.replay import record
from nnit.sim.rollout import run_many
from nnit.sim.suites import Condition, TaskDescription, register
from nnit.sim.suites.metaworld.motion import CONDITIONS
from nnit.zoo.networks import Zoo
from strategies import random_policy

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ROOT / "checkpoints" / "mt10"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("dit", "depths"), [float("inf")]),
        (("dit", "widths"), []),
        (("dit", "tasks"), []),
        (("dit", "tasks"), ["reach-v3"]),
        (("dit", "patch"), 10**9),
        (("dit", "patch"), -1),
        (("suites",), []),
        (("suites",), 3),
        (("suites", 0, "steps_per_second"), float("inf")),
        (("suites", 0, "steps_per_second"), 10**400),
        (("suites", 0, "collections"), 5),
        (("suites", 0, "tracked"), "abc"),
        (("suites", 0, "output"), "magic"),
        (("suites", 0, "tasks", 0, "camera"), [1, 2, 3, 4]),
        (("suites", 0, "tasks", 0, "name"), "../../x"),
        (("suites", 0, "conditions", 0, "name"), "seed"),
        (("suites", 0, "conditions", 1, "name"), "tempo"),
        (("suites", 0, "conditions", 0, "title"), None),
    ],
)
def test_a_checkpoint_that_says_nonsense_is_refused(
    path: tuple[Any, ...], value: Any, tmp_path: Path
) -> None:
    config = json.loads((SHIPPED / "config.json").read_text())
    inner = config
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(UserError) as caught:
        describe(tmp_path)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("architecture", [MLPArchitecture((8,), 10), MLPArchitecture((8,), 39, 3)])
def test_a_policy_of_other_sizes_than_its_task_does_not_run(architecture: MLPArchitecture) -> None:
    policy = random_policy(architecture, 0)
    with pytest.raises(UserError, match="cannot do reach-v3, which has 39 and 4"):
        run_many([policy], [[1]])
    with pytest.raises(UserError, match="cannot do reach-v3"):
        record(policy, 1)


@pytest.mark.parametrize(
    "name", ["seed", "steps", "class", "a b", "a-b", "task", "check", "A", "", "x" * 60]
)
def test_a_condition_cannot_take_a_name_that_means_something_else(name: str) -> None:
    with pytest.raises(UserError, match="cannot be the name of a condition"):
        replace(CONDITIONS[0], name=name)


@pytest.mark.parametrize("name", ["", "../x", "a/b", "a b", "x" * 80])
def test_a_task_cannot_have_a_name_that_is_a_path(name: str) -> None:
    with pytest.raises(UserError, match="cannot be the name of a task"):
        TaskDescription(name, "Title", "It is done.")


def test_a_condition_with_whole_numbers_is_one_with_numbers() -> None:
    from nnit.request import Parameter

    parameter = Parameter.of(Condition("grip", "Grip", "How firm.", 1, "N", "grip", 0, 5, 1))
    assert all(type(n) is float for n in (parameter.low, parameter.high, parameter.step))


@pytest.mark.usefixtures("toy")
def test_a_suite_cannot_take_the_place_of_another() -> None:
    import nnit.sim.suites as registry

    task = registry.get_task("toy-push")
    with pytest.raises(ValueError, match="another suite toy already"):
        register([replace(task, suite=replace(task.suite, horizon=99))])
    description = TaskDescription("own-task", "Own", "It is done.")
    own = replace(
        task.suite, name="own", tasks=(description,), collections=(("mt10", ("own-task",)),)
    )
    with pytest.raises(ValueError, match="collection mt10 is taken"):
        register([replace(task, description=description, suite=own)])


@pytest.mark.parametrize(
    "source", ["1 / 0", "import sys; sys.exit(3)", "def (", "raise ValueError('no')", None]
)
def test_a_broken_suite_module_is_one_line(source: str | None, tmp_path: Path) -> None:
    module = "broken_suite" if source is not None else "../../etc/passwd"
    if source is not None:
        (tmp_path / "broken_suite.py").write_text(source)
    done = subprocess.run(
        [sys.executable, "-m", "nnit", "tasks"],
        cwd=ROOT,
        env={**os.environ, "NNIT_SUITES": module, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("error: the suite")


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "../../x"}',
        '{"seed": "x"}',
        '{"seed": -1}',
        '{"demonstrations": {"episodes": "x"}}',
        '{"dit": {"lr": NaN}}',
        '{"dit": {"steps": -5}}',
    ],
)
def test_a_preset_that_cannot_be_trained_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text(text)
    with pytest.raises(UserError, match="does not describe a preset"):
        load_preset(str(tmp_path / "mine.json"))


def test_a_zoo_whose_arrays_do_not_fit_is_refused(tmp_path: Path) -> None:
    zoo = Zoo.load(SHIPPED / "zoo.safetensors")
    for name, array in (
        ("conditions", zoo.conditions[:, :1]),
        ("success", zoo.success[:-1]),
        ("latent", zoo.latent[1:]),
    ):
        broken = zoo.subset(np.arange(len(zoo)))
        setattr(broken, name, np.ascontiguousarray(array))
        broken.save(tmp_path / "zoo.safetensors")
        with pytest.raises(UserError, match="do not fit each other"):
            Zoo.load(tmp_path / "zoo.safetensors")
