"""A generator for a suite that is not Meta-World: what it makes has that suite's sizes and conditions."""

import numpy as np
import pytest
import torch
from made_up import TOY

from nnit.dit.conditions import (
    budget_condition,
    budget_range,
    condition_columns,
    requested_conditions,
    scaled_conditions,
)
from nnit.dit.generator import Generator
from nnit.dit.model import DiTConfig, PatchDiT
from nnit.dit.trace import trace_architecture, trace_sampling
from nnit.errors import UserError
from nnit.mlp.normaliser import Normaliser
from nnit.mlp.patches import KIND_COUNT
from nnit.mlp.spec import MLPArchitecture, PartialArchitecture
from nnit.request import SampleRequest
from nnit.sim.suites import suites_of
from nnit.trainer import seeded_initialisation

META = suites_of(["reach-v3"])[0]
SUITES = (META, TOY)
TASK = "toy-push"


@pytest.fixture(scope="module")
def generator() -> Generator:
    """For a task of Meta-World and two of the made-up suite; it has not been trained."""
    tasks = ("reach-v3", "toy-push", "toy-lift")
    config = DiTConfig(
        tasks,
        condition_columns(SUITES),
        patch=8,
        width=24,
        layers=1,
        heads=2,
        scales=(0.1,) * KIND_COUNT,
        depths=(1, 2, 3),
        widths=tuple(range(8, 65)),
        latent=4,
    )
    with seeded_initialisation(0):
        dit = PatchDiT(config)
        for parameter in dit.parameters():  # what starts at zero would hide the conditions
            if parameter.ndim > 1 and (parameter == 0).all():
                torch.nn.init.normal_(parameter, std=0.1)
    normalisers = {
        task: Normaliser(np.zeros(size, np.float32), np.ones(size, np.float32))
        for task, size in zip(tasks, (39, 6, 6), strict=True)
    }
    return Generator(dit, normalisers, SUITES, "test", torch.device("cpu"))


@pytest.mark.parametrize("text", ["12-9", "?", "?-9", "64"])
def test_networks_have_the_sizes_of_their_suite(generator: Generator, text: str) -> None:
    request = SampleRequest(TASK, PartialArchitecture.parse(text), count=2, steps=2)
    for policy in generator.sample(request):
        assert policy.architecture.observation_size == TOY.observation_size
        assert policy.architecture.action_size == TOY.action_size
        assert policy.architecture.activation == TOY.activation
        assert policy.act(np.zeros((3, 6))).shape == (3, 2)
        assert policy.provenance["grip"] == 2.0
        assert "tempo" not in policy.provenance


def test_plans_of_two_suites_share_a_batch(generator: Generator) -> None:
    requests = [
        SampleRequest(TASK, MLPArchitecture((12, 9)), steps=2, conditions={"grip": 4.0}),
        SampleRequest("reach-v3", MLPArchitecture((12, 9)), steps=2, conditions={"tempo": 0.1}),
    ]
    together = generator.sample_together([generator.plan(request) for request in requests])
    for request, (mine,) in zip(requests, together, strict=True):
        (alone,) = generator.sample(request)
        assert mine.architecture == alone.architecture
        assert mine.provenance == alone.provenance
        for a, b in zip(mine.weights, alone.weights, strict=True):
            np.testing.assert_allclose(a, b, atol=1e-5)


def test_a_condition_of_the_suite_changes_the_network(generator: Generator) -> None:
    loose, firm, default, asked = (
        generator.sample(SampleRequest(TASK, MLPArchitecture((12, 9)), conditions=conditions))[0]
        for conditions in ({"grip": 1.0}, {"grip": 5.0}, {}, {"grip": 2.0})
    )
    assert np.abs(loose.weights[1] - firm.weights[1]).max() > 0
    np.testing.assert_array_equal(default.weights[1], asked.weights[1])


def test_a_budget_is_kept_with_the_suite_s_sizes(generator: Generator) -> None:
    fewest = TOY.architecture((8,)).parameter_count
    request = SampleRequest(TASK, count=4, steps=1, max_parameters=fewest)
    assert {policy.architecture.hidden for policy in generator.sample(request)} == {(8,)}
    with pytest.raises(UserError, match=f"the smallest network has {fewest}"):
        generator.sample(SampleRequest(TASK, max_parameters=fewest - 1))


@pytest.mark.parametrize("text", ["?", "?-9", "12-?-8"])
def test_what_is_watched_is_what_is_sampled(generator: Generator, text: str) -> None:
    request = SampleRequest(TASK, PartialArchitecture.parse(text), seed=2, steps=2)
    (sampled,) = generator.sample(request)
    filled = trace_architecture(generator, request)
    assert filled.known[0] == TOY.sized(request.architecture)
    assert filled.known[-1].architecture() == sampled.architecture
    shown = trace_sampling(generator, request)
    assert shown.predicted[-1].architecture == sampled.architecture
    for a, b in zip(shown.predicted[-1].weights, sampled.weights, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def test_what_the_model_is_told_of_conditions_and_budgets() -> None:
    names = condition_columns(SUITES)
    assert names == ("tempo", "height", "grip", "budget")
    values = np.array([[0.2, 0.5, np.nan], [np.nan, np.nan, 5.0], [1.0, 0.0, 1.0]], np.float32)
    scaled = scaled_conditions(values, names[:3], SUITES)
    np.testing.assert_allclose(scaled[:, :2], values[:, :2])
    np.testing.assert_allclose(scaled[:, 2], [np.nan, 1, 0])
    assert scaled.dtype == np.float32
    told = requested_conditions(names, SampleRequest(TASK, max_parameters=100), TOY)
    np.testing.assert_allclose(told[:3], [np.nan, np.nan, 0.25])
    least = TOY.architecture((8,))
    ranges = np.array([budget_range(least)])
    (budget,) = budget_condition(np.array([100]), ranges)
    assert told[3] == budget
    # From the least network of a suite to twice its largest.
    most = 2 * TOY.architecture((64, 64, 64)).parameter_count
    parameters = np.array([least.parameter_count, most, 1, 10 * most])
    ends = budget_condition(parameters, ranges.repeat(4, 0))
    np.testing.assert_allclose(ends, [0, 1, 0, 1], atol=1e-12)
