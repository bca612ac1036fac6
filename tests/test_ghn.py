"""The GHN writes any architecture in range, as crops of smooth fields."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from nnit.alignment.metrics import morans_i, total_variation
from nnit.errors import UserError
from nnit.ghn.graph import INPUT, batch_features, chain_edges
from nnit.ghn.model import DECODERS, GHN, GHNConfig
from nnit.ghn.store import load_ghn, save_ghn, write_networks, write_policies
from nnit.imitation.fitting import Conditions
from nnit.mlp.network import MLP
from nnit.mlp.normaliser import Normaliser
from nnit.mlp.spec import MLPArchitecture
from nnit.trainer import seeded_initialisation
from strategies import architectures, seeds

CONDITIONS = ("tempo", "height")
VALUES = {"tempo": 1.0, "height": 0.5}
NORMALISER = Normaliser(np.zeros(39, np.float32), np.ones(39, np.float32))


def make_ghn(decoder: str, widest: int = 64) -> GHN:
    with seeded_initialisation(0):
        config = GHNConfig(
            ("reach-v3", "push-v3"),
            conditions=CONDITIONS,
            node=32,
            channels=(16, 16, 16, 8),
            decoder=decoder,
            axis=16,
            widest=widest,
        )
        return GHN(config).eval()


@pytest.fixture(scope="module", params=DECODERS)
def ghn(request: pytest.FixtureRequest) -> GHN:
    return make_ghn(request.param)


@given(architectures(8, 64), seeds)
@settings(max_examples=20)
def test_any_architecture_can_be_written(
    ghn: GHN, architecture: MLPArchitecture, seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    (policy,) = write_policies(ghn, "push-v3", architecture, NORMALISER, VALUES, 1, generator)
    assert policy.architecture == architecture
    assert all(np.ptp(weight) > 0 for weight in policy.weights)


def test_graphs_are_chains_of_their_own() -> None:
    assert batch_features([MLPArchitecture((16, 24, 32)), MLPArchitecture((8,))]).shape[0] == 6
    edges = chain_edges(2, 2, torch.device("cpu"))
    assert edges.tolist() == [[0, 1, 3, 4], [1, 2, 4, 5]]


def test_networks_of_one_batch_do_not_mix(ghn: GHN) -> None:
    architectures_ = [MLPArchitecture((20, 30)), MLPArchitecture((33, 9))]
    tasks, latents = torch.tensor([0, 1]), torch.randn(2, ghn.config.latent)
    with torch.no_grad():
        conditions = torch.rand(2, 2)
        together = ghn(architectures_, tasks, conditions, latents)
        for index, architecture in enumerate(architectures_):
            one = slice(index, index + 1)
            alone = ghn([architecture], tasks[one], conditions[one], latents[one])
            for mine, theirs in zip(together.matrices(index)[0], alone.matrices(0)[0], strict=True):
                np.testing.assert_allclose(mine, theirs, atol=1e-5)


def test_task_conditions_latent_and_architecture_all_matter(ghn: GHN) -> None:
    def write(task: int, latent: float, hidden: tuple[int, ...], **asked: float) -> np.ndarray:
        latents = torch.full((1, ghn.config.latent), latent)
        conditions = Conditions.same(CONDITIONS, {**VALUES, **asked}, 1)
        with torch.no_grad():
            networks = write_networks(
                ghn, [MLPArchitecture(hidden)], torch.tensor([task]), conditions, latents
            )
        return networks.matrices(0)[0][1][:8, :8]

    base = write(0, 0.0, (16, 16))
    for other in (
        write(1, 0.0, (16, 16)),
        write(0, 1.0, (16, 16)),
        write(0, 0.0, (48, 48)),
        write(0, 0.0, (16, 16), tempo=0.0),
        write(0, 0.0, (16, 16), height=1.0),
    ):
        assert np.abs(base - other).max() > 1e-5


def test_tasks_of_different_suites_have_networks_of_their_own_sizes() -> None:
    with seeded_initialisation(0):
        config = GHNConfig(
            ("reach-v3", "toy-push"),
            sizes=((39, 4), (100, 11)),
            conditions=("tempo", "grip"),
            node=32,
            channels=(16, 16, 16, 8),
        )
        ghn = GHN(config).eval()
    architectures_ = [MLPArchitecture((20, 30)), MLPArchitecture((33, 9), 100, 11, "relu")]
    tasks, latents = torch.tensor([0, 1]), torch.randn(2, ghn.config.latent)
    conditions = torch.tensor([[0.5, torch.nan], [torch.nan, 2.0]])
    with torch.no_grad():
        together = ghn(architectures_, tasks, conditions, latents)
        for index, architecture in enumerate(architectures_):
            weights, biases = together.matrices(index)
            assert tuple(weight.shape for weight in weights) == architecture.shapes
            assert all(np.ptp(array) > 0 for array in (*weights, *biases))
            assert all(np.isfinite(array).all() for array in (*weights, *biases))
            one = slice(index, index + 1)
            alone = ghn([architecture], tasks[one], conditions[one], latents[one])
            for mine, theirs in zip(weights, alone.matrices(0)[0], strict=True):
                np.testing.assert_allclose(mine, theirs, atol=1e-5)


@pytest.mark.parametrize(
    "change",
    [
        {"sizes": ((39, 4),)},
        {"sizes": ((39, 0), (39, 4))},
        {"sizes": ((10**9, 4), (39, 4))},
        {"sizes": (("39", 4), (39, 4))},
        {"conditions": (1,)},
    ],
)
def test_sizes_and_conditions_that_make_no_sense_are_refused(change: dict) -> None:
    with pytest.raises(UserError):
        GHNConfig(**{"tasks": ("a", "b"), **change})


def test_wider_than_the_field_is_refused(ghn: GHN) -> None:
    generator = torch.Generator().manual_seed(0)
    with pytest.raises(UserError, match="widths up to 64"):
        write_policies(ghn, "push-v3", MLPArchitecture((65,)), NORMALISER, VALUES, 1, generator)


def test_a_saved_ghn_writes_the_same_networks(ghn: GHN, tmp_path) -> None:
    save_ghn(tmp_path, ghn, {"reach-v3": NORMALISER, "push-v3": NORMALISER})
    loaded, normalisers = load_ghn(tmp_path)
    assert set(normalisers) == {"reach-v3", "push-v3"}
    for model in (ghn, loaded):
        generator = torch.Generator().manual_seed(7)
        policies = write_policies(
            model, "reach-v3", MLPArchitecture((27, 45)), NORMALISER, VALUES, 2, generator
        )
        if model is ghn:
            expected = policies
    for mine, theirs in zip(policies, expected, strict=True):
        np.testing.assert_array_equal(mine.weights[1], theirs.weights[1])


def network_of(ghn: GHN, hidden: tuple[int, ...]) -> MLP:
    latents = torch.randn(1, ghn.config.latent, generator=torch.Generator().manual_seed(0))
    conditions = torch.tensor([[1.0, 0.5]])
    with torch.no_grad():
        networks = ghn([MLPArchitecture(hidden)], torch.tensor([1]), conditions, latents)
    return MLP(*networks.matrices(0))


def test_convolutions_of_1_x_1_pass_nothing_between_neurons() -> None:
    """A change of one place's finest constants stays in that place; with 3 x 3 it does not."""
    changed = {}
    for decoder in ("cnn", "cnn-1x1"):
        ghn = make_ghn(decoder)
        before = network_of(ghn, (16, 16)).weights[0]
        with torch.no_grad():
            ghn.decoders[INPUT].decoder.axis.constants[-1][:, :, 5] += 1.0
        changed[decoder] = (before != network_of(ghn, (16, 16)).weights[0]).any(1).sum()
    assert changed["cnn-1x1"] == 1
    assert changed["cnn"] > 1


