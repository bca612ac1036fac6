"""Turning a training run into a checkpoint folder that ships: everything in half precision, one config."""

import hashlib
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from nnit import __version__
from nnit.checkpoint import load_json, load_tensors, save_json, save_tensors
from nnit.imitation.demonstrations import load_transitions, save_sample
from nnit.presets import Preset
from nnit.sim.suites import suites_of
from nnit.writing import write_whole
from nnit.zoo.networks import Zoo

# Baselines: what their trainers call the model, and what it is.
_BASELINES = {
    "unaligned": ("dit", "the transformer trained on networks with shuffled neurons"),
    "one-step": ("dit", "a transformer of the same size that predicts networks in one evaluation"),
    "flat": ("flat", "the baseline of flattened weights"),
}
_README = """# Checkpoint `{name}`

Made by `python -m nnit train --preset {preset}` and its stage `package`; version `{version}`.

| file | what it holds |
| --- | --- |
| `config.json` | sizes of the models, the preset, the version, the facts of the tasks' suites |
| `dit.safetensors` | the patch DiT (averaged weights, float16) |
| `ghn.safetensors` | the graph hypernetwork (averaged weights, float16) |
| `normalisers.safetensors` | mean and scale of each task's observations |
| `zoo.safetensors` | {networks} networks of the zoo with their measured success (float16) |
| `transitions.safetensors` | up to {transitions} labelled states of each task (16 bits a number) |{baselines}

Tasks: {tasks}.

What it scores, and the commands that measure it, are in the project's README.
"""


def package(preset: Preset, run: Path, out: Path) -> None:
    """Collect the results of a run's stages in one checkpoint folder.

    Raises:
        UserError: a stage has not been run.
    """
    rng = np.random.default_rng(preset.seed)
    dit = _halved(load_tensors(run / "dit" / "dit.safetensors"))
    save_tensors(out / "dit.safetensors", dit)
    save_tensors(out / "ghn.safetensors", _halved(load_tensors(run / "ghn" / "ghn.safetensors")))
    save_tensors(
        out / "normalisers.safetensors", load_tensors(run / "ghn" / "normalisers.safetensors")
    )
    zoo = Zoo.load(run / "zoo" / "zoo.safetensors")
    chosen = np.flatnonzero(np.isfinite(zoo.success))  # those that were measured
    zoo.subset(chosen).save(out / "zoo.safetensors", np.float16)
    save_sample(
        load_transitions(run / "ghn" / "transitions.safetensors"),
        out / "transitions.safetensors",
        preset.zoo.shipped_transitions,
        rng,
    )
    digest = hashlib.sha256((out / "dit.safetensors").read_bytes()).hexdigest()[:8]
    version = f"{preset.name}-{digest}"
    config = {
        "version": version,
        "made_with": __version__,
        "preset": asdict(preset),
        "suites": [suite.to_json() for suite in suites_of(preset.tasks)],
        "ghn": load_json(run / "ghn" / "config.json")["ghn"],
        "dit": load_json(run / "dit" / "config.json")["dit"],
    }
    baselines = ""
    for name, (model, what) in _BASELINES.items():  # where they were trained
        if (run / name / "config.json").exists():
            stored = load_json(run / name / "config.json")
            config[name] = stored[model]
            tensors = load_tensors(run / name / f"{model}.safetensors")
            save_tensors(out / f"{name}.safetensors", _halved(tensors))
            baselines += f"\n| `{name}.safetensors` | {what} (averaged weights, float16) |"
    save_json(out / "config.json", config)
    write_whole(
        out / "README.md",
        _README.format(
            name=preset.name,
            preset=preset.name,
            version=version,
            networks=len(chosen),
            transitions=preset.zoo.shipped_transitions,
            tasks=", ".join(preset.tasks),
            baselines=baselines,
        ),
    )


def _halved(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: t.to(torch.float16) for name, t in tensors.items()}
