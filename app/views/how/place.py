"""Where in the walk somebody is, and its form in an address: `?screen=3&shown=1&present=1`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Place:
    """One view of the walk.

    Attributes:
        screen: from 1.
        shown: whether the answer to its question is shown.
        present: whether it is shown to a room, alone on the screen and in large type.
    """

    screen: int = 1
    shown: bool = False
    present: bool = False

    def to_query(self) -> dict[str, str]:
        """The place as parameters of an address."""
        query = {"screen": str(self.screen)}
        if self.shown:
            query["shown"] = "1"
        if self.present:
            query["present"] = "1"
        return query

    def turned(self, by: int, count: int) -> "Place":
        """Another screen, its question first; the same where there is none.

        Args:
            by: number of screens, backwards if negative.
            count: number of all screens.
        """
        screen = max(1, min(count, self.screen + by))
        return self if screen == self.screen else replace(self, screen=screen, shown=False)


def parse_place(query: Mapping[str, object], count: int) -> tuple[Place, str | None]:
    """A place from an address, or from what the browser says.

    Args:
        query: `screen`, `shown` and `present`, each may be missing.
        count: number of all screens.

    Returns:
        The place, and what is wrong with the number of the screen, if it is none.
    """
    text = str(query.get("screen", "1"))
    shown, present = (str(query.get(name, "")) in ("1", "True") for name in ("shown", "present"))
    if text.isascii() and text.isdigit() and len(text) < 3 and 1 <= int(text) <= count:
        return Place(int(text), shown, present), None
    return Place(present=present), f"There are screens 1 to {count}; this is the first."
