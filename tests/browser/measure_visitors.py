"""Measure how long visitors who watch Live wait for the weights of their networks, when there are many at once.

`python tests/browser/measure_visitors.py [--visitors 100]` from the repository's folder. Each opens a link to another
network, with the robot live, so that the server neither records nor films; the trials that count success are computed.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import numpy as np

sys.path[:0] = [
    str(Path(__file__).parents[2]),
    str(Path(__file__).parent),
    str(Path(__file__).parents[1]),
]

from serving import serve  # noqa: E402
from streamlit.proto.BackMsg_pb2 import BackMsg  # noqa: E402
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg  # noqa: E402
from websockets.sync.client import connect  # noqa: E402

from nnit.checkpoint import DEFAULT_CHECKPOINT  # noqa: E402
from nnit.sim.suites.metaworld.tasks import MT10  # noqa: E402

_SHAPES = ("27-45", "12-10", "16-11-8", "24", "64-64")
PATIENCE = 170.0  # seconds
DRAWN: list[
    int
] = []  # visitors whose matrices have come; all stay until then, and their trials go on


def watch(address: str, visitor: int, enough: Callable[[], bool]) -> float:
    """Seconds until the matrices of the visitor's network; the visitor stays until there has been `enough`."""
    shape, task = _SHAPES[visitor % len(_SHAPES)], MT10[visitor % len(MT10)]
    query = {"task": task, "arch": shape, "seed": str(1000 + visitor), "robot": "live"}
    stream = f"{address.replace('http', 'ws')}/_stcore/stream"
    started = time.perf_counter()
    drawn = None
    with connect(
        stream, max_size=None, subprotocols=["streamlit"], open_timeout=PATIENCE
    ) as socket:
        message = BackMsg()
        message.rerun_script.query_string = urlencode(query)
        socket.send(message.SerializeToString())
        while drawn is None or not enough():
            try:
                told = ForwardMsg.FromString(socket.recv(timeout=1 if drawn else PATIENCE))
            except TimeoutError:
                if drawn is None:
                    raise
                continue
            if told.WhichOneof("type") != "delta":
                continue
            if told.delta.WhichOneof("type") != "new_element":
                continue
            part = told.delta.new_element.bidi_component
            if drawn is None and part.component_name.endswith("nnit_weights"):
                drawn = time.perf_counter() - started
                DRAWN.append(visitor)
    return drawn


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=100)
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(DEFAULT_CHECKPOINT, Path(folder) / "log") as address,
        ThreadPoolExecutor(asked.visitors) as visitors,
    ):
        watch(address, -1, lambda: True)  # the model is loaded
        DRAWN.clear()
        seconds = list(
            visitors.map(
                lambda one: watch(address, one, lambda: len(DRAWN) == asked.visitors),
                range(asked.visitors),
            )
        )
    p50, p95 = np.percentile(seconds, (50, 95))
    print(f"matrices: median {p50:.1f} s, p95 {p95:.1f} s, all {max(seconds):.1f} s")  # noqa: T201


if __name__ == "__main__":
    main()
