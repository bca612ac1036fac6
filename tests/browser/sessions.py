"""Visitors without a browser: sessions that speak the app's own protocol, many of which fit into one process."""

import urllib.request
from dataclasses import dataclass, field
from urllib.parse import urlencode

from patience import SECONDS
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect


@dataclass
class Visit:
    """What one visitor saw of one link.

    Attributes:
        network: the weights' file of the network that was shown.
        texts: all errors and warnings on the page.
        told: every state of the queue that was said.
    """

    network: bytes = b""
    texts: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


def visit(address: str, query: dict[str, str]) -> Visit:
    """Open a link of the page Generate, and stay until all is there.

    Args:
        address: of the app, http://host:port.
        query: parameters of the link.
    """
    seen = Visit()
    link = ""
    with connect(
        f"{address.replace('http', 'ws')}/_stcore/stream", max_size=None, subprotocols=["streamlit"]
    ) as socket:
        message = BackMsg()
        message.rerun_script.query_string = urlencode(query)
        socket.send(message.SerializeToString())
        while True:
            told = ForwardMsg.FromString(socket.recv(timeout=SECONDS))
            kind = told.WhichOneof("type")
            if kind == "script_finished" and link:
                break
            if kind != "delta" or told.delta.WhichOneof("type") != "new_element":
                continue
            element = told.delta.new_element
            match element.WhichOneof("type"):
                case "download_button" if element.download_button.label.startswith("Weights"):
                    link = element.download_button.url
                case "alert":
                    seen.texts.append(element.alert.body)
                case "exception":
                    seen.texts.append(f"exception: {element.exception.message}")
        with urllib.request.urlopen(address + link, timeout=SECONDS) as answer:
            seen.network = answer.read()
    return seen
