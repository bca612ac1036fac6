"""Taking a network and its film away: one menu, and the commands that make the same."""

import shlex
from urllib.parse import urlencode

import streamlit as st

from app.engine.checkpoint import suite_of
from app.engine.live import can_run_live
from app.engine.networks import Network
from app.engine.others import others_to_take_along
from app.engine.request import to_query
from app.engine.services import services
from nnit.mlp.policy import Policy
from nnit.request import SampleRequest
from nnit.sim.suites import get_task

_BYTES, _TEXT = "application/octet-stream", "text/x-python"


def file_name(request: SampleRequest, policy: Policy) -> str:
    """Name of a policy's files, as `python -m nnit generate` gives it."""
    index = int(policy.provenance["index"])
    return request.file_name(suite_of(request.task), policy.architecture, index)


def _onnx(policy: Policy) -> bytes:
    from nnit.sim.export import onnx_bytes

    return onnx_bytes(policy)


def _script(policy: Policy, name: str) -> str:
    from nnit.sim.export import script

    return script(policy, f"{name}.safetensors")


def _gif(video: bytes) -> bytes:
    from nnit.sim.export import gif_bytes

    return gif_bytes(video)


def network_downloads(request: SampleRequest, network: Network) -> None:
    """The network as weights, as ONNX, and a program that runs the weights beside it."""
    policy = network.policy
    name = file_name(request, policy)
    _button("Weights (.safetensors)", network.file, f"{name}.safetensors", _BYTES, "network")
    _button("ONNX (.onnx)", lambda: _onnx(policy), f"{name}.onnx", _BYTES, "onnx")
    if get_task(policy.task).script is not None:
        _button(
            "Python to run it (.py)", lambda: _script(policy, name), f"{name}.py", _TEXT, "script"
        )


def robot_download(request: SampleRequest, network: Network) -> None:
    """The live robot as one file, made when it is asked for; nothing where no browser can run the task."""
    if not can_run_live(request.task):
        return
    name = file_name(request, network.policy)
    address = f"{st.context.url or ''}?{urlencode({**to_query(request), 'robot': 'live'})}"

    def page() -> bytes:
        from app.widgets.live.take_home import take_home

        policy = network.policy
        others = others_to_take_along(policy)
        return take_home(policy, others=others, patch=network.patch, address=address)

    _button("Live robot, one file (.html, 4 MB)", page, f"{name}.html", "text/html", "robot")


def film_downloads(request: SampleRequest, network: Network) -> None:
    """The film, also as a GIF for where no video can be; drawn when it is asked for."""
    if suite_of(request.task).classifies:
        return
    name = file_name(request, network.policy)

    def film() -> bytes:
        job = services().film(network)
        with job.watched():
            return job.future.result().video

    _button("Film (.mp4)", film, f"{name}.mp4", "video/mp4", "film")
    _button("Film (.gif)", lambda: _gif(film()), f"{name}.gif", "image/gif", "gif")


def _button(label: str, data: object, file: str, mime: str, key: str) -> None:
    st.download_button(
        label,
        data,  # type: ignore[arg-type]  # bytes, or a function that makes them
        file,
        mime,
        on_click="ignore",
        key=f"download_{key}",
        type="tertiary",
    )


def commands(request: SampleRequest, network: Network) -> str:
    """What makes the same networks and the same film without the page."""
    options = [
        f"--{name.replace('_', '-')} {shlex.quote(text)}"
        for name, text in to_query(request).items()
    ]
    made = f"python -m nnit generate {' '.join(options)} --out networks"
    if suite_of(request.task).classifies:
        tested = f"--task {request.task} --arch {network.policy.architecture} --networks 3"
        return f"{made}\npython -m nnit evaluate {tested}"
    name = file_name(request, network.policy)
    return (
        f"{made}\n"
        f"python -m nnit render --policy networks/{name}.safetensors "
        f"--seed {request.seed} --out clip.mp4"
    )


def show_commands(request: SampleRequest, network: Network) -> None:
    """The commands, once they are asked for: what colours them is a third of the page's scripts."""
    closed = st.expander("The same from the command line", key="commands", on_change="rerun")
    if closed.open:
        closed.code(commands(request, network), language="bash", wrap_lines=True)
