"""What each part of the method is worth: small models trained without it, all at about the same cost.

Every variant is trained anew from the zoo on, those of the hypernetwork (GHN) from there on, on the states that the
checkpoint carries. What has been trained is kept under `runs/ablations`, so that a stopped run goes on.
"""

import hashlib
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from nnit.alignment.metrics import morans_i, total_variation
from nnit.checkpoint import load_json, save_json
from nnit.dit.training import DiTTrainer
from nnit.evaluation.experiments.base import (
    Bench,
    Experiment,
    Row,
    cells_for,
    measure_cells,
    pooled,
)
from nnit.ghn.model import GHN
from nnit.ghn.store import load_ghn
from nnit.ghn.training import GHNTrainer
from nnit.imitation.demonstrations import load_sample, load_transitions, save_transitions
from nnit.imitation.fitting import normalised
from nnit.mlp.normaliser import Normaliser
from nnit.pack import package
from nnit.presets import CNN, DiTSettings, GHNSettings, Preset, ZooSettings
from nnit.splits import HELD_OUT
from nnit.zoo.builder import ZooBuilder
from nnit.zoo.networks import Zoo
from nnit.zoo.reordered import (
    Fitting,
    in_one_random_order,
    matched,
    shuffled,
    trained_apart,
    without_latents,
)

_WORK = Path("runs/ablations")
_NEVER = 10**9  # steps
_GHN_FILES = ("ghn.safetensors", "normalisers.safetensors", "config.json")


@dataclass(frozen=True)
class Scale:
    """How large the models are and how long they are trained.

    Attributes:
        ghn_steps: of a GHN whose decoder is `cnn` or `cnn-1x1`.
        field_steps: of a GHN whose decoder has whole fields, of which a step costs about 2.4 times as much.
        zoo: networks, and how they are fine-tuned.
        apart: how networks are trained from random weights.
        dit: of the main variant.
        fewer_steps: of the DiT with patches of 8 and of 4, which cost more a step.
    """

    ghn_steps: int = 1800
    field_steps: int = 750
    zoo: ZooSettings = field(
        default_factory=lambda: ZooSettings(networks=960, shipped=60, episodes=3)
    )
    apart: Fitting = field(default_factory=Fitting)
    dit: DiTSettings = field(
        default_factory=lambda: DiTSettings(
            steps=1500, batch=32, width=96, layers=3, heads=3, states=64
        )
    )
    fewer_steps: tuple[int, int] = (700, 200)

    @classmethod
    def tiny(cls) -> "Scale":
        """A few seconds."""
        return cls(
            ghn_steps=2,
            field_steps=2,
            zoo=ZooSettings(networks=32, group=16, steps=2, episodes=1, shipped=2),
            apart=Fitting(steps=2, batch=16),
            dit=DiTSettings(steps=2, batch=8, width=32, layers=1, heads=2, states=8),
            fewer_steps=(2, 1),
        )


@dataclass(frozen=True)
class Variant:
    """One line of the table.

    Attributes:
        words: what differs from the main variant.
        zoo: makes the zoo that the DiT learns from: given the GHN's zoo, its folder and what to call meanwhile.
        ghn: settings of a GHN of its own; none: the checkpoint's.
        dit: changes the DiT's settings.
        seed: of the DiT's start, noise and batches.
        one_step: whether the DiT is trained as a regression, which writes a network in one evaluation.
    """

    words: str
    zoo: "Callable[[_Bed, Zoo], Zoo] | None" = None
    ghn: "Callable[[Scale], GHNSettings] | None" = None
    dit: Callable[[DiTSettings, Scale], DiTSettings] = lambda settings, _: settings
    seed: int = 0
    one_step: bool = False


def _cnn(decoder: str) -> Callable[[Scale], GHNSettings]:
    return lambda scale: replace(CNN, decoder=decoder, steps=scale.ghn_steps, dagger_every=_NEVER)


def _fields(decoder: str, *, blur: bool = True) -> Callable[[Scale], GHNSettings]:
    return lambda scale: GHNSettings(
        decoder=decoder,
        blur=blur,
        beta2=0.99,
        narrow=True,
        steps=scale.field_steps,
        dagger_every=_NEVER,
    )


