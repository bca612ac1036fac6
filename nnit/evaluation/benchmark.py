"""Figures of speed, each beside a limit that is measured in the same run.

A figure alone says as much about the machine as about the program; a fraction of what the same machine
can do compares across machines.
"""

import functools
import logging
import platform
import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch.utils.flop_counter import FlopCounterMode

from nnit.dit.generator import Generator
from nnit.evaluation.alignment.kinds import shared_states
from nnit.evaluation.alignment.report import measure
from nnit.evaluation.alignment.treatments import treat
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture
from nnit.request import SampleRequest
from nnit.sim.gl import GLUnavailable
from nnit.sim.render import SceneRenderer
from nnit.sim.rollout import default_workers, run_many, worker_environment
from nnit.splits import evaluation_goal

logger = logging.getLogger(__name__)

_ARCHITECTURE = MLPArchitecture((64, 64, 64))
_BATCHES = (1, 16, 64)
_MATMUL_SIZE = 1024
_WIDTH, _HEIGHT = 480, 360
_POLICIES_PER_WORKER, _EPISODES = 8, 4
_REPEATS, _CLICKS, _FRAMES = 3, 3, 60
# What a slider of the page Alignment waits for.
_COMPARED, _STATES, _PATCH = 4, 256, 8


def _median_seconds(
    function: Callable[[], object], repeats: int, synchronise: Callable[[], None]
) -> float:
    """The median duration of `function`, in seconds, after one run that warms it up."""
    durations = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        function()
        synchronise()
        durations.append(time.perf_counter() - start)
    return statistics.median(durations[1:])


def _nothing() -> None:
    """Wait for nothing: processors are done when the call returns."""


def _processor() -> str:
    """The processor, and whether it multiplies bfloat16, which times depend on most."""
    try:
        facts = Path("/proc/cpuinfo").read_text()
    except OSError:  # no Linux
        facts = ""
    found = re.search(r"^model name\s*:\s*(.+)$", facts, re.MULTILINE)
    name = found[1] if found else platform.processor() or platform.machine()
    products = "with" if torch.cpu._is_avx512_bf16_supported() else "without"
    return f"{name.strip()}, {default_workers()} processors, {products} bfloat16"


def _device_name(device: torch.device) -> str:
    """The device that samples, with the processor, which everything else runs on."""
    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)}; {_processor()}"
    return f"{device.type}: {_processor()}"


def _bare_steps_per_second(task: str, seeds: list[int], steps: list[int]) -> float:
    """Environment steps a second in this process alone, over the same goals and as many steps each.

    Resets count as they do in real episodes, where they cost about as much as thirty steps.
    """
    environment = worker_environment(task)
    action = np.zeros(environment.action_space.shape or (), np.float32)
    environment.reset(seed=seeds[0])
    start = time.perf_counter()
    for seed, count in zip(seeds, steps, strict=True):
        environment.reset(seed=seed)
        for _ in range(count):
            environment.step(action)
    return sum(steps) / (time.perf_counter() - start)


def measure_steps(policies: list[Policy], workers: int) -> dict[str, float]:
    """How fast workers step environments under policies, and how fast one bare process does.

    Args:
        policies: all for the same task.
        workers: number of processes, warm when measured.
    """
    task = policies[0].task
    goals = [
        [evaluation_goal(0, task, str(_ARCHITECTURE), i, j) for j in range(_EPISODES)]
        for i in range(len(policies))
    ]
    run_many(policies, goals, workers=workers)
    rates, bare = [], []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        episodes = run_many(policies, goals, workers=workers)
        duration = time.perf_counter() - start
        steps = [episode.steps for one in episodes for episode in one]
        rates.append(sum(steps) / duration)
        bare.append(_bare_steps_per_second(task, [s for one in goals for s in one], steps))
    return {
        "env_steps_per_second": statistics.median(rates),
        "bare_env_steps_per_second": statistics.median(bare),
    }


