"""Files of earlier versions are read as if they had been written today."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import load, save, save_file

from nnit.checkpoint import load_json
from nnit.description import describe
from nnit.dit.generator import Generator
from nnit.errors import UserError
from nnit.formats import (
    upgraded_config,
    upgraded_dit,
    upgraded_ghn,
    upgraded_ghn_config,
    upgraded_zoo,
)
from nnit.ghn.store import load_ghn
from nnit.imitation.demonstrations import load_sample
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture, PartialArchitecture
from nnit.request import SampleRequest
from nnit.zoo.networks import Zoo
from strategies import assert_same_policy, random_policy

CONDITIONS = ("tempo", "height")


def rewrite(
    path: Path, change: Callable[[dict[str, str], dict[str, np.ndarray]], tuple[dict, dict]]
) -> None:
    """Another safetensors file in the place of one, from its metadata and tensors."""
    with safe_open(path, "np") as file:
        metadata = file.metadata() or {}
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    metadata, tensors = change(metadata, tensors)
    save_file(tensors, path, metadata or None)


def renamed(tensors: dict[str, np.ndarray], names: dict[str, str]) -> dict[str, np.ndarray]:
    return {names.get(name, name): tensor for name, tensor in tensors.items()}


def old_zoo(
    metadata: dict[str, str], tensors: dict[str, np.ndarray]
) -> tuple[dict[str, str], dict[str, np.ndarray]]:
    """The zoo as version 0.1 wrote it: tasks alone, `style` and `motion`."""
    return {"tasks": metadata["tasks"]}, renamed(
        tensors, {"conditions": "style", "measured": "motion"}
    )


def old_config(config: dict[str, Any]) -> dict[str, Any]:
    """The same of a config: no suites, and of the GHN only whether it is styled."""
    ghn = {k: v for k, v in config["ghn"].items() if k not in ("sizes", "conditions")}
    kept = {k: v for k, v in config.items() if k != "suites"}
    return {**kept, "ghn": {**ghn, "styled": True}}


def old_ghn(metadata: dict[str, str], tensors: dict[str, np.ndarray]) -> tuple[dict, dict]:
    starts = {name: name.replace("conditions.", "style.", 1) for name in tensors}
    assert any(new.startswith("style.") for new in starts.values())
    return metadata, renamed(tensors, starts)


def old_sample(metadata: dict[str, str], tensors: dict[str, np.ndarray]) -> tuple[dict, dict]:
    return metadata, {k: v for k, v in tensors.items() if not k.endswith("/sizes")}


@pytest.fixture(scope="module")
def old_checkpoint(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny checkpoint as version 0.1 would have written it."""
    folder = tmp_path_factory.mktemp("old") / "checkpoint"
    shutil.copytree(tiny_checkpoint, folder)
    config = old_config(load_json(folder / "config.json"))
    (folder / "config.json").write_text(json.dumps(config))
    rewrite(folder / "zoo.safetensors", old_zoo)
    rewrite(folder / "ghn.safetensors", old_ghn)
    rewrite(folder / "transitions.safetensors", old_sample)
    return folder


def assert_same_zoo(mine: Zoo, theirs: Zoo) -> None:
    assert mine.tasks == theirs.tasks
    assert mine.interfaces == theirs.interfaces
    assert mine.condition_names == theirs.condition_names
    arrays = ("task", "hidden", "conditions", "success", "measured", "latent", "parameters")
    for name in arrays:
        np.testing.assert_array_equal(getattr(mine, name), getattr(theirs, name), err_msg=name)
        assert getattr(mine, name).dtype == getattr(theirs, name).dtype


def small_zoo(
    interfaces: tuple[tuple[int, int, str], ...] = ((39, 4, "tanh"),) * 2,
    names: tuple[str, ...] = CONDITIONS,
) -> Zoo:
    """Three random networks of two tasks."""
    rng = np.random.default_rng(0)
    task, hidden = np.array([0, 1, 0]), np.array([[8, 9, 0], [12, 0, 0], [5, 6, 7]])
    counts = [
        MLPArchitecture(tuple(int(w) for w in row if w), *interfaces[t]).parameter_count
        for t, row in zip(task, hidden, strict=True)
    ]
    conditions = rng.random((3, len(names))).astype(np.float32)
    conditions[1, -1] = np.nan
    return Zoo(
        ("reach-v3", "toy-push"),
        interfaces,
        names,
        task=task,
        hidden=hidden,
        conditions=conditions,
        success=rng.random(3).astype(np.float32),
        measured=rng.random((3, len(names))).astype(np.float32),
        latent=rng.random((3, 8)).astype(np.float32),
        parameters=rng.normal(size=sum(counts)).astype(np.float32),
    )


# --- The zoo --------------------------------------------------------------------------------------


