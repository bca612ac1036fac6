"""How much of everything a training run uses.

`smoke` is for tests (half a minute), `cpu` takes about two hours on two cores, `gpu` is for a GPU. `mnist` is for
digits, about an hour on one core, `hidden-goals` for the tasks of that name, about two.
"""

from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from nnit.checkpoint import load_json
from nnit.errors import UserError
from nnit.sim.suites import parse_tasks
from nnit.splits import get_protocol


@dataclass(frozen=True)
class DemonstrationSettings:
    """Expert demonstrations."""

    episodes: int = 120
    warm_up_rounds: int = 6  # of DAgger with plain MLPs
    warm_up_learners: int = 3  # a task
    warm_up_episodes: int = 8  # a learner
    warm_up_steps: int = 1500  # of training for each learner
    warm_up_limit: int = 250  # steps an episode may take


@dataclass(frozen=True)
class GHNSettings:
    """Training of the GHN through the weights it writes."""

    steps: int = 11000
    pairs: int = 8  # (task, architecture) pairs a step, each with two latents
    batch: int = 512  # observations for each network
    lr: float = 1e-3
    table_lr_scale: float = 30.0  # times `lr`, for each task's basis fields or constants
    beta2: float = 0.999  # of Adam
    decoder: str = (
        "cnn+atlas"  # or "cnn", which learns best with twice the `lr` and a `beta2` of 0.99
    )
    blur: bool = True  # of fields along neurons, see `nnit.ghn.model.smooth`
    narrow: bool = False  # draw every doubling of a width equally often
    even: float = 0.0  # share of the steps, the first, that do without the protocol's caps
    widest: int = 64  # hidden layer that it can write
    weight_penalty: float = (
        0.0  # on the mean squared norm of a neuron's weights, so that they stay small
    )
    shift: int = 0  # pixels by which training pictures are moved at most, at random
    spread: float = 0.4  # relative weight distance asked for between two latents
    spread_weight: float = 0.05
    dagger_every: int = 600
    dagger_networks: int = 4  # a task and round; twice as many for tasks below 0.9
    dagger_episodes: int = 3
    dagger_limit: int = 250
    channels: tuple[int, int, int, int] = (48, 32, 16, 8)
    node: int = 192
    axis: int = 48  # channels along an axis of neurons, of the decoder "cnn"
    planes: int = 8  # channels of hidden matrices, likewise


@dataclass(frozen=True)
class ZooSettings:
    """The zoo: networks written by the GHN and fine-tuned on data of their own."""

    networks: int = 3840
    single: float = 0.1  # share of networks with one hidden layer, before the shares sum to 1
    narrow: bool = False  # draw every doubling of a width equally often
    wide: int = 0  # of the networks, the last ones, have 16 neurons or more in every layer
    group: int = 64  # networks of one depth, drawn together
    together: int = 1  # groups fine-tuned at once, where depth and width allow it
    part: int = 8  # groups between two saves
    steps: int = 400
    batch: int = 256
    lr: float = 1e-3
    share: float = 0.5  # of the transitions that each network may see
    episodes: int = 3  # to measure the success of each network that is shipped
    shipped: int = 300  # networks that are measured and that the checkpoint carries for its views
    shipped_transitions: int = 20_000  # a task, for training from scratch and for shared states


@dataclass(frozen=True)
class DiTSettings:
    """Training of the patch DiT."""

    steps: int = 7000
    batch: int = 64
    tokens: int = (
        0  # in a batch at most, so that wide networks do not take all memory; 0 for any number
    )
    lr: float = 1e-3
    patch: int = 16
    width: int = 192
    layers: int = 6
    heads: int = 6
    functional_loss: float = 0.1  # weight of the error of actions beside that of the weights
    states: int = 128  # observations on which each network's actions are compared
    base: str = ""  # or "ghn": write what is added to the GHN's network, not whole weights
    positions: str = "both"  # of patches: "absolute", in neurons, "relative", to the width, or both
    skip: bool = False  # noisy patches reach the output by themselves too
    shapes: int = 0  # architectures a step, drawn as the zoo's, from which only choosing is learned


@dataclass(frozen=True)
class FlatSettings:
    """Training of the flat baseline."""

    components: int = 384  # numbers that stand for a network
    fillings: int = 4  # rounds in which the weights that narrow networks lack are filled in
    steps: int = 10000
    batch: int = 256
    lr: float = 1e-3
    functional_loss: float = 0.1  # weight of the error of actions beside that of the weights
    states: int = 64  # observations on which each network's actions are compared


@dataclass(frozen=True)
class Preset:
    """One size of the whole pipeline."""

    name: str
    tasks: tuple[str, ...] = tuple(task.name for task in parse_tasks("mt10"))
    seed: int = 0
    protocol: str = "dense"  # of `nnit.splits`: which architectures are trained on
    demonstrations: DemonstrationSettings = field(default_factory=DemonstrationSettings)
    ghn: GHNSettings = field(default_factory=GHNSettings)
    zoo: ZooSettings = field(default_factory=ZooSettings)
    dit: DiTSettings = field(default_factory=DiTSettings)
    flat: FlatSettings = field(default_factory=FlatSettings)


# How the decoder "cnn" learns best.
CNN = GHNSettings(decoder="cnn", lr=2e-3, beta2=0.99, narrow=True)
_NARROW = ZooSettings(narrow=True, single=0.2)
_SMALL_DIT = DiTSettings(width=128, layers=4, heads=4, shapes=48)
_SMALL_FLAT = FlatSettings(steps=5000)