def _measure_alignment(policies: list[Policy], checkpoint: Path) -> dict[str, float]:
    """Seconds to shuffle networks and measure them, and to solve each assignment of their matching once.

    Args:
        policies: of one architecture; the others are compared with the first.
        checkpoint: whose states they are compared on.
    """
    states = shared_states(policies[0].task, checkpoint, _STATES)

    def shuffle_and_measure() -> None:
        treated = treat(policies, "shuffled", fraction=0.5)
        measure(treated.networks, patch=_PATCH, partners=treated.partners, states=states)

    rng = np.random.default_rng(0)
    widths = _ARCHITECTURE.hidden * (len(policies) - 1)
    similarities = [rng.normal(size=(width, width)) for width in widths]

    def assign_once() -> None:
        for similarity in similarities:
            linear_sum_assignment(similarity)

    return {
        "alignment_seconds": _median_seconds(shuffle_and_measure, _REPEATS, _nothing),
        "bare_assignment_seconds": _median_seconds(assign_once, _REPEATS, _nothing),
    }


def _measure_video(generator: Generator, task: str) -> dict[str, float | None]:
    """Pictures drawn a second, and seconds from asking for a network to its video; None without GL.

    The video is made as the app makes it: one GL context and one scene that are kept.
    """
    try:
        with SceneRenderer(_WIDTH, _HEIGHT) as renderer:

            def click(seed: int) -> float:
                start = time.perf_counter()
                (policy,) = generator.sample(SampleRequest(task, _ARCHITECTURE, seed))
                renderer.film(policy, evaluation_goal(seed, task, str(_ARCHITECTURE), 0, 0))
                return time.perf_counter() - start

            click(0)  # warms up
            clicks = [click(seed) for seed in range(1, 1 + _CLICKS)]
            # The picture alone, without physics and without encoding.
            draw = renderer.scene(task).draw
            frame_seconds = _median_seconds(draw, _FRAMES, _nothing)
    except GLUnavailable as error:
        logger.warning("no videos: %s", error)
        return {"render_fps": None, "click_to_video_seconds": None}
    return {
        "render_fps": 1 / frame_seconds,
        "click_to_video_seconds": statistics.median(clicks),
    }


def run_benchmark(checkpoint: Path, *, workers: int | None = None) -> dict[str, Any]:
    """All figures, by the names that DESIGN and README give them.

    Args:
        checkpoint: folder of the generator.
        workers: processes for episodes; by default one a processor.
    """
    generator = Generator.load(checkpoint)
    task = generator.tasks[0]
    device = torch.device(generator.device)
    synchronise = torch.cuda.synchronize if device.type == "cuda" else _nothing
    workers = workers or default_workers()

    logger.info("matrix product")
    square = torch.randn(_MATMUL_SIZE, _MATMUL_SIZE, device=device)
    matmul = _median_seconds(lambda: square @ square, 20, synchronise)

    sample_seconds = {}
    for batch in _BATCHES:
        logger.info("sampling %d", batch)
        sample_seconds[str(batch)] = _median_seconds(
            functools.partial(generator.sample, SampleRequest(task, _ARCHITECTURE, count=batch)),
            _REPEATS,
            synchronise,
        )
    largest = _BATCHES[-1]
    with FlopCounterMode(display=False) as counter:
        policies = generator.sample(SampleRequest(task, _ARCHITECTURE, count=largest))
    sampling_rate = counter.get_total_flops() / sample_seconds[str(largest)]
    matmul_rate = 2 * _MATMUL_SIZE**3 / matmul

    logger.info("alignment")
    alignment = _measure_alignment(policies[:_COMPARED], checkpoint)
    logger.info("episodes")
    needed = workers * _POLICIES_PER_WORKER
    steps = measure_steps([policies[i % len(policies)] for i in range(needed)], workers)
    logger.info("video")
    return {
        "device": _device_name(device),
        "sample_seconds": sample_seconds,
        "matmul_seconds": matmul,
        "sample_peak_fraction": sampling_rate / matmul_rate,
        **alignment,
        "workers": workers,
        **steps,
        **_measure_video(generator, task),
    }
