"""Files of earlier versions, brought to today's form: names that changed, and facts that were not stored.

Until version 0.1 there was one suite, Meta-World with two conditions, so its sizes and its conditions'
names were nowhere written. Everything that reads a file passes what it read through here; nothing else
knows of earlier forms. Newly written files pass unchanged.
"""

from collections.abc import Mapping
from typing import Any

from nnit.mlp.spec import ACTION_SIZE, ACTIVATION, OBSERVATION_SIZE
from nnit.sim.suites import suites_of

_CONDITIONS = ("tempo", "height")
_ZOO_NAMES = {"style": "conditions", "motion": "measured"}


# Fields of a preset's settings.
_SETTING_NAMES = {"rate": "lr", "atlas_rate": "table_lr_scale", "behaviour": "functional_loss"}


def upgraded_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """A checkpoint's config.json.

    Raises:
        UserError: it names no suites, and its tasks are not registered.
    """
    if "suites" in config:
        return dict(config)
    preset = {
        stage: {_SETTING_NAMES.get(name, name): value for name, value in settings.items()}
        if isinstance(settings, dict)
        else settings
        for stage, settings in config.get("preset", {}).items()
    }
    return {
        **config,
        "preset": preset,
        "ghn": upgraded_ghn_config(config["ghn"]),
        "suites": [suite.to_json() for suite in suites_of(config["dit"]["tasks"])],
    }


# Beginnings of the names of a DiT's weights.
_DIT_NAMES = {
    "patch_in.": "x_embedder.",
    "kind.": "kind_embedder.",
    "position.": "pos_embedder.",
    "layer_token.": "layer_embedder.",
    "depth_token.": "depth_embedder.",
    "depth_out.": "depth_head.",
    "widths_out.": "width_head.",
    "task.": "task_embedder.",
    "conditions.": "condition_embedders.",
    "latent.": "z_embedder.",
    "open_latent": "open_z",
    "time.": "t_embedder.",
    "final_modulation.": "final_layer.adaLN_modulation.1.",
    "patch_out.": "final_layer.linear.",
}
# The same inside a block.
_BLOCK_NAMES = {
    ".qkv.": ".attn.qkv.",
    ".project.": ".attn.proj.",
    ".modulation.": ".adaLN_modulation.1.",
}


def upgraded_dit(tensors: Mapping[str, Any]) -> dict[str, Any]:
    """The weights of a DiT by name; modulations once gave the scale before the shift."""
    if "patch_in.weight" not in tensors:
        return dict(tensors)
    import torch

    upgraded = {}
    for name, tensor in tensors.items():
        if name.startswith("blocks."):
            new = next((name.replace(a, b) for a, b in _BLOCK_NAMES.items() if a in name), name)
        else:
            new = next(
                (b + name.removeprefix(a) for a, b in _DIT_NAMES.items() if name.startswith(a)),
                name,
            )
        if ".adaLN_modulation." in new:
            chunks = [*tensor.chunk(2 if new.startswith("final_layer") else 6)]
            for scale in range(0, len(chunks), 3):
                chunks[scale : scale + 2] = reversed(chunks[scale : scale + 2])
            upgraded[new] = torch.cat(chunks)
        else:
            upgraded[new] = tensor
    return upgraded


def upgraded_zoo(
    facts: Mapping[str, Any], tensors: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The metadata and the arrays of a zoo file."""
    if "interfaces" in facts:
        return dict(facts), dict(tensors)
    one = (OBSERVATION_SIZE, ACTION_SIZE, ACTIVATION)
    return (
        {
            "tasks": facts["tasks"],
            "interfaces": [one] * len(facts["tasks"]),
            "condition_names": _CONDITIONS,
        },
        {_ZOO_NAMES.get(name, name): array for name, array in tensors.items()},
    )


def upgraded_ghn_config(values: Mapping[str, Any]) -> dict[str, Any]:
    """The sizes of a GHN, from a checkpoint's config.json."""
    upgraded = dict(values)
    if upgraded.pop("styled", False):
        upgraded["conditions"] = _CONDITIONS
    return upgraded


def upgraded_ghn(tensors: Mapping[str, Any]) -> dict[str, Any]:
    """The weights of a GHN by name."""
    return {
        "conditions." + name.removeprefix("style.") if name.startswith("style.") else name: tensor
        for name, tensor in tensors.items()
    }