@pytest.mark.parametrize("decoder", ["cnn+atlas", "atlas"])
def test_fields_without_a_blur_are_as_rough_as_their_tables(decoder: str) -> None:
    config = make_ghn(decoder).config
    with seeded_initialisation(0):
        rough = GHN(replace(config, blur=False)).eval()
    assert morans_i(network_of(rough, (64, 64))) < 0.2


def test_without_its_cnn_an_atlas_has_no_convolutions() -> None:
    modules = [module for module in make_ghn("atlas").modules() if hasattr(module, "kernel_size")]
    assert not modules


def test_an_unknown_decoder_is_refused() -> None:
    with pytest.raises(UserError, match="must be one of cnn, cnn"):
        GHNConfig(("reach-v3",), decoder="table")


def test_without_its_last_convolutions_the_cnn_tells_no_neuron_from_another() -> None:
    """Every weight comes through them; nothing is added to what they write."""
    ghn = make_ghn("cnn")
    for name, weight in ghn.decoders.named_parameters():
        if name.endswith("out.weight"):
            torch.nn.init.zeros_(weight)
    assert total_variation(network_of(ghn, (27, 45))) < 1e-6


@pytest.mark.parametrize("decoder", DECODERS)
def test_fields_are_smooth_along_neurons_from_the_start(decoder: str) -> None:
    assert morans_i(network_of(make_ghn(decoder), (64, 64))) > 0.5


