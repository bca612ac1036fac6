"""Paths start in noise and end in weights; solvers follow them."""

import numpy as np
import pytest
import torch

from nnit.dit.flow import SOLVERS, Denoiser, Solver, euler, interpolate, logit_normal_times


def _pair() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(3, 5, 4, generator=generator), torch.randn(3, 5, 4, generator=generator)


def test_the_path_runs_from_noise_to_clean() -> None:
    noise, clean = _pair()
    torch.testing.assert_close(interpolate(noise, clean, torch.zeros(3)), noise)
    torch.testing.assert_close(interpolate(noise, clean, torch.ones(3)), clean)
    half = interpolate(noise, clean, torch.tensor([0.5, 0.0, 1.0]))
    torch.testing.assert_close(half[0], (noise[0] + clean[0]) / 2)


@pytest.mark.parametrize("solver", SOLVERS.values(), ids=list(SOLVERS))
@pytest.mark.parametrize("steps", [1, 2, 8, 50])
def test_a_perfect_denoiser_is_reached_in_any_number_of_steps(solver: Solver, steps: int) -> None:
    noise, clean = _pair()
    end = solver(lambda x, t: clean, noise, steps, None)
    torch.testing.assert_close(end, clean, atol=1e-5, rtol=1e-5)


def gaussian_denoiser(spread: float) -> Denoiser:
    """The best denoiser of data N(0, spread^2)."""

    def denoise(x: torch.Tensor, time: float) -> torch.Tensor:
        return x * time * spread**2 / (time**2 * spread**2 + (1 - time) ** 2)

    return denoise


def test_solvers_of_second_order_need_fewer_steps() -> None:
    noise = torch.randn(1000, generator=torch.Generator().manual_seed(1))
    errors = {}
    for name, solver in SOLVERS.items():
        end = solver(gaussian_denoiser(0.3), noise, 16, None)
        errors[name] = (end / noise - 0.3).abs().max().item()
    assert errors["heun"] < 0.5 * errors["euler"]
    assert errors["adams-bashforth"] < 0.8 * errors["euler"]


@pytest.mark.parametrize("steps", [2, 8])
def test_the_solver_stays_on_the_straight_path(steps: int) -> None:
    noise, clean = _pair()
    seen: list[tuple[int, torch.Tensor]] = []
    euler(lambda x, t: clean, noise, steps, lambda done, x, predicted: seen.append((done, x)))
    assert [done for done, _ in seen] == list(range(1, steps + 1))
    for done, x in seen:
        time = torch.full((3,), (done - 1) / steps)
        torch.testing.assert_close(x, interpolate(noise, clean, time))


def test_the_end_of_a_gaussian_flow_has_the_data_s_spread() -> None:
    """For data N(0, s^2) the best denoiser is known; following it must turn unit noise into spread s."""
    noise = torch.randn(20_000, generator=torch.Generator().manual_seed(1))
    result = euler(gaussian_denoiser(0.3), noise, 200)
    assert result.std().item() == pytest.approx(0.3, rel=0.03)


def test_training_times_stay_inside_the_path() -> None:
    times = logit_normal_times(10_000, np.random.default_rng(2))
    assert 0 < times.min() < 0.1 < 0.9 < times.max() < 1
    assert times.mean().item() == pytest.approx(0.5, abs=0.02)