VARIANTS: dict[str, Variant] = {
    "main": Variant(
        "the method: GHN of the checkpoint named above, aligned zoo, patches of 16, latent, loss of actions"
    ),
    "seed-1": Variant("the same with another training seed", seed=1),
    "seed-2": Variant("the same with a third training seed", seed=2),
    "shuffled": Variant(
        "every network's neurons in a random order of its own", lambda bed, zoo: shuffled(zoo, 0)
    ),
    "one-order": Variant(
        "all networks' neurons in one random order; a neuron's place depends on the width",
        lambda bed, zoo: in_one_random_order(zoo, 0),
    ),
    "one-order-16": Variant(
        "every 16 neurons in one random order for all: aligned at every width, but not smooth",
        lambda bed, zoo: in_one_random_order(zoo, 0, block=16),
    ),
    "matched": Variant(
        "shuffled, then matched to the GHN's networks by weights",
        lambda bed, zoo: matched(shuffled(zoo, 0), bed.ghn()[0], bed.said("matched")),
    ),
    "apart": Variant(
        "networks trained apart from random weights, not matched, no latents",
        lambda bed, zoo: without_latents(bed.apart(zoo)),
    ),
    "apart-matched": Variant(
        "networks trained apart, matched to the GHN's networks by weights, no latents",
        lambda bed, zoo: without_latents(
            matched(bed.apart(zoo), bed.ghn()[0], bed.said("matched"))
        ),
    ),
    "no-latent": Variant(
        "the model is not told the GHN's latents", lambda bed, zoo: without_latents(zoo)
    ),
    "no-actions": Variant(
        "no loss of actions", dit=lambda settings, _: replace(settings, functional_loss=0.0)
    ),
    "absolute": Variant(
        "places of patches in neurons alone",
        dit=lambda settings, _: replace(settings, positions="absolute"),
    ),
    "relative": Variant(
        "places of patches relative to the width alone",
        dit=lambda settings, _: replace(settings, positions="relative"),
    ),
    "patch-8": Variant(
        "patches of 8 x 8, fewer steps",
        dit=lambda settings, scale: replace(settings, patch=8, steps=scale.fewer_steps[0]),
    ),
    "patch-4": Variant(
        "patches of 4 x 4, fewer steps",
        dit=lambda settings, scale: replace(settings, patch=4, steps=scale.fewer_steps[1]),
    ),
    "one-step": Variant(
        "a regression to the mean network: one evaluation, no noise", one_step=True
    ),
    "cnn": Variant("GHN trained anew, a CNN writes all weights", ghn=_cnn("cnn")),
    "cnn-1x1": Variant("the same with convolutions of 1 x 1", ghn=_cnn("cnn-1x1")),
    "cnn-atlas": Variant("GHN trained anew, CNN and atlas", ghn=_fields("cnn+atlas")),
    "cnn-atlas-no-blur": Variant("the same without the blur", ghn=_fields("cnn+atlas", blur=False)),
    "atlas": Variant("GHN trained anew, atlas alone", ghn=_fields("atlas")),
}


@dataclass(frozen=True)
class Ablations(Experiment):
    """Success of small models, each trained without one part of the method or with another in its place.

    Attributes:
        variants: each a part, from `VARIANTS`.
        trained_on: tasks; those among them that the checkpoint has.
        architectures: on which success is measured; none of them was trained on.
        networks: for each task and architecture.
        episodes: of each network.
        scale: of models and training.
    """

    name: ClassVar[str] = "ablations"
    by_part: ClassVar[tuple[str, ...]] = ("variants",)
    when_named: ClassVar[bool] = True

    variants: tuple[str, ...] = tuple(VARIANTS)
    trained_on: tuple[str, ...] = ("reach-v3", "push-v3", "pick-place-v3")
    architectures: tuple[str, ...] = HELD_OUT
    networks: int = 2
    episodes: int = 5
    scale: Scale = field(default_factory=Scale)

    @classmethod
    def quick(cls) -> "Ablations":
        """A few seconds of it."""
        return cls(
            ("main", "one-order", "apart-matched", "one-step", "cnn-1x1"),
            ("reach-v3",),
            ("12-20",),
            networks=1,
            episodes=1,
            scale=Scale.tiny(),
        )

    def parts(self) -> tuple[str, ...]:
        """The variants."""
        return self.variants

    def measure(self, part: str, bench: Bench) -> Row:
        """Train one variant, and measure its networks; those of its GHN too where it has its own."""
        bench = self._for_tasks(bench)
        bed = _Bed(self, bench)
        variant = VARIANTS[part]
        run, facts = bed.train(part, variant)
        own = replace(bench, checkpoint=run / "checkpoint")
        source = "one-step" if variant.one_step else "nnit"
        cells = cells_for(own, source, self.architectures, self.networks, {"source": source})
        if variant.ghn is not None or part == "main":
            cells += cells_for(own, "ghn", self.architectures, self.networks, {"source": "ghn"})
        measured = measure_cells(cells, self.episodes, own, f"ablation {part}")
        generated = [row for row in measured["results"] if row["source"] == source]
        return {**facts, **pooled(generated), **measured}

    def _for_tasks(self, bench: Bench) -> Bench:
        """The bench with the tasks that are trained on alone."""
        return replace(bench, tasks=tuple(t for t in self.trained_on if t in bench.tasks))

    def _made(self, part: str, bench: Bench) -> Row:
        return super()._made(part, self._for_tasks(bench))


