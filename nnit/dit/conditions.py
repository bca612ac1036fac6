"""What a network may be asked for besides its task and architecture: the DiT's conditions."""

import numpy as np
from jaxtyping import Float

from nnit.mlp.spec import MLPArchitecture
from nnit.sim.suites.metaworld.style import STYLES, Style
from nnit.splits import MAX_TRAINED_WIDTH, MIN_TRAINED_WIDTH, TRAINED_DEPTHS

# Each in [0, 1], or NaN where it is left open: the style of the motion, the success rate that training
# measured, and a number of parameters that the network keeps to.
CONDITIONS = (*STYLES, "success", "budget")
_OPEN = (0.1, 0.1, 0.1, 0.5)  # share of training networks for which each is left open
_BLUR = 0.05  # of styles
_SLACK = 0.5  # budgets in training are up to exp(this) times what the network has


def budget_condition(parameters: Float[np.ndarray, " N"]) -> Float[np.ndarray, " N"]:
    """Numbers of parameters on a scale from 0 to 1, logarithmic from the least to twice the most."""
    least = MLPArchitecture((MIN_TRAINED_WIDTH,)).parameter_count
    most = 2 * MLPArchitecture((MAX_TRAINED_WIDTH,) * max(TRAINED_DEPTHS)).parameter_count
    return (np.log(parameters / least) / np.log(most / least)).clip(0, 1)


def training_conditions(
    style: Float[np.ndarray, "N 2"],
    success: Float[np.ndarray, " N"],
    parameters: Float[np.ndarray, " N"],
    rng: np.random.Generator,
) -> Float[np.ndarray, "N conditions"]:
    """What training networks are said to be, each condition now and then left open.

    Styles are blurred a little: exact ones would name a single network of the training set each.
    """
    style = (style + _BLUR * rng.uniform(-1, 1, style.shape)).clip(0, 1)
    budget = budget_condition(parameters * np.exp(_SLACK * rng.random(len(parameters))))
    conditions = np.concatenate([style, success[:, None], budget[:, None]], 1)
    conditions[rng.random(conditions.shape) < _OPEN] = np.nan
    return conditions


def wanted_conditions(
    names: tuple[str, ...], style: Style | None, max_parameters: int | None
) -> Float[np.ndarray, " conditions"]:
    """The conditions of networks that should succeed, in a style (any, where None) and to a budget."""
    wanted = {"success": 1.0}
    if style is not None:
        wanted |= {"tempo": style.tempo, "height": style.height}
    if max_parameters is not None:
        wanted["budget"] = float(budget_condition(np.array([max_parameters]))[0])
    return np.array([wanted.get(name, np.nan) for name in names])