WIDE = make_ghn("cnn", 256)


@given(architectures(4, 256), architectures(4, 256))
@settings(max_examples=20)
def test_a_network_is_the_same_beside_wider_ones(
    one: MLPArchitecture, other: MLPArchitecture
) -> None:
    other = MLPArchitecture((other.hidden * one.depth)[: one.depth])
    tasks, conditions, latents = torch.tensor([0, 1]), torch.zeros(2, 2), torch.ones(2, 8)
    with torch.no_grad():
        alone = WIDE([one], tasks[:1], conditions[:1], latents[:1])
        both = WIDE([one, other], tasks, conditions, latents)
    for mine, theirs in zip(alone.matrices(0)[0], both.matrices(0)[0], strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-5)


def test_sums_stay_in_range_at_any_width() -> None:
    sizes = [network_of(WIDE, (width, width)).weights[1].astype(float) for width in (32, 64, 256)]
    narrow, usual, wide = (np.sqrt((weight**2).sum(1).mean()) for weight in sizes)
    assert narrow < usual < wide < 1.5 * usual


@pytest.mark.parametrize(("decoder", "widest"), [("cnn+atlas", 128), ("cnn", 100), ("cnn", 1024)])
def test_a_width_that_a_decoder_cannot_write_is_refused(decoder: str, widest: int) -> None:
    with pytest.raises(UserError, match="cannot be"):
        GHNConfig(("reach-v3",), decoder=decoder, widest=widest)


def test_tables_are_found_by_name() -> None:
    assert len(make_ghn("cnn").table_parameters()) == 4 * 4  # four axes, four levels
    atlas = make_ghn("cnn+atlas")
    assert len(atlas.table_parameters()) == 3 * 2  # fields and biases of three kinds


def test_the_cnn_writes_for_suites_of_other_sizes() -> None:
    config = GHNConfig(("a", "b"), sizes=((39, 4), (10, 2)), node=32, decoder="cnn", axis=16)
    with seeded_initialisation(0):
        ghn = GHN(config)
    architectures_ = [MLPArchitecture((9, 12)), MLPArchitecture((12, 9), 10, 2)]
    with torch.no_grad():
        networks = ghn(
            architectures_, torch.tensor([0, 1]), torch.zeros(2, 0), torch.zeros(2, config.latent)
        )
    for index, architecture in enumerate(architectures_):
        weights, _ = networks.matrices(index)
        assert tuple(weight.shape for weight in weights) == architecture.shapes


def test_no_code_is_left_in_the_temporary_folder(tmp_path: Path) -> None:
    program = (
        "from nnit.ghn.model import GHN, GHNConfig; GHN(GHNConfig(tasks=('reach-v3',), node=16))"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)
    assert not list(tmp_path.iterdir())
