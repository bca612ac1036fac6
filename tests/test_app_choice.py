"""What of a request's networks a visitor looks at, also where a button of an earlier request is pressed."""

from types import SimpleNamespace

import pytest

from app.widgets import choice
from nnit.mlp.spec import MLPArchitecture
from nnit.request import SampleRequest

SIX = SampleRequest("reach-v3", MLPArchitecture((9,)), count=6)
ONE = SampleRequest("reach-v3", MLPArchitecture((9,)))


class State(SimpleNamespace):
    """A session's values, by attribute and by name."""

    def __contains__(self, name: str) -> bool:
        return name in vars(self)


@pytest.fixture(autouse=True)
def state(monkeypatch: pytest.MonkeyPatch) -> State:
    """A session of its own."""
    made = State()
    monkeypatch.setattr(choice.st, "session_state", made)
    return made


def test_a_button_shows_and_compares_networks_of_the_request_that_it_was_drawn_for(
    state: State,
) -> None:
    assert choice.choice_of(SIX) == choice.Choice(SIX)
    choice.show(SIX, 4)
    assert state.choice == choice.Choice(SIX, 4)
    choice.compare(SIX, 2)
    assert state.choice == choice.Choice(SIX, 4, 2)
    # While another request is made, the old cards stay and can be pressed.
    choice.choice_of(ONE)
    choice.show(SIX, 4)
    choice.compare(SIX, 3)
    assert state.choice == choice.Choice(ONE)
