"""A DiT that writes what is added to the GHN's network: nothing is lost, and nothing is added twice."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from nnit.checkpoint import load_json, save_json
from nnit.description import describe
from nnit.dit.base import ghn_tokens
from nnit.dit.generator import Generator
from nnit.dit.model import DiTConfig, PatchDiT
from nnit.dit.trace import trace_sampling
from nnit.dit.training import DiTTrainer
from nnit.dit.zoo_tokens import ZooTokens
from nnit.errors import UserError
from nnit.ghn.store import load_ghn, write_networks
from nnit.imitation.fitting import Conditions
from nnit.mlp.normaliser import load_normalisers
from nnit.mlp.patches import to_tokens, token_layout
from nnit.mlp.spec import MLPArchitecture
from nnit.pack import package
from nnit.presets import PRESETS, DiTSettings
from nnit.request import SampleRequest
from nnit.sim.suites import get_task
from nnit.zoo.networks import Zoo

TASK = "reach-v3"
SETTINGS = DiTSettings(
    steps=40, lr=1e-2, batch=16, width=24, layers=1, heads=2, base="ghn", skip=True
)
SMOKE = replace(PRESETS["smoke"], dit=SETTINGS)


def ignore(done: int, total: int, note: str) -> None:
    """No progress."""


@pytest.fixture(scope="module")
def trained(smoke_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of the smoke run with a DiT on top of its GHN."""
    run = tmp_path_factory.mktemp("base")
    for name in ("zoo", "ghn"):
        (run / name).symlink_to(smoke_run / name)
    DiTTrainer(SMOKE, run / "zoo" / "zoo.safetensors", run / "ghn", run / "dit").run(ignore)
    package(SMOKE, run, run / "checkpoint")
    return run / "checkpoint"


@pytest.fixture(scope="module")
def untrained(trained: Path) -> Generator:
    """A DiT that predicts zeros, since its last layer starts there."""
    described = describe(trained)
    config = DiTConfig(**{**described.model("dit"), "scales": (1.0,) * 5})
    ghn, _ = load_ghn(trained)
    normalisers = load_normalisers(trained / "normalisers.safetensors")
    cpu = torch.device("cpu")
    return Generator(PatchDiT(config), normalisers, described.suites, "test", cpu, ghn=ghn)


def test_tokens_and_base_make_the_networks_of_the_zoo(smoke_run: Path) -> None:
    zoo = Zoo.load(smoke_run / "zoo" / "zoo.safetensors")
    ghn, _ = load_ghn(smoke_run / "ghn")
    data, whole = ZooTokens(zoo, 16, ghn=ghn), ZooTokens(zoo, 16)
    for bucket in data.buckets:
        assert bucket.base is not None
        together = (bucket.cells + bucket.base).numpy()
        for row, index in enumerate(bucket.indices):
            network = zoo[index]
            wanted = to_tokens(network.weights, network.biases, 16)
            kinds = token_layout(network.architecture, 16).kind
            found = together[row, : len(wanted)] * data.scales[kinds][:, None]
            np.testing.assert_allclose(found, wanted, atol=1e-5)
    # Fine-tuning moved the networks little, and what it did has unit size.
    assert (data.scales < whole.scales).all()
    cells = [
        b.cells[b.valid & (b.kind == 0)[..., None] & b.cells.any(-1, True)] for b in data.buckets
    ]
    assert torch.cat(cells).square().mean().item() == pytest.approx(1, rel=1e-3)


