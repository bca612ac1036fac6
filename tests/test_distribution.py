"""The command `distribution`: its contract, its seeds, and bad input."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nnit.__main__ import main
from nnit.baselines.shipped import shipped_ghn
from nnit.evaluation.distribution import SPACES, requests_for
from nnit.evaluation.sources import latents_from, sample_from
from nnit.ghn.store import write_networks
from nnit.imitation.fitting import Conditions
from nnit.mlp.spec import MLPArchitecture
from nnit.request import SampleRequest
from nnit.sim.suites import get_task

KEYS = {
    *("task", "arch", "space", "classifier_accuracy", "control_accuracy", "energy"),
    *("energy_null95", "precision", "recall", "mean_offset", "variance_ratio"),
    "unexplained_ratio",
}
TASK = "reach-v3"


def measured(
    capsys: pytest.CaptureFixture[str], checkpoint: Path, options: str
) -> list[dict[str, Any]]:
    """The rows for two shapes of one task."""
    fixed = f"--task {TASK} --arch 8,12-20 --networks 12 --json - --checkpoint {checkpoint}"
    assert main(["distribution", *fixed.split(), *options.split()]) == 0
    found = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert set(found) == {"results", "checkpoint", "version"}
    assert found["version"].startswith("smoke-")
    return list(found["results"])


def test_rows_are_those_of_the_contract(
    tiny_checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = measured(capsys, tiny_checkpoint, "")
    labels = [(row["task"], row["arch"], row["space"]) for row in rows]
    assert labels == [(TASK, arch, space) for arch in ("8", "12-20") for space in SPACES]
    for row in rows:
        assert set(row) == KEYS
        for share in ("classifier_accuracy", "control_accuracy", "precision", "recall"):
            assert 0 <= row[share] <= 1
        assert row["unexplained_ratio"] > 0
        # A transformer of sixty steps has learned next to nothing, and everything shows it.
        assert row["classifier_accuracy"] > 0.9
        assert row["energy"] > 5 * row["energy_null95"]
        assert row["mean_offset"] > 0.5


def test_the_zoo_is_not_told_from_itself(
    tiny_checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = measured(capsys, tiny_checkpoint, "--source zoo --seed 1")
    for row in rows:
        assert row["energy"] < 3 * row["energy_null95"]
        assert row["energy"] != 0  # other networks, not the same ones again
        assert 0.3 < row["variance_ratio"] < 3
        assert 0.2 < row["unexplained_ratio"] < 5
    assert measured(capsys, tiny_checkpoint, "--source zoo --seed 1") == rows


def test_sources_without_latents_have_no_share_that_these_explain(
    tiny_checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = measured(capsys, tiny_checkpoint, "--source flat")
    assert {row["unexplained_ratio"] for row in rows} == {None}


def test_a_table_for_people(tiny_checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = f"--task {TASK} --arch 8 --networks 10 --source ghn --tempo 0.2"
    assert main(["distribution", *options.split(), "--checkpoint", str(tiny_checkpoint)]) == 0
    header, *lines = capsys.readouterr().out.splitlines()
    assert "classifier accuracy" in header
    assert [line.split()[:3] for line in lines] == [[TASK, "8", space] for space in SPACES]


@pytest.mark.parametrize("source", ["ghn", "zoo"])
def test_latents_are_those_from_which_the_networks_were_made(
    source: str, tiny_checkpoint: Path
) -> None:
    request = SampleRequest(TASK, MLPArchitecture((12, 20)), seed=3, count=4)
    latents = latents_from(source, request, tiny_checkpoint)
    assert latents is not None
    ghn, _ = shipped_ghn(TASK, tiny_checkpoint)
    suite = get_task(TASK).suite
    written = write_networks(
        ghn,
        [suite.architecture((12, 20))] * 4,
        torch.full((4,), ghn.config.tasks.index(TASK)),
        Conditions.same(ghn.config.conditions, request.values(suite), 4),
        torch.from_numpy(latents),
    )
    starts = np.stack([written.matrices(index)[0][0].ravel() for index in range(4)])
    policies = sample_from(source, request, tiny_checkpoint)
    made = np.stack([policy.weights[0].ravel() for policy in policies])
    apart = np.linalg.norm(made[:, None] - starts, axis=2)
    assert apart.argmin(1).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("source", ["nnit", "permuted", "unaligned", "flat", "crop"])
def test_each_network_has_a_latent_of_its_own_or_none_has(
    source: str, tiny_checkpoint: Path
) -> None:
    request = SampleRequest(TASK, MLPArchitecture((12, 20)), seed=3, count=4)
    latents = latents_from(source, request, tiny_checkpoint)
    if source in ("flat", "crop"):
        assert latents is None
    else:
        assert latents is not None
        assert latents.shape == (4, shipped_ghn(TASK, tiny_checkpoint)[0].config.latent)
        assert len(np.unique(latents)) == latents.size


def test_many_networks_come_in_requests_that_share_no_seed() -> None:
    request = SampleRequest(TASK, MLPArchitecture((8,)), seed=7)
    parts = requests_for(request, 150)
    assert [part.count for part in parts] == [64, 64, 22]
    assert parts[0].seed == 7
    assert len({part.seed for part in parts}) == 3
    assert requests_for(request, 10)[0].count == 10


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--arch 8 --networks 9", "--networks"),
        ("--arch 8-?", "8-?"),
        ("--arch 8 --source magic", "magic"),
        ("--arch 8 --source expert", "expert"),
        ("--arch 8 --tempo 2", "--tempo"),
        ("--arch 8 --seed -1", "--seed"),
        ("--arch 8 --checkpoint missing", "missing"),
        ("", "--arch"),
    ],
)
def test_bad_input(capsys: pytest.CaptureFixture[str], options: str, words: str) -> None:
    assert main(["distribution", "--task", TASK, *options.split()]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert line.startswith("error: ")
    assert words in line