PRESETS: dict[str, Preset] = {
    "smoke": Preset(
        "smoke",
        tasks=("reach-v3", "drawer-close-v3"),
        demonstrations=DemonstrationSettings(
            episodes=8,
            warm_up_rounds=1,
            warm_up_learners=1,
            warm_up_episodes=1,
            warm_up_steps=60,
            warm_up_limit=60,
        ),
        ghn=GHNSettings(
            steps=60,
            pairs=2,
            batch=128,
            dagger_every=30,
            dagger_networks=1,
            dagger_episodes=1,
            dagger_limit=60,
            channels=(16, 16, 16, 8),
            node=32,
        ),
        zoo=ZooSettings(
            networks=48, group=16, steps=20, episodes=1, shipped=16, shipped_transitions=400
        ),
        dit=DiTSettings(steps=60, batch=16, width=48, layers=2, heads=3),
        flat=FlatSettings(components=12, fillings=2, steps=30, batch=16),
    ),
    "cpu": Preset(
        "cpu",
        protocol="dense from 4",
        ghn=replace(CNN, steps=18000),
        zoo=replace(_NARROW, networks=4608, steps=800),
        dit=replace(_SMALL_DIT, steps=8000, functional_loss=2.0),
        flat=_SMALL_FLAT,
    ),
    "hidden-goals": Preset(
        "hidden-goals",
        tasks=tuple(task.name for task in parse_tasks("hidden-goals")),
        demonstrations=DemonstrationSettings(warm_up_rounds=3),
        ghn=replace(CNN, steps=6000),
        zoo=replace(_NARROW, shipped=180, shipped_transitions=12_000),
        dit=_SMALL_DIT,
        flat=_SMALL_FLAT,
    ),
    "mnist": Preset(
        "mnist",
        tasks=("mnist",),
        ghn=GHNSettings(
            steps=16000,
            pairs=6,
            batch=192,
            lr=1e-3,
            table_lr_scale=15.0,
            weight_penalty=3e-3,
            shift=1,
            decoder="axes+atlas",
            narrow=True,
            node=64,
        ),
        zoo=ZooSettings(
            networks=768,
            single=0.2,
            steps=1500,
            batch=128,
            share=0.9,
            episodes=500,
            shipped=48,
            shipped_transitions=500,
        ),
        dit=DiTSettings(
            steps=5000,
            batch=24,
            lr=2e-3,
            patch=28,
            width=128,
            layers=4,
            heads=4,
            functional_loss=0.3,
            states=64,
            skip=True,
        ),
    ),
    "gpu": Preset(
        "gpu",
        demonstrations=DemonstrationSettings(episodes=300, warm_up_rounds=10),
        ghn=replace(CNN, steps=40000, pairs=40),
        zoo=replace(_NARROW, networks=30000, together=16, part=64),
        dit=DiTSettings(steps=100000, batch=256, width=384, layers=10, heads=6, shapes=192),
    ),
}


# Fields of a preset that are settings of a stage.
_STAGES = {
    "demonstrations": DemonstrationSettings,
    "ghn": GHNSettings,
    "zoo": ZooSettings,
    "dit": DiTSettings,
    "flat": FlatSettings,
}


def load_preset(name: str) -> Preset:
    """A preset by its name, or from a JSON file of one's own.

    The file is an object with "base", the name of the preset that it differs from, and the fields that
    differ, such as {"base": "smoke", "tasks": ["reach-v3"], "dit": {"steps": 200}}. The preset's name is the
    file's.

    Raises:
        UserError: there is no such preset, or the file is not what it should be.
    """
    if name in PRESETS:
        return PRESETS[name]
    path = Path(name)
    if path.suffix != ".json":
        raise UserError(
            f'unknown preset "{name[:60]}"; there are {", ".join(PRESETS)}, or the name of a .json file'
        )
    values = load_json(path)
    try:
        base = PRESETS[values.pop("base", "smoke")]
        changes: dict[str, Any] = {"name": path.stem}
        if "name" in values:
            raise ValueError("the name of the file is the preset's name")
        for key, value in values.items():
            if key in _STAGES:
                tuples = {k: tuple(v) if isinstance(v, list) else v for k, v in value.items()}
                changes[key] = replace(getattr(base, key), **tuples)
            elif key == "tasks":
                changes[key] = tuple(task.name for task in parse_tasks(",".join(value)))
            else:
                changes[key] = value
        preset = replace(base, **changes)
        for stage in _STAGES:
            _check_settings(getattr(preset, stage), getattr(base, stage))
        if type(preset.seed) is not int or preset.seed < 0:
            raise ValueError("the seed is a whole number from 0")
        get_protocol(preset.protocol)
        return preset
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UserError(f"{path} does not describe a preset ({error})") from error


def _check_settings(settings: Any, base: Any) -> None:
    """Raise a `ValueError` for a setting of another type than the base has, or a number below 0."""
    for one in fields(settings):
        value, usual = getattr(settings, one.name), getattr(base, one.name)
        number = isinstance(usual, float) and type(value) in (int, float)
        if type(value) is not type(usual) and not number:
            raise ValueError(f"{one.name} cannot be {str(value)[:20]}")
        if type(value) in (int, float) and not 0 <= value < 1e12:
            raise ValueError(f"{one.name} cannot be {value}")