@pytest.mark.parametrize("hidden", [(8,), (12, 20), (33, 40, 24)])
def test_without_a_prediction_the_network_is_the_ghns(
    untrained: Generator, trained: Path, hidden: tuple[int, ...]
) -> None:
    request = SampleRequest(TASK, MLPArchitecture(hidden), seed=4, count=3, steps=2)
    plan = untrained.plan(request)
    ghn, normalisers = load_ghn(trained)
    suite = get_task(TASK).suite
    written = write_networks(
        ghn,
        [suite.architecture(hidden)] * 3,
        torch.full((3,), ghn.config.tasks.index(TASK)),
        Conditions.same(ghn.config.conditions, request.values(suite), 3),
        torch.from_numpy(plan.latents),
    )
    for index, policy in enumerate(untrained.sample(request)):
        theirs = written.policy(index, TASK, normalisers[TASK])
        for mine, other in zip(policy.weights, theirs.weights, strict=True):
            np.testing.assert_allclose(mine, other, atol=1e-6)


def test_beyond_the_ghns_field_the_base_is_silent(untrained: Generator) -> None:
    (wide,) = untrained.sample(SampleRequest(TASK, MLPArchitecture((80, 70)), steps=1))
    assert np.abs(wide.weights[1][:64, :64]).max() > 0
    assert not wide.weights[0][64:].any()
    assert not wide.weights[1][64:].any()
    assert not wide.weights[1][:, 64:].any()


def test_a_trained_one_adds_something_and_a_network_does_not_depend_on_the_count(
    trained: Path, untrained: Generator
) -> None:
    generator = Generator.load(trained)
    request = SampleRequest(TASK, MLPArchitecture((12, 20)), seed=2, count=3)
    several = generator.sample(request)
    first = generator.sample(replace(request, count=1))[0]
    np.testing.assert_allclose(several[0].weights[0], first.weights[0], atol=1e-6)
    alone = untrained.sample(request)
    assert np.abs(several[0].weights[0] - alone[0].weights[0]).max() > 1e-4
    shown = trace_sampling(generator, request, index=2)
    np.testing.assert_allclose(shown.predicted[-1].weights[1], several[2].weights[1], atol=1e-6)


def test_networks_of_several_depths_are_written_in_their_order(trained: Path) -> None:
    ghn, _ = load_ghn(trained)
    suite = get_task(TASK).suite
    shapes = [suite.architecture(hidden) for hidden in ((8,), (12, 20), (9,), (16, 10))]
    latents = np.random.default_rng(0).standard_normal((4, ghn.config.latent))
    values = np.full((4, len(ghn.config.conditions)), 0.5)
    together = ghn_tokens(ghn, [TASK] * 4, shapes, values, latents, 16)
    for row, shape in enumerate(shapes):
        one = slice(row, row + 1)
        (alone,) = ghn_tokens(ghn, [TASK], [shape], values[one], latents[one], 16)
        np.testing.assert_allclose(together[row], alone, atol=1e-5)


def test_what_does_not_fit_is_refused(trained: Path, smoke_run: Path, tmp_path: Path) -> None:
    zoo = smoke_run / "zoo" / "zoo.safetensors"
    with pytest.raises(UserError, match="shuffled"):
        DiTTrainer(SMOKE, zoo, smoke_run / "ghn", tmp_path / "dit", aligned=False)
    broken = tmp_path / "checkpoint"
    broken.mkdir()
    for file in trained.iterdir():
        (broken / file.name).symlink_to(file)
    (broken / "config.json").unlink()
    config = load_json(trained / "config.json")
    config["dit"]["base"] = "magic"
    save_json(broken / "config.json", config)
    with pytest.raises(UserError):
        Generator.load(broken)


def test_a_skip_passes_the_noisy_tokens_on_by_a_learned_share(untrained: Generator) -> None:
    request = SampleRequest(TASK, MLPArchitecture((30, 40)), seed=5, steps=2)
    (base,) = untrained.sample(request)
    skip = untrained._dit.skip
    assert isinstance(skip, torch.nn.Linear)
    try:
        skip.bias.data.fill_(1.0)  # the prediction is the noise itself
        (noisy,) = untrained.sample(request)
    finally:
        skip.bias.data.zero_()
    noise = noisy.weights[1] - base.weights[1]
    assert noise.std() == pytest.approx(1, abs=0.1)
    assert np.abs(noise).max() < 6