def test_an_old_zoo_is_the_zoo(tmp_path: Path) -> None:
    zoo, path = small_zoo(), tmp_path / "zoo.safetensors"
    zoo.save(path)
    rewrite(path, old_zoo)
    assert_same_zoo(Zoo.load(path), zoo)


def test_a_zoo_of_several_suites_comes_back(tmp_path: Path) -> None:
    zoo = small_zoo(((39, 4, "tanh"), (6, 2, "relu")), ("tempo", "height", "grip"))
    zoo.save(tmp_path / "zoo.safetensors")
    again = Zoo.load(tmp_path / "zoo.safetensors")
    assert_same_zoo(again, zoo)
    assert again.architecture(1) == MLPArchitecture((12,), 6, 2, "relu")
    assert again[0].weights[0].shape == (8, 39)
    assert again[1].weights[-1].shape == (2, 12)
    assert set(again[0].conditions) == {"tempo", "height", "grip"}
    assert set(again[1].conditions) == {"tempo", "height"}, "what is NaN was not asked for"
    assert_same_zoo(Zoo.join([again.subset(np.array([0])), again.subset(np.array([1, 2]))]), zoo)


@pytest.mark.parametrize(
    "damage",
    [
        lambda metadata, tensors: ({}, tensors),
        lambda metadata, tensors: ({**metadata, "tasks": "["}, tensors),
        lambda metadata, tensors: ({**metadata, "tasks": "5"}, tensors),
        lambda metadata, tensors: ({**metadata, "interfaces": "[]"}, tensors),
        lambda metadata, tensors: ({**metadata, "interfaces": "[[39, 4], [39, 4]]"}, tensors),
        lambda metadata, tensors: ({**metadata, "interfaces": "5"}, tensors),
        lambda metadata, tensors: (
            {**metadata, "interfaces": '[[0, 4, "tanh"], [39, 4, "tanh"]]'},
            tensors,
        ),
        lambda metadata, tensors: (metadata, {**tensors, "surprise": np.zeros(3)}),
        lambda metadata, tensors: (metadata, {k: v for k, v in tensors.items() if k != "success"}),
        lambda metadata, tensors: (metadata, {**tensors, "parameters": np.zeros(5, np.float32)}),
        lambda metadata, tensors: (metadata, {**tensors, "task": np.array([0, 1, 7])}),
        lambda metadata, tensors: (metadata, {**tensors, "task": np.zeros(3)}),
    ],
)
@pytest.mark.parametrize("age", ["old", "new"])
def test_damaged_zoos_are_told(tmp_path: Path, damage: Callable, age: str) -> None:
    path = tmp_path / "zoo.safetensors"
    small_zoo().save(path)
    if age == "old":
        rewrite(path, old_zoo)
    rewrite(path, damage)
    with pytest.raises(UserError):
        Zoo.load(path)


def test_a_fact_that_no_zoo_has_is_told(tmp_path: Path) -> None:
    path = tmp_path / "zoo.safetensors"
    small_zoo().save(path)
    rewrite(path, lambda metadata, tensors: ({**metadata, "surprise": "1"}, tensors))
    with pytest.raises(UserError, match="not a zoo file"):
        Zoo.load(path)


@pytest.mark.parametrize("sizes", [[39, 2], [39.0, 2.0, 4.0], [40, 2, 4], [39, 3, 4], []])
def test_damaged_sizes_of_a_sample_are_told(
    tiny_checkpoint: Path, tmp_path: Path, sizes: list[float]
) -> None:
    path = tmp_path / "transitions.safetensors"
    shutil.copy(tiny_checkpoint / "transitions.safetensors", path)
    rewrite(
        path,
        lambda metadata, tensors: (
            metadata,
            {k: np.array(sizes) if k.endswith("/sizes") else v for k, v in tensors.items()},
        ),
    )
    with pytest.raises(UserError, match="damaged"):
        load_sample(path)


# --- Policies -------------------------------------------------------------------------------------


def test_a_policy_that_says_nothing_of_its_sizes_is_of_meta_world(tmp_path: Path) -> None:
    policy = random_policy(MLPArchitecture((8, 5)), 0)
    path = tmp_path / "policy.safetensors"
    policy.save(path)
    new = ("observation_size", "action_size", "activation")

    def older(metadata: dict, tensors: dict) -> tuple[dict, dict]:
        assert set(new) < set(metadata)
        return {k: v for k, v in metadata.items() if k not in new}, tensors

    rewrite(path, older)
    assert_same_policy(Policy.load(path), policy)


@pytest.mark.parametrize(
    "change",
    [
        {"observation_size": "38"},
        {"observation_size": "0"},
        {"observation_size": "-39"},
        {"observation_size": "9" * 30},
        {"observation_size": "many"},
        {"action_size": "5"},
        {"action_size": ""},
        {"activation": "sigmoid"},
        {"activation": ""},
    ],
)
def test_sizes_that_make_no_sense_are_told(tmp_path: Path, change: dict[str, str]) -> None:
    content = random_policy(MLPArchitecture((8, 5)), 0).to_bytes()
    length = int.from_bytes(content[:8], "little")
    metadata = json.loads(content[8 : 8 + length])["__metadata__"]
    path = tmp_path / "policy.safetensors"
    path.write_bytes(save(load(content), {**metadata, **change}))
    with pytest.raises(UserError):
        Policy.load(path)


