"""What a browser needs to run a task of MT10 by itself: scene, shapes, and where things stand at the start."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

# Closer to each other than this (metres, seen from above), Meta-World draws object and goal again.
_APART = {
    "reach-v3": 0.15,
    "push-v3": 0.15,
    "pick-place-v3": 0.15,
    "peg-insert-side-v3": 0.1,
}


def live_scene(task: str) -> dict[str, Any]:
    """The facts of one task's scene, JSON values only.

    Returns:
        `task`; `xml`, the scene as `flatten` writes it; `shapes`, what is drawn, as a recording's; `geoms` and
        `sites`, whose places in the flat scene those are; `space`, what is drawn at a reset: `low` and `high`
        ends (metres), and `apart`, how near to each other the two halves may be, or 0.
    """
    from nnit.sim.flat_scene import flatten
    from nnit.sim.replay import shapes_of, shown_geoms, shown_sites
    from nnit.sim.rollout import worker_environment

    environment: Any = worker_environment(task)
    environment.reset(seed=0)
    base = environment.unwrapped
    geoms, sites = shown_geoms(base.model), shown_sites(base.model)
    flat = flatten(base.model)
    space = base._random_reset_space
    return {
        "task": task,
        "xml": flat.xml,
        "shapes": [asdict(shape) for shape in shapes_of(base.model, geoms, sites)],
        "geoms": [flat.drawn_at[geom] for geom in geoms],
        "sites": sites,
        "space": {
            "low": space.low.tolist(),
            "high": space.high.tolist(),
            "apart": _APART.get(task, 0),
        },
    }


def start_of(space: Mapping[str, Any], seed: int) -> dict[str, list[float]]:
    """Where things stand in the episode of an environment seed, without a simulator.

    Gymnasium makes the generator from the seed, and a reset of Meta-World draws twice: what it drew first stays to
    be seen until the first step where nothing computes the places anew.

    Args:
        space: of `live_scene`.
        seed: names the goal.

    Returns:
        `before` and `draw`: the first and the second draw, metres.
    """
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))
    low, high = np.array(space["low"]), np.array(space["high"])

    def draw() -> list[float]:
        while True:
            drawn = rng.uniform(low, high, size=low.size)
            if len(drawn) == 3 or np.linalg.norm(drawn[:2] - drawn[3:5]) >= space["apart"]:
                return [float(value) for value in drawn]

    return {"before": draw(), "draw": draw()}
