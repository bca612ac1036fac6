"""The flow between noise and weights: its path, its times, and solvers. Knows nothing of the network.

Straight (rectified) paths, Liu et al. 2023 and Lipman et al. 2023: x_t = (1 - t) noise + t x_1, so the
velocity is x_1 - noise. The network predicts the clean x_1; the velocity at x_t follows as
(x_1 - x_t) / (1 - t).
"""

from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

# A prediction of x_1 from (x_t, t): (N, T, cells), scalar -> (N, T, cells).
Denoiser = Callable[[Tensor, float], Tensor]
# Called with (steps done, x_t before the step, the predicted x_1) after each step's first prediction.
OnStep = Callable[[int, Tensor, Tensor], None]
# (denoise, noise, steps, on_step) -> x_1, following the velocity from noise to weights.
Solver = Callable[[Denoiser, Tensor, int, OnStep | None], Tensor]


def interpolate(noise: Tensor, clean: Tensor, time: Float[Tensor, " N"]) -> Tensor:
    """x_t on the straight path from noise (t = 0) to clean (t = 1)."""
    time = time.view(-1, *[1] * (clean.ndim - 1))
    return (1 - time) * noise + time * clean


def logit_normal_times(count: int, rng: np.random.Generator) -> Float[Tensor, " N"]:
    """Training times in (0, 1), densest in the middle (Esser et al. 2024, section 3.1)."""
    return torch.from_numpy(rng.standard_normal(count, np.float32)).sigmoid()


def euler(denoise: Denoiser, noise: Tensor, steps: int, on_step: OnStep | None = None) -> Tensor:
    """Follow the velocity in `steps` equal straight steps; one evaluation each."""
    x = noise
    for index in range(steps):
        clean = denoise(x, index / steps)
        if on_step is not None:
            on_step(index + 1, x, clean)
        # With the last step t reaches 1 and x becomes the prediction itself.
        x = x + (clean - x) * (1 / (steps - index))
    return x


def heun(denoise: Denoiser, noise: Tensor, steps: int, on_step: OnStep | None = None) -> Tensor:
    """Each step with the mean of the velocities at its two ends (Heun); 2 `steps` - 1 evaluations.

    At t = 1 there is no velocity, so that the last step is Euler's.
    """
    x = noise
    for index in range(steps):
        time = index / steps
        clean = denoise(x, time)
        if on_step is not None:
            on_step(index + 1, x, clean)
        velocity = (clean - x) / (1 - time)
        there = x + velocity / steps
        if index < steps - 1:
            after = (index + 1) / steps
            ahead = (denoise(there, after) - there) / (1 - after)
            there = x + (velocity + ahead) / (2 * steps)
        x = there
    return x


def adams_bashforth(
    denoise: Denoiser, noise: Tensor, steps: int, on_step: OnStep | None = None
) -> Tensor:
    """Second order from the velocities of this step and the one before; one evaluation each.

    The first and the last step are Euler's: one has no step before it, the other ends in the prediction.
    """
    x, before = noise, None
    for index in range(steps):
        time = index / steps
        clean = denoise(x, time)
        if on_step is not None:
            on_step(index + 1, x, clean)
        velocity = (clean - x) / (1 - time)
        if before is None or index == steps - 1:
            x = x + velocity / steps
        else:
            x = x + (1.5 * velocity - 0.5 * before) / steps
        before = velocity
    return x


SOLVERS: dict[str, Solver] = {"euler": euler, "heun": heun, "adams-bashforth": adams_bashforth}
