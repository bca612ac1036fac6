"""Classes: maps of success that several visitors fill together, each with the networks that they try.

A class has a code of four characters, and no names: what is kept is how often networks of an architecture reached
their goals.
"""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping

import streamlit as st

from app.engine.results import Count
from nnit.errors import UserError
from nnit.mlp.spec import MLPArchitecture

# Without characters that are read as others: I and 1, O and 0.
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_CODE_LENGTH = 4
_CLASSES = 20
_NETWORKS = 4000  # of one class, all tasks together
_IDLE_SECONDS = 600.0
WORKS = 0.9  # share of goals that a network reaches that works


class ClassMap:
    """What one class has tried; safe to use from any thread."""

    def __init__(self, code: str) -> None:
        """A class that has tried nothing."""
        self.code = code
        self._lock = threading.Lock()
        self._networks: OrderedDict[str, tuple[str, MLPArchitecture, Count]] = OrderedDict()

    def add(self, digest: str, task: str, architecture: MLPArchitecture, count: Count) -> None:
        """Count the episodes of a network, once however many visitors try it.

        Args:
            digest: of the network.
            task: that it was written for.
            architecture: of the network.
            count: its episodes.
        """
        with self._lock:
            self._networks[digest] = (task, architecture, count)
            self._networks.move_to_end(digest)
            while len(self._networks) > _NETWORKS:
                self._networks.popitem(last=False)

    def of(self, task: str) -> dict[MLPArchitecture, Count]:
        """The episodes of all networks of each architecture."""
        with self._lock:
            networks = list(self._networks.values())
        counts: dict[MLPArchitecture, Count] = {}
        for its_task, architecture, count in networks:
            if its_task == task:
                known = counts.get(architecture)
                counts[architecture] = count if known is None else known + count
        return counts

    def __len__(self) -> int:
        """Number of networks."""
        with self._lock:
            return len(self._networks)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._networks.clear()


def smallest(
    counts: Mapping[MLPArchitecture, Count], places: int = 5
) -> list[tuple[MLPArchitecture, Count]]:
    """The architectures with the fewest parameters whose networks work, smallest first."""
    working = [one for one in counts.items() if one[1].rate >= WORKS]
    return sorted(working, key=lambda one: (one[0].parameter_count, -one[1].rate))[:places]


class Classes:
    """The classes of this process; safe to use from any thread."""

    def __init__(self) -> None:
        """No class."""
        self._lock = threading.Lock()
        self._classes: OrderedDict[str, tuple[ClassMap, float]] = OrderedDict()

    def start(self) -> ClassMap:
        """A new class; where there are too many, the one that was looked at the longest time ago goes.

        Raises:
            UserError: somebody has looked at each of them a short time ago.
        """
        with self._lock:
            if len(self._classes) >= _CLASSES:
                oldest, (_, touched) = next(iter(self._classes.items()))
                if time.monotonic() - touched < _IDLE_SECONDS:
                    raise UserError(f"{_CLASSES} classes are open on this server, and no more fit")
                del self._classes[oldest]
            code = self._new_code()
            one = ClassMap(code)
            self._classes[code] = (one, time.monotonic())
            return one

    def find(self, text: str) -> ClassMap:
        """The class of a code, in either case.

        Raises:
            UserError: there is none.
        """
        code = text.strip().upper()
        with self._lock:
            known = self._classes.get(code)
            if known is None:
                whole = len(code) == _CODE_LENGTH and set(code) <= set(_ALPHABET)
                which = code if whole else "of this code"
                raise UserError(f"there is no class {which} on this server")
            self._classes[code] = (known[0], time.monotonic())
            self._classes.move_to_end(code)
            return known[0]

    def _new_code(self) -> str:
        while True:
            code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
            if code not in self._classes:
                return code


@st.cache_resource(show_spinner=False)
def classes() -> Classes:
    """The classes of this process."""
    return Classes()
