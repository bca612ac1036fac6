"""Training many networks at once: what each should do, what counts as an error, and that none disturbs another."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nnit.imitation.demonstrations import Transitions, load_transitions, save_transitions
from nnit.imitation.fitting import (
    Conditions,
    OwnShares,
    Teachers,
    action_sizes,
    fit,
    imitation_loss,
    normalised,
)
from nnit.mlp.batch import random_networks, width_masks
from nnit.mlp.normaliser import Normaliser
from nnit.mlp.spec import MLPArchitecture
from nnit.sim.suites import Suite, get_task
from strategies import random_policy, seeds, stack_policies

TASK = "reach-v3"


def same(count: int) -> Conditions:
    """What is asked of networks where a test is not about it."""
    return Conditions.same(("tempo", "height"), {"tempo": 1.0, "height": 0.5}, count)


def test_nothing_is_asked_beyond_a_saturated_action() -> None:
    target = torch.tensor([[[1.0, -1.0, 0.5]]])
    beyond = torch.tensor([[[3.0, -3.0, 0.5]]])
    short = torch.tensor([[[0.5, -0.5, 0.5]]])
    assert imitation_loss(beyond, target).item() == 0
    assert imitation_loss(short, target).item() > 0
    assert imitation_loss(-beyond, target).item() > imitation_loss(short, target).item()


def test_networks_trained_together_do_not_touch_each_other() -> None:
    """The second network's data are changed; the first network's weights must come out the same."""
    policies = [random_policy(MLPArchitecture((12, 9)), seed) for seed in (1, 2)]
    rng = np.random.default_rng(0)
    observations = rng.normal(size=(400, 39)).astype(np.float32)
    labels = {
        "reach-v3": np.tanh(observations[:, :4]),
        "push-v3": np.tanh(observations[:, 4:8]),
        "pick-place-v3": -np.tanh(observations[:, 4:8]),
    }
    normaliser = Normaliser(np.zeros(39, np.float32), np.ones(39, np.float32))
    data = normalised(
        {
            name: Transitions(observations, label[:, None].repeat(2, 1))
            for name, label in labels.items()
        },
        dict.fromkeys(labels, normaliser),
    )

    def first_after_training_beside(second: str) -> np.ndarray:
        tasks = ["reach-v3", second]
        shares = OwnShares(data, tasks, same(2), 0.5, np.random.default_rng(3))
        generator = torch.Generator().manual_seed(4)
        trained = fit(
            stack_policies(policies, 16),
            shares,
            steps=30,
            batch=32,
            lr=1e-2,
            generator=generator,
        )
        return trained.matrices(0)[0][0]

    before = policies[0].weights[0]
    beside_push = first_after_training_beside("push-v3")
    np.testing.assert_array_equal(beside_push, first_after_training_beside("pick-place-v3"))
    assert np.abs(beside_push - before).max() > 0.01


def test_training_from_data_learns_it() -> None:
    policy = random_policy(MLPArchitecture((32, 32)), 5)
    observations = np.random.default_rng(1).normal(size=(2000, 39)).astype(np.float32)
    labels = np.clip(observations[:, :4], -1, 1)
    normaliser = Normaliser(np.zeros(39, np.float32), np.ones(39, np.float32))
    data = normalised(
        {TASK: Transitions(observations, labels[:, None].repeat(2, 1))}, {TASK: normaliser}
    )
    losses: list[float] = []
    fit(
        stack_policies([policy], 32),
        OwnShares(data, [TASK], same(1), 1.0, np.random.default_rng(0)),
        steps=300,
        batch=128,
        lr=5e-3,
        generator=torch.Generator().manual_seed(0),
        progress=lambda done, total, loss: losses.append(loss),
    )
    assert losses[-1] < 0.2 * losses[0]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.integers(1, 6), seeds)
@settings(max_examples=50)
def test_the_error_is_the_mean_over_a_network_s_own_components(
    sizes: list[int], batch: int, seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    shape = (len(sizes), batch, max(sizes))
    own = (torch.arange(max(sizes)) < torch.tensor(sizes)[:, None])[:, None, :]
    predicted = 2 * torch.randn(shape, generator=generator) * own
    target = (2 * torch.randn(shape, generator=generator)).clamp(-1, 1) * own
    losses = imitation_loss(predicted, target, sizes)
    assert losses.shape == (len(sizes),)
    for index, size in enumerate(sizes):
        one = slice(index, index + 1)
        alone = imitation_loss(predicted[one, :, :size], target[one, :, :size])
        torch.testing.assert_close(losses[one], alone)


# --- Networks of several suites -------------------------------------------------------------------


@pytest.mark.parametrize(
    "tasks",
    [
        (TASK, "toy-push", "push-v3", "toy-lift", TASK),
        ("toy-push", TASK),
        ("toy-push", "toy-lift"),
        (TASK,),
    ],
)
def test_what_networks_of_several_suites_see_and_should_do(
    toy: Suite, tasks: tuple[str, ...]
) -> None:
    """Each row is what the motion of its own suite makes of it, and zero beyond its own sizes."""
    rng = np.random.default_rng(0)
    generator = torch.Generator().manual_seed(0)
    conditions = Conditions.draw(("tempo", "grip", "height"), tasks, generator)
    suites = [get_task(name).suite for name in tasks]
    observations, labels = [], []
    for index, suite in enumerate(suites):
        if index != tasks.index(tasks[index]):  # a task's states are the same for all its networks
            observations.append(observations[tasks.index(tasks[index])])
            labels.append(labels[tasks.index(tasks[index])])
            continue
        observations.append(rng.normal(size=(4, suite.observation_size)).astype(np.float32))
        shape = (4, suite.labels, suite.action_size)
        labels.append(rng.uniform(-1, 1, shape).astype(np.float32))
    distinct = {name: tasks.index(name) for name in tasks}
    states = normalised(
        {name: Transitions(observations[row], labels[row]) for name, row in distinct.items()},
        {
            name: Normaliser(
                np.zeros(suites[row].observation_size, np.float32),
                np.ones(suites[row].observation_size, np.float32),
            )
            for name, row in distinct.items()
        },
    )
    rows = states.first_rows(tasks)[:, None] + torch.arange(4)
    seen = states.seen(tasks, rows)
    wanted = Teachers(tasks, conditions, states.device).actions(states.labels[rows])
    assert seen.shape == (len(tasks), 4, max(suite.observation_size for suite in suites))
    assert wanted.shape == (len(tasks), 4, max(suite.action_size for suite in suites))
    for row, (name, suite) in enumerate(zip(tasks, suites, strict=True)):
        np.testing.assert_array_equal(seen[row, :, : suite.observation_size], observations[row])
        assert (seen[row, :, suite.observation_size :] == 0).all()
        own = conditions.named(row)
        assert set(own) == {condition.name for condition in get_task(name).conditions}
        for step in range(4):
            action = get_task(name).motion.action(labels[row][step], own)
            np.testing.assert_allclose(
                wanted[row, step, : suite.action_size].numpy(), action, atol=1e-6
            )
        assert (wanted[row, :, suite.action_size :] == 0).all()


def test_each_network_has_the_conditions_of_its_own_suite(toy: Suite) -> None:
    names = ("tempo", "grip", "height")
    tasks = ["toy-push", TASK] * 500
    drawn = Conditions.draw(names, tasks, torch.Generator().manual_seed(0))
    grip = drawn.values[::2, 1]
    assert drawn.values[::2, [0, 2]].isnan().all()
    assert drawn.values[1::2, 1].isnan().all()
    assert (grip.min().item(), grip.max().item()) == (1, 5)
    assert grip.mean().item() == pytest.approx(3, abs=0.15)
    rows = [3, 1]
    meta = get_task(TASK).suite
    torch.testing.assert_close(drawn.of(rows, meta)[:, :2], drawn.values[rows][:, [0, 2]])
    assert drawn.of(rows, meta)[:, 2:].isnan().all(), "conditions of other tasks of the suite"
    torch.testing.assert_close(drawn.of([2], toy), drawn.values[2:3, 1:2])
    twice = drawn.twice()
    assert twice.names == names
    for shift in (0, 1):
        torch.testing.assert_close(twice.values[shift::2], drawn.values, equal_nan=True)
    same = Conditions.same(names, {"grip": 4.0}, 3)
    assert same.values.shape == (3, 3)
    assert (same.values[:, 1] == 4).all()
    assert same.values[:, [0, 2]].isnan().all()


def test_networks_of_two_suites_are_trained_in_one_batch(toy: Suite) -> None:
    rng = np.random.default_rng(0)
    tasks, data = [TASK, "toy-push"], {}
    normalisers = {}
    for name in tasks:
        suite = get_task(name).suite
        observations = rng.normal(size=(1000, suite.observation_size)).astype(np.float32)
        label = np.clip(observations[:, : suite.action_size], -1, 1)
        data[name] = Transitions(observations, label[:, None].repeat(suite.labels, 1))
        size = suite.observation_size
        normalisers[name] = Normaliser(np.zeros(size, np.float32), np.ones(size, np.float32))
    architectures = [get_task(name).suite.architecture((24, 17)) for name in tasks]
    conditions = Conditions.draw(
        ("tempo", "height", "grip"), tasks, torch.Generator().manual_seed(1)
    )
    conditions.values[0, 0] = 1.0  # as brisk as the labels are
    losses: list[float] = []
    trained = fit(
        random_networks(architectures, torch.Generator().manual_seed(2)),
        OwnShares(normalised(data, normalisers), tasks, conditions, 1.0, rng),
        steps=300,
        batch=64,
        lr=1e-2,
        generator=torch.Generator().manual_seed(3),
        progress=lambda done, total, loss: losses.append(loss),
    )
    assert losses[-1] < 0.3 * losses[0]
    assert action_sizes(trained).tolist() == [4, 2]
    masks = width_masks(architectures, 24)
    for layer, weight in enumerate(trained.weights):
        cells = masks[layer + 1][:, :, None] * masks[layer][:, None, :]
        assert (weight[cells == 0] == 0).all()
    for index, name in enumerate(tasks):
        policy = trained.policy(index, name, normalisers[name])
        error = policy.act(data[name].observations) - data[name].labels[:, 0]
        assert np.abs(error).mean() < 0.25


def test_transitions_are_written_as_they_are_whatever_their_place_in_memory(tmp_path: Path) -> None:
    """What is read from a sample are columns of a larger table."""
    table = np.random.default_rng(0).standard_normal((7, 9)).astype(np.float32)
    part = Transitions(table[:, :5], table[:, 5:].reshape(7, 2, 2)[:, ::-1])
    save_transitions({TASK: part}, tmp_path / "transitions.safetensors")
    read = load_transitions(tmp_path / "transitions.safetensors")[TASK]
    np.testing.assert_array_equal(read.observations, part.observations)
    np.testing.assert_array_equal(read.labels, part.labels)
