"""Policies from a checkpoint: reproducible, of any architecture, and with clear words when it is broken."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from nnit.baselines.memory import nearest_networks, resized
from nnit.dit.generator import Generator
from nnit.dit.tokens import token_batch
from nnit.errors import UserError
from nnit.evaluation.sources import SOURCES, sample_from
from nnit.ghn.store import load_ghn
from nnit.mlp.spec import MLPArchitecture, PartialArchitecture
from nnit.request import SampleRequest
from strategies import architectures, random_policy

TASK = "drawer-close-v3"


@pytest.fixture(scope="module")
def generator(tiny_checkpoint: Path) -> Generator:
    return Generator.load(tiny_checkpoint, device="cpu")


@given(architectures(), st.integers(0, 2**32), st.integers(1, 4))
@settings(max_examples=15)
def test_any_architecture_can_be_generated(
    generator: Generator, architecture: MLPArchitecture, seed: int, steps: int
) -> None:
    (policy,) = generator.sample(SampleRequest(TASK, architecture, seed=seed, steps=steps))
    assert policy.architecture == architecture
    action = policy.act(np.zeros(39))
    assert action.shape == (4,)
    assert np.abs(action).max() <= 1


def test_the_same_seed_gives_the_same_network(generator: Generator) -> None:
    architecture = MLPArchitecture((27, 45))
    first, again, other = (
        generator.sample(SampleRequest(TASK, architecture, seed=seed))[0] for seed in (3, 3, 4)
    )
    for a, b, c in zip(first.weights, again.weights, other.weights, strict=True):
        np.testing.assert_array_equal(a, b)
        assert np.abs(a - c).max() > 0


def test_a_network_does_not_depend_on_how_many_are_made(generator: Generator) -> None:
    architecture = MLPArchitecture((16, 24))
    many, few = (
        generator.sample(SampleRequest(TASK, architecture, seed=3, count=count)) for count in (5, 2)
    )
    np.testing.assert_allclose(many[1].weights[0], few[1].weights[0], atol=1e-5)
    assert np.abs(many[0].weights[0] - many[1].weights[0]).max() > 1e-3


def test_padding_in_a_batch_changes_nothing(generator: Generator) -> None:
    """The same network alone and beside a longer one: attention must not see the padding."""
    small = generator.plan(SampleRequest(TASK, MLPArchitecture((10,)), steps=2))
    large = generator.plan(SampleRequest(TASK, MLPArchitecture((64, 64)), steps=2))
    alone = generator.flow([small], lambda *a: None)
    both = generator.flow([small, large], lambda *a: None)
    torch.testing.assert_close(both[0, : alone.shape[1]], alone[0], atol=1e-5, rtol=1e-5)
    assert both[0, alone.shape[1] :].abs().max() == 0


def test_plans_of_many_callers_share_a_batch_and_get_their_own(generator: Generator) -> None:
    requests = [
        SampleRequest(TASK, MLPArchitecture((27, 45)), count=2, seed=5, steps=2),
        SampleRequest(TASK, PartialArchitecture.parse("?-9"), seed=6, steps=2, max_parameters=900),
        SampleRequest(
            TASK,
            MLPArchitecture((64,)),
            seed=5,
            steps=2,
            conditions={"tempo": 0.1, "height": 0.9},
        ),
    ]
    together = generator.sample_together([generator.plan(one) for one in requests])
    for one, policies in zip(requests, together, strict=True):
        alone = generator.sample(one)
        assert [p.architecture for p in policies] == [p.architecture for p in alone]
        for mine, theirs in zip(policies, alone, strict=True):
            assert mine.provenance == theirs.provenance
            for a, b in zip(mine.weights, theirs.weights, strict=True):
                np.testing.assert_allclose(a, b, atol=1e-5)


def test_short_networks_are_not_padded_to_the_length_of_long_ones(
    generator: Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = [
        SampleRequest(TASK, MLPArchitecture(hidden), seed=seed, count=2, steps=2)
        for seed in range(4)
        for hidden in ((10,), (64, 64), (11,))
    ]
    batches, flow, seen = [], generator.flow, []

    def note(plans, on_step):
        batches.append([plan.architectures[0].hidden for plan in plans])
        return flow(plans, on_step)

    monkeypatch.setattr(generator, "flow", note)
    together = generator.sample_together(
        [generator.plan(one) for one in requests], lambda done, total: seen.append((done, total))
    )
    assert sorted(map(sorted, batches)) == [[(10,)] * 4 + [(11,)] * 4, [(64, 64)] * 4]
    assert [[p.architecture for p in policies] for policies in together] == [
        [one.architecture] * 2 for one in requests
    ]
    assert seen == sorted(seen)
    assert seen[-1] == (2, 2)


def test_plans_of_different_steps_share_no_batch(generator: Generator) -> None:
    requests = [SampleRequest(TASK, MLPArchitecture((9,)), steps=n) for n in (1, 2)]
    plans = [generator.plan(request) for request in requests]
    with pytest.raises(ValueError, match="different steps"):
        generator.sample_together(plans)


def test_progress_counts_the_steps(generator: Generator) -> None:
    seen: list[tuple[int, int]] = []
    generator.sample(
        SampleRequest(TASK, MLPArchitecture((8,)), steps=3),
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"task": "assembly-v3"}, "does not cover"),
        ({"count": 0}, "count must be from 1 to 64, not 0"),
        ({"steps": 0}, "steps must be from 1 to 100, not 0"),
        ({"steps": 10**6}, "steps must be from 1 to 100, not 1,000,000"),
        ({"seed": -1}, "seed must be from 0"),
        ({"conditions": {"tempo": 1.1}}, "tempo must be from 0 to 1, not 1.1"),
        ({"conditions": {"grip": 0.5}}, "cannot be asked for grip"),
    ],
)
def test_requests_out_of_range_are_refused(
    generator: Generator, arguments: dict, words: str
) -> None:
    request = {"task": TASK, "architecture": MLPArchitecture((8,)), **arguments}
    with pytest.raises(UserError, match=words):
        generator.sample(SampleRequest(**request))


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_gives_working_policies(source: str, tiny_checkpoint: Path) -> None:
    request = SampleRequest(TASK, MLPArchitecture((9, 12)), seed=1, count=2, steps=2)
    policies = sample_from(source, request, tiny_checkpoint)
    assert [policy.provenance["source"] for policy in policies] == [source] * 2
    assert np.isfinite(policies[0].act(np.zeros((3, 39)))).all()


def test_permuted_is_the_same_function_as_nnit(tiny_checkpoint: Path) -> None:
    request = SampleRequest(TASK, MLPArchitecture((64, 33)), seed=5, steps=2)
    plain, shuffled = (
        sample_from(source, request, tiny_checkpoint)[0] for source in ("nnit", "permuted")
    )
    observations = np.random.default_rng(0).normal(size=(200, 39))
    np.testing.assert_allclose(plain.act(observations), shuffled.act(observations), atol=1e-4)
    assert np.abs(plain.weights[1] - shuffled.weights[1]).max() > 0


def test_unknown_sources_are_named(tiny_checkpoint: Path) -> None:
    with pytest.raises(UserError, match='unknown source "magic"'):
        sample_from("magic", SampleRequest(TASK, MLPArchitecture((8,))), tiny_checkpoint)


def _copy(checkpoint: Path, to: Path) -> Path:
    shutil.copytree(checkpoint, to)
    return to


@pytest.mark.parametrize("name", ["config.json", "dit.safetensors", "normalisers.safetensors"])
def test_a_missing_file_is_named(name: str, tiny_checkpoint: Path, tmp_path: Path) -> None:
    broken = _copy(tiny_checkpoint, tmp_path / "broken")
    (broken / name).unlink()
    with pytest.raises(UserError, match=name):
        Generator.load(broken)


@pytest.mark.parametrize("name", ["config.json", "dit.safetensors", "normalisers.safetensors"])
@given(share=st.floats(0, 0.99))
@settings(max_examples=8)
def test_a_truncated_file_is_named(
    name: str, tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory, share: float
) -> None:
    broken = _copy(tiny_checkpoint, tmp_path_factory.mktemp("t") / "broken")
    whole = (broken / name).read_bytes()
    (broken / name).write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(UserError, match=name):
        Generator.load(broken)


def test_a_nan_in_the_weights_is_found(tiny_checkpoint: Path, tmp_path: Path) -> None:
    broken = _copy(tiny_checkpoint, tmp_path / "broken")
    tensors = load_file(broken / "dit.safetensors")
    tensors["x_embedder.weight"][0, 0] = float("nan")
    save_file(tensors, broken / "dit.safetensors")
    with pytest.raises(UserError, match="not finite"):
        Generator.load(broken)


@pytest.mark.parametrize(
    "change",
    [
        {"width": 50},
        {"width": "wide"},
        {"heads": 0},
        {"surprise": 1},
        {"tasks": ["reach-v3"]},
        {"patch": 4},
        {"layers": 4096, "width": 4096, "heads": 1},
        {"scales": ["a", "b", "c", "d", "e"]},
        {"tasks": 5},
        {"tasks": [["reach-v3"]]},
    ],
)
def test_a_config_that_does_not_fit_is_refused(
    change: dict, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    broken = _copy(tiny_checkpoint, tmp_path / "broken")
    config = json.loads((broken / "config.json").read_text())
    config["dit"].update(change)
    (broken / "config.json").write_text(json.dumps(config))
    with pytest.raises(UserError):
        Generator.load(broken)


@pytest.mark.parametrize(
    "change", [{"channels": 5}, {"channels": [48, 32, 16, 6]}, {"node": -1}, {"tasks": [1]}]
)
def test_a_ghn_config_that_does_not_fit_is_refused(
    change: dict, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    broken = _copy(tiny_checkpoint, tmp_path / "broken")
    config = json.loads((broken / "config.json").read_text())
    config["ghn"].update(change)
    (broken / "config.json").write_text(json.dumps(config))
    with pytest.raises(UserError):
        load_ghn(broken)


def test_json_that_never_ends_its_nesting_is_refused(tiny_checkpoint: Path, tmp_path: Path) -> None:
    broken = _copy(tiny_checkpoint, tmp_path / "broken")
    (broken / "config.json").write_text("[" * 100_000)
    with pytest.raises(UserError, match=r"config\.json"):
        Generator.load(broken)


def test_an_unknown_device_is_named(tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NNIT_DEVICE", "abacus")
    with pytest.raises(UserError, match="abacus"):
        Generator.load(tiny_checkpoint)


def test_the_model_chooses_what_is_left_open_within_the_budget(generator: Generator) -> None:
    policies = generator.sample(
        SampleRequest(
            TASK, PartialArchitecture.parse("?"), count=16, seed=5, steps=1, max_parameters=2500
        )
    )
    assert len({policy.architecture for policy in policies}) > 3
    for policy in policies:
        assert policy.architecture.parameter_count <= 2500
        assert np.isfinite(policy.act(np.zeros(39))).all()
    request = SampleRequest(TASK, PartialArchitecture.parse("?-61"), count=2, steps=1)
    fixed = generator.sample(request)
    assert all(policy.architecture.hidden[1] == 61 for policy in fixed)


def test_a_chosen_network_is_the_one_that_its_architecture_gives(generator: Generator) -> None:
    """Choosing an architecture and then asking for it by name end in the same weights."""
    request = SampleRequest(TASK, PartialArchitecture(), count=3, seed=2, steps=2)
    for index, policy in enumerate(generator.sample(request)):
        named = generator.sample(replace(request, architecture=policy.architecture))[index]
        np.testing.assert_allclose(policy.weights[0], named.weights[0], atol=1e-5)


def test_conditions_change_the_network_and_are_noted(generator: Generator) -> None:
    architecture = MLPArchitecture((16, 16))
    calm, brisk = (
        generator.sample(SampleRequest(TASK, architecture, conditions={"tempo": tempo}))[0]
        for tempo in (0.0, 1.0)
    )
    assert np.abs(calm.weights[0] - brisk.weights[0]).max() > 0
    assert calm.provenance["tempo"] == 0.0
    assert calm.provenance["height"] == 0.5, "the suite's default, where nothing is asked"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"architecture": MLPArchitecture((64, 64)), "max_parameters": 2000}, "more than 2000"),
        ({"architecture": PartialArchitecture(), "max_parameters": 100}, "too few"),
        ({"architecture": MLPArchitecture((8,)), "solver": "magic"}, "unknown solver"),
    ],
)
def test_wishes_that_cannot_be_met_are_refused(
    generator: Generator, arguments: dict, words: str
) -> None:
    with pytest.raises(UserError, match=words):
        generator.sample(SampleRequest(TASK, **arguments))


def test_only_the_generator_fills_in_widths(tiny_checkpoint: Path) -> None:
    request = SampleRequest(TASK, PartialArchitecture.parse("?-8"))
    with pytest.raises(UserError, match="can choose widths"):
        sample_from("ghn", request, tiny_checkpoint)


@given(architectures(4, 128, 3), architectures(4, 128, 3), st.integers(0, 99))
@settings(max_examples=20)
def test_resizing_keeps_what_fits(a: MLPArchitecture, b: MLPArchitecture, seed: int) -> None:
    if a.depth != b.depth:
        return
    before, after = random_policy(a, seed), resized(random_policy(a, seed), b)
    assert after.architecture == b
    for old, new in zip(before.weights, after.weights, strict=True):
        rows, columns = np.minimum(old.shape, new.shape)
        np.testing.assert_array_equal(old[:rows, :columns], new[:rows, :columns])
        assert (new[rows:] == 0).all()
        assert (new[:, columns:] == 0).all()


def test_more_neurons_than_the_nearest_network_has_are_silent(tiny_checkpoint: Path) -> None:
    request = SampleRequest(TASK, MLPArchitecture((9, 12)))
    (near,) = nearest_networks(request, tiny_checkpoint)
    wider = resized(near, MLPArchitecture((30, 30)))
    observations = np.random.default_rng(0).normal(size=(5, 39))
    np.testing.assert_allclose(near.act(observations), wider.act(observations), atol=1e-6)


def test_the_latent_is_among_what_the_model_is_told(generator: Generator) -> None:
    dit = generator._dit
    architecture = MLPArchitecture((16, 24))
    latents = np.random.default_rng(0).normal(size=(3, dit.config.latent))
    assert latents.size
    latents[2] = np.nan
    conditions = np.full((3, len(dit.config.conditions)), np.nan)
    batch = token_batch(
        [0, 0, 0], [architecture] * 3, conditions, latents, dit.config.patch, dit.config.trained
    )
    noise = torch.zeros(batch.valid.shape).expand(3, -1, -1)
    with torch.inference_mode():
        clean = dit(noise, torch.full((3,), 0.5), batch).clean
    assert clean.isfinite().all()
    for a, b in ((0, 1), (0, 2), (1, 2)):
        assert (clean[a] - clean[b]).abs().max() > 1e-4