# --- Checkpoints ----------------------------------------------------------------------------------


def test_an_old_checkpoint_describes_itself_alike(
    tiny_checkpoint: Path, old_checkpoint: Path
) -> None:
    mine, theirs = describe(old_checkpoint), describe(tiny_checkpoint)
    for name in ("version", "suites", "tasks", "patch", "depths", "widths"):
        assert getattr(mine, name) == getattr(theirs, name), name
    assert mine.model("ghn")["conditions"] == CONDITIONS
    assert mine.suite_of("reach-v3").name == "metaworld"
    with pytest.raises(UserError, match="does not cover"):
        mine.suite_of("assembly-v3")


def test_an_old_checkpoint_s_models_and_files_are_the_same(
    tiny_checkpoint: Path, old_checkpoint: Path
) -> None:
    (mine, _), (theirs, _) = load_ghn(old_checkpoint), load_ghn(tiny_checkpoint)
    assert mine.config.tasks == theirs.config.tasks
    assert mine.config.conditions == theirs.config.conditions == CONDITIONS
    assert mine.config.interfaces == theirs.config.interfaces
    for name, tensor in theirs.state_dict().items():
        torch.testing.assert_close(mine.state_dict()[name], tensor, rtol=0, atol=0)
    zoos = [Zoo.load(folder / "zoo.safetensors") for folder in (old_checkpoint, tiny_checkpoint)]
    assert_same_zoo(*zoos)
    samples = [
        load_sample(folder / "transitions.safetensors")
        for folder in (old_checkpoint, tiny_checkpoint)
    ]
    assert set(samples[0]) == set(samples[1])
    for task, part in samples[1].items():
        np.testing.assert_array_equal(samples[0][task].observations, part.observations)
        np.testing.assert_array_equal(samples[0][task].labels, part.labels)


@pytest.mark.parametrize("text", ["27-45", "?"])
def test_an_old_checkpoint_generates_the_same_networks(
    tiny_checkpoint: Path, old_checkpoint: Path, text: str
) -> None:
    request = SampleRequest("reach-v3", PartialArchitecture.parse(text), seed=3, steps=2)
    (mine,), (theirs,) = (
        Generator.load(folder, device="cpu").sample(request)
        for folder in (old_checkpoint, tiny_checkpoint)
    )
    assert_same_policy(mine, theirs)


def test_what_is_written_today_passes_unchanged(tiny_checkpoint: Path, tmp_path: Path) -> None:
    config = load_json(tiny_checkpoint / "config.json")
    assert upgraded_config(config) == config
    assert upgraded_ghn_config(config["ghn"]) == config["ghn"]
    once = upgraded_config(old_config(config))
    assert upgraded_config(once) == once
    with safe_open(tiny_checkpoint / "ghn.safetensors", "np") as file:
        names = dict.fromkeys(file.keys())
    assert upgraded_ghn(names) == names
    assert upgraded_dit(names) == names
    facts, arrays = {"tasks": [], "interfaces": [], "condition_names": []}, {"conditions": 1}
    assert upgraded_zoo(facts, arrays) == (facts, arrays)


def test_a_plain_ghn_of_earlier_versions_has_no_conditions() -> None:
    assert upgraded_ghn_config({"tasks": ["a"], "styled": False}) == {"tasks": ["a"]}


@pytest.mark.parametrize(
    "change",
    [
        {"dit": 5},
        {"dit": {}},
        {"ghn": 5},
        {"ghn": None},
        {"ghn": [1]},
        {"version": None, "dit": {"tasks": ["nope-v3"]}},
    ],
)
def test_damaged_old_configs_are_told(
    old_checkpoint: Path, tmp_path: Path, change: dict[str, Any]
) -> None:
    broken = tmp_path / "checkpoint"
    shutil.copytree(old_checkpoint, broken)
    config = {**load_json(broken / "config.json"), **change}
    (broken / "config.json").write_text(json.dumps(config))
    if "ghn" in change:
        with pytest.raises(UserError):
            load_ghn(broken)
    else:
        with pytest.raises(UserError):
            describe(broken)


@pytest.mark.parametrize(
    "suites",
    [None, 5, [], [5], {}, [{}], "metaworld"],
)
def test_damaged_suites_of_a_checkpoint_are_told(
    tiny_checkpoint: Path, tmp_path: Path, suites: Any
) -> None:
    config = {**load_json(tiny_checkpoint / "config.json"), "suites": suites}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(UserError):
        describe(tmp_path)
