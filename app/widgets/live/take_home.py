"""A live robot as one HTML file, which runs from disk: scene, physics, network, and pictures of its weights."""

import base64
import gzip
import json
from collections.abc import Mapping
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

from app.engine.checkpoint import suite_of
from app.engine.live import LIVE_FILES, SCRIPT, WASM, scene_facts
from app.widgets.live.live import live_data, network_data
from app.widgets.parts import built_script
from nnit.mlp.policy import Policy

_HERE = Path(__file__).parent
_STATIC = LIVE_FILES.parent
_STYLES = (_HERE.parent / "replay" / "replay.css", _HERE / "live.css")


def take_home(
    policy: Policy,
    *,
    others: Mapping[str, Policy] | None = None,
    episode: int = 0,
    patch: int = 0,
    address: str = "",
) -> bytes:
    """The file, some 4 MB.

    Args:
        policy: the network that drives the robot; its task is one that browsers can run.
        others: networks of the same shape that may take over while the robot moves, by what they are called.
        episode: whose start is shown first.
        patch: side of the patches of the weights' pictures, in cells; 0 draws no grid.
        address: of the page that it links back to; empty: it links nowhere.

    Raises:
        FileNotFoundError: there is no scene of the task.
    """
    architecture = policy.architecture
    title, facts = heading(policy)
    back = f'<a href="{escape(address)}">Make another one</a>.' if address else ""
    data = {**live_data(policy, episode), "patch": patch, **_others_data(others or {})}
    fields = {
        "title": escape(title),
        "file": escape(f"{policy.task}_{architecture}.html"),
        "heading": escape(title),
        "facts": escape(facts),
        "back": back,
        "css": home_css(),
        # Inside a page, nothing may look like its own tags.
        "data": json.dumps(data).replace("<", "\\u003c"),
        "packed": "\n".join(
            f'<script type="text/plain" id="packed-{name}">{base64.b64encode(part).decode()}</script>'
            for name, part in packed_parts(policy.task).items()
        ),
        "script": built_script("home").replace("</script", "<\\/script"),
    }
    page = (_HERE / "home.html").read_text(encoding="utf-8")
    before, *parts = page.split("{{")
    for part in parts:
        name, after = part.split("}}", 1)
        before += fields[name] + after
    return before.encode()


def _others_data(others: Mapping[str, Policy]) -> dict[str, Any]:
    """Networks that may take over, by number, and what they are called."""
    return {
        "others": {str(i): title for i, title in enumerate(others)},
        "networks": {str(i): network_data(policy) for i, policy in enumerate(others.values())},
    }


def heading(policy: Policy) -> tuple[str, str]:
    """What stands above a live robot outside the app: a title, and a sentence about its network."""
    architecture = policy.architecture
    title = f"{suite_of(policy.task).task(policy.task).title}, with a network of {architecture}"
    made = "Its weights were written by a diffusion transformer, for a shape that is asked for."
    source = policy.provenance.get("source")
    return title, f"{architecture.parameter_count:,} parameters. {made if source == 'nnit' else ''}"


def home_css() -> str:
    """The styles of a live robot outside the app, which hold for nothing else on its page."""
    inside = "\n".join(path.read_text(encoding="utf-8") for path in _STYLES)
    own = (_HERE / "home.css").read_text(encoding="utf-8")
    return f"{own}\n.nnit-robot {{\n{inside}\n}}"


@lru_cache(maxsize=2)
def packed_parts(task: str) -> dict[str, bytes]:
    """All that a live robot outside the app needs and that does not depend on its network, by name, packed with gzip.

    Raises:
        FileNotFoundError: there is no scene of the task.
    """
    facts, meshes = _own_meshes(scene_facts(task))
    return {
        "wasm": (LIVE_FILES / WASM).read_bytes(),
        "script": (LIVE_FILES / SCRIPT).read_bytes(),
        "scene": gzip.compress(json.dumps(facts).encode(), 9, mtime=0),
        "meshes": gzip.compress(meshes, 9, mtime=0),
        "three": gzip.compress((_STATIC / "three.bundle.js").read_bytes(), 9, mtime=0),
    }


def _own_meshes(facts: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """A scene with the index of its own meshes, and these alone."""
    index = json.loads((_STATIC / "meshes.json").read_text())
    every = (_STATIC / "meshes.bin").read_bytes()
    own, content = {}, b""
    for name in sorted({shape["mesh"] for shape in facts["shapes"]} - {None}):
        entry = index[name]
        size = 6 * entry["vertices"] + 6 * entry["faces"]  # three numbers of 16 bits each
        own[name] = {**entry, "offset": len(content)}
        content += every[entry["offset"] : entry["offset"] + size]
    return {**facts, "meshes": own}, content