class _Bed:
    """What the variants of one run share: data, the checkpoint's GHN and its zoo, each made once."""

    def __init__(self, experiment: Ablations, bench: Bench) -> None:
        self.scale, self.bench = experiment.scale, bench
        told = json.dumps([bench.version, bench.tasks, asdict(experiment.scale)])
        self.folder = _WORK / hashlib.sha256(told.encode()).hexdigest()[:12]
        self.preset = Preset("ablations", bench.tasks, zoo=self.scale.zoo, dit=self.scale.dit)

    def said(self, what: str) -> Callable[..., None]:
        """The bench's progress, under these words."""
        return lambda done, total, *_: self.bench.progress(f"ablations: {what}", done, total)

    def data(self) -> Path:
        """The checkpoint's states of the tasks, as a file of transitions."""
        path = self.folder / "transitions.safetensors"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            sample = load_sample(self.bench.checkpoint / "transitions.safetensors")
            save_transitions({task: sample[task] for task in self.bench.tasks}, path)
        return path

    def _ghn_folder(self) -> Path:
        """The checkpoint's GHN as the stages of training have it."""
        folder = self.folder / "ghn"
        if not (folder / "transitions.safetensors").exists():
            folder.mkdir(parents=True, exist_ok=True)
            for name in _GHN_FILES:
                shutil.copyfile(self.bench.checkpoint / name, folder / name)
            shutil.copyfile(self.data(), folder / "transitions.safetensors")
        return folder

    def ghn(self) -> tuple[GHN, dict[str, Normaliser]]:
        """The checkpoint's GHN, and its normalisers."""
        return load_ghn(self._ghn_folder())

    def _zoo(self, ghn: Path, folder: Path) -> Zoo:
        path = folder / "zoo.safetensors"
        if not path.exists():
            ZooBuilder(self.preset, ghn, folder).run(self.said("zoo"))
        return Zoo.load(path)

    def apart(self, zoo: Zoo) -> Zoo:
        """Networks like those of a zoo, trained from random weights; made once."""
        path = self.folder / "apart.safetensors"
        if not path.exists():
            _, normalisers = self.ghn()
            data = normalised(load_transitions(self.data()), normalisers)
            made = trained_apart(zoo, data, self.scale.apart, 0, self.said("trained apart"))
            builder = ZooBuilder(self.preset, self._ghn_folder(), self.folder / "zoo")
            builder.measure(made, self.said("networks trained apart"))
            made.save(path)
        return Zoo.load(path)

    def train(self, name: str, variant: Variant) -> tuple[Path, Row]:
        """Train a variant and pack its checkpoint; the run's folder, and what there is to say of it."""
        run = self.folder / name
        facts: Row = {}
        preset = replace(
            self.preset, seed=variant.seed, dit=variant.dit(self.scale.dit, self.scale)
        )
        if variant.ghn is None:
            ghn, zoo = self._ghn_folder(), self._zoo(self._ghn_folder(), self.folder / "zoo")
        else:
            ghn = run / "ghn"
            trainer = GHNTrainer(
                replace(self.preset, ghn=variant.ghn(self.scale)), self.data(), ghn
            )
            facts["ghn_seconds"] = _timed(run / "ghn.json", lambda: trainer.run(self.said("GHN")))
            zoo = self._zoo(ghn, run / "zoo-of-ghn")
        path = run / "zoo" / "zoo.safetensors"
        if not path.exists():
            (variant.zoo(self, zoo) if variant.zoo else zoo).save(path)
        zoo = Zoo.load(path)
        facts |= _zoo_facts(zoo)
        stage = "one-step" if variant.one_step else "dit"
        dit = DiTTrainer(preset, path, ghn, run / stage, one_step=variant.one_step)
        facts["dit_steps"] = preset.dit.steps
        facts["dit_seconds"] = _timed(run / "dit.json", lambda: dit.run(self.said(f"DiT, {name}")))
        facts["errors"] = _kept(run / "errors.json", dit.errors)
        if variant.one_step and not (run / "dit").exists():
            shutil.copytree(run / stage, run / "dit")  # a checkpoint has a DiT
        if not (run / "ghn").exists():
            shutil.copytree(ghn, run / "ghn")
        package(preset, run, run / "checkpoint")
        return run, facts


def _kept(path: Path, value: Row) -> Row:
    """What was written first, since a training that is done says nothing when it is resumed."""
    if value and not path.exists():
        save_json(path, value)
    return dict(load_json(path)) if path.exists() else {}


def _timed(path: Path, train: Callable[[], None]) -> float:
    """Processor time of a training in seconds, over all its threads and over all its resumptions."""
    before = _kept(path, {}).get("seconds", 0.0)
    begun = time.process_time()
    try:
        train()
    finally:
        seconds = before + time.process_time() - begun
        save_json(path, {"seconds": seconds})
    return float(seconds)


def _zoo_facts(zoo: Zoo) -> Row:
    """How the training networks do, and how much neighbouring neurons are alike."""
    rates = zoo.success[np.isfinite(zoo.success)]
    networks = [zoo[index] for index in range(len(zoo))]
    return {
        "zoo_success": float(rates.mean()),
        "total_variation": float(np.mean([total_variation(one) for one in networks])),
        "morans_i": float(np.mean([morans_i(one) for one in networks])),
    }
