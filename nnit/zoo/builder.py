"""Building the zoo: networks written by the GHN and fine-tuned on their own data."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from nnit.checkpoint import claim
from nnit.ghn.store import draw_latents, load_ghn, write_networks
from nnit.imitation.demonstrations import load_transitions
from nnit.imitation.fitting import Conditions, OwnShares, fit, normalised
from nnit.presets import Preset
from nnit.sim.rollout import run_many
from nnit.sim.suites import get_task
from nnit.splits import ArchitecturePool, get_protocol, goal_seed
from nnit.zoo.networks import Zoo

logger = logging.getLogger(__name__)

_DEPTH_SHARES = {1: 0.1, 2: 0.45, 3: 0.45, 5: 0.4}
_PART_GROUPS = 8  # groups fine-tuned between two saves


class ZooBuilder:
    """Builds a zoo group by group; finished parts are kept, so that a stopped run goes on."""

    def __init__(self, preset: Preset, ghn_folder: Path, folder: Path) -> None:
        self.preset, self.settings, self.folder = preset, preset.zoo, folder
        self.ghn, self.normalisers = load_ghn(ghn_folder)
        written = (ghn_folder / "ghn.safetensors").read_bytes()
        self.ghn_digest = hashlib.sha256(written).hexdigest()
        transitions = load_transitions(ghn_folder / "transitions.safetensors")
        self.data = normalised(transitions, self.normalisers)
        self.pool = ArchitecturePool(get_protocol(preset.protocol), _DEPTH_SHARES)

    def run(self, progress: Callable[[int, int, str], None]) -> None:
        """Fine-tune all networks, then measure them, saving part by part."""
        groups = max(1, self.settings.networks // self.settings.group)
        claim(
            self.folder,
            {"seed": self.preset.seed, "settings": asdict(self.settings), "ghn": self.ghn_digest},
        )
        parts = []
        for first in range(0, groups, _PART_GROUPS):
            path = self.folder / "parts" / f"{first:05d}.safetensors"
            if not path.exists():
                built = []
                for group in range(first, min(first + _PART_GROUPS, groups)):
                    built.append(self._build_group(group))
                    progress(group + 1, groups, "groups fine-tuned")
                self._measure(Zoo.join(built), first, progress).save(path)
            parts.append(Zoo.load(path))
        zoo = Zoo.join(parts)
        zoo.save(self.folder / "zoo.safetensors")
        for index, task in enumerate(zoo.tasks):
            rate = zoo.success[zoo.task == index].mean()
            logger.info("zoo success %s %.3f", task, rate)

    def _build_group(self, group: int) -> Zoo:
        """Write and fine-tune one group of networks, all of one depth."""
        settings = self.settings
        rng = np.random.default_rng((self.preset.seed, 2, group))
        generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
        depth = self.pool.depth(rng)
        drawn = self.pool.draw(depth, self.pool.cap(rng), settings.group, rng)
        task = (np.arange(settings.group) + group) % len(self.preset.tasks)
        names = [self.preset.tasks[i] for i in task]
        architectures = [
            get_task(name).suite.sized(one) for name, one in zip(names, drawn, strict=True)
        ]
        conditions = Conditions.draw(self.ghn.config.conditions, names, generator)
        latents = draw_latents(self.ghn, settings.group, generator)
        written = write_networks(
            self.ghn, architectures, torch.from_numpy(task), conditions, latents
        )
        shares = OwnShares(self.data, names, conditions, settings.share, rng)
        networks = fit(
            written,
            shares,
            steps=settings.steps,
            batch=settings.batch,
            lr=settings.lr,
            generator=generator,
        )
        flat = []
        for index in range(settings.group):
            for weight, bias in zip(*networks.matrices(index), strict=True):
                flat += [weight.reshape(-1), bias]
        hidden = np.zeros((settings.group, max(self.pool.depths)), np.int64)
        hidden[:, :depth] = [a.hidden for a in architectures]
        suites = [get_task(name).suite for name in self.preset.tasks]
        return Zoo(
            self.preset.tasks,
            [(suite.observation_size, suite.action_size, suite.activation) for suite in suites],
            conditions.names,
            task=task.astype(np.int64),
            hidden=hidden,
            conditions=conditions.values.numpy(),
            success=np.full(settings.group, np.nan, np.float32),
            measured=np.full((settings.group, len(conditions.names)), np.nan, np.float32),
            latent=latents.numpy(),
            parameters=np.concatenate(flat),
        )

    def _measure(self, zoo: Zoo, part: int, progress: Callable[[int, int, str], None]) -> Zoo:
        """The zoo with how every network did on goals of its own."""
        policies = [
            zoo.policy(i, self.normalisers[zoo.tasks[zoo.task[i]]]) for i in range(len(zoo))
        ]
        seeds = [
            [goal_seed("select", "zoo", part, i, e) for e in range(self.settings.episodes)]
            for i in range(len(zoo))
        ]
        results = run_many(
            policies,
            seeds,
            progress=lambda done, total: progress(done, total, "networks measured"),
        )
        success = [np.mean([episode.success for episode in episodes]) for episodes in results]
        names = zoo.condition_names
        measured = [
            np.mean([[e.measured.get(name, np.nan) for name in names] for e in episodes], 0)
            for episodes in results
        ]
        zoo.success = np.array(success, np.float32)
        zoo.measured = np.array(measured, np.float32).reshape(len(zoo), len(names))
        return zoo
