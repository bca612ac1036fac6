"""A network's weights and its live robot in a notebook, through anywidget: what `Policy.show` draws."""

import hashlib
from typing import Any

import anywidget
import traitlets

from app.engine.checkpoint import description
from app.engine.live import can_run_live
from app.widgets.live.live import live_data, network_data
from app.widgets.live.take_home import heading, home_css, packed_parts
from app.widgets.parts import built_script
from nnit.mlp.policy import Policy

_NO_SCENE = "Its robot runs in no browser yet; `python -m nnit render` films it."
_COUNTED = (
    "Your browser runs the robot; successes shown here are counted there, "
    "reported numbers come from MuJoCo 3.3.0 in Python."
)


class RobotWidget(anywidget.AnyWidget):  # type: ignore[misc]  # it is optional, and not seen by mypy
    """One network in a cell of a notebook.

    Its script and styles are those of the file to take home. The notebook keeps the network alone: physics, scene and
    shapes, 3 MB, are sent when the browser asks for them, which it does once a page.

    Attributes:
        data: what `home.js` draws, JSON values only.
    """

    _esm = built_script("home")
    _css = home_css()
    data = traitlets.Dict().tag(sync=True)

    def __init__(self, policy: Policy, episode: int) -> None:
        super().__init__(data=_data(policy, episode))
        self._task = policy.task
        self.on_msg(self._answer)

    def _answer(self, _widget: Any, message: Any, _buffers: Any) -> None:
        """Send the part that the browser asks for."""
        part = message.get("part") if isinstance(message, dict) else None
        if can_run_live(self._task) and part in (parts := packed_parts(self._task)):
            self.send({"part": part}, [parts[part]])


def _data(policy: Policy, episode: int) -> dict[str, Any]:
    title, facts = heading(policy)
    own = {"heading": title, "patch": description(policy.task).patch}
    if not can_run_live(policy.task):
        return {**own, "facts": f"{facts} {_NO_SCENE}", "network": network_data(policy)}
    versions = {
        name: hashlib.sha256(part).hexdigest()[:12]
        for name, part in packed_parts(policy.task).items()
    }
    # The goals of a network that no seed made are those of seed 0.
    policy = policy.with_provenance(**{"seed": 0, **policy.provenance})
    own |= {"facts": f"{facts} {_COUNTED}", "parts": versions}
    return {**live_data(policy, episode), **own}
