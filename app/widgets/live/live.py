"""The live robot as a part of a page: what `live.js` runs and draws."""

import hashlib
from collections.abc import Callable
from typing import Any

import streamlit as st

from app.engine.checkpoint import suite_of
from app.engine.live import file_names, scene_facts
from app.engine.networks import Network, goal
from app.engine.others import other_network, other_networks
from app.widgets.parts import drawn_part, encoded
from nnit.errors import UserError
from nnit.mlp.policy import Policy
from nnit.sim.live_scene import start_of

_component = drawn_part("live", styles=("widgets/replay/replay.css", "widgets/live/live.css"))
_LONGEST_REASON = 300  # characters of what a browser says


def network_data(policy: Policy) -> dict[str, Any]:
    """A network for the browser to run."""
    return {
        "activation": policy.architecture.activation,
        "mean": encoded(policy.observation_mean, "<f4"),
        "scale": encoded(policy.observation_scale, "<f4"),
        "layers": [
            {"weight": encoded(weight, "<f4"), "bias": encoded(bias, "<f4")}
            for weight, bias in zip(policy.weights, policy.biases, strict=True)
        ],
    }


def live_data(policy: Policy, episode: int) -> dict[str, Any]:
    """What the browser needs: network, start of the episode, and where the rest is to be had.

    Args:
        policy: the network that drives the robot.
        episode: whose start is shown first; the same as that of a recording or film.
    """
    suite = suite_of(policy.task)
    task = suite.task(policy.task)
    assert task.camera is not None  # all tasks that can run here have one
    azimuth, elevation, distance, lookat = task.camera
    return {
        "key": hashlib.sha256(policy.to_bytes() + bytes([episode])).hexdigest(),
        "task": policy.task,
        "title": task.title,
        "files": file_names(policy.task),
        "network": network_data(policy),
        "groups": [list(group) for group in suite.observation_groups],
        "actions": list(suite.action_names),
        "start": start_of(scene_facts(policy.task)["space"], goal(policy, episode)),
        "camera": {
            "azimuth": azimuth,
            "elevation": elevation,
            "distance": distance,
            "lookat": list(map(float, lookat)),
        },
    }


def show_live(network: Network, episode: int, *, key: str, fail: Callable[[str], None]) -> None:
    """Let the browser run the robot.

    Args:
        network: that drives it.
        episode: whose start is shown first.
        key: of the part, unique on its page.
        fail: is called with a sentence that says why the browser cannot, before the page is drawn again.
    """
    state = st.session_state
    policy = network.policy
    asked = f"{key}_other"

    def failed() -> None:
        said = state[key].get("failed")
        if isinstance(said, str):
            fail(said[:_LONGEST_REASON])

    def wanted() -> None:
        state[asked] = (network.digest, state[key].get("other"))

    data = live_data(policy, episode)
    others = other_networks(policy)
    data["others"] = {name: title for name, (title, _) in others.items()}
    of, name = state.get(asked, (None, None))
    if of == network.digest and name in others:
        data["other"] = {"name": name, **_network_or_reason(policy, name)}
    _component(key=key, data=data, on_failed_change=failed, on_other_change=wanted)


def _network_or_reason(policy: Policy, name: str) -> dict[str, Any]:
    try:
        return {"network": network_data(other_network(policy, name))}
    except UserError as error:
        return {"wrong": str(error)}
