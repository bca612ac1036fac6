"""What is asked for, and its form in the address."""

import pytest
from pages import open_page, words

from app.engine.request import (
    DEFAULT_HEIGHT,
    DEFAULT_STEPS,
    DEFAULT_TEMPO,
    MAX_COUNT,
    MAX_STEPS,
    Request,
    parse_query,
)
from nnit.mlp.spec import MLPArchitecture, PartialArchitecture

# Streamlit parses dates of browsers with these.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:streamlit.*"),
    pytest.mark.usefixtures("fresh_services"),
]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"task": "no-such-task"}, 'there is no task "no-such-task"'),
        ({"arch": "64-x"}, '"64-x" is not an architecture'),
        ({"arch": "0"}, "width 0 is outside"),
        ({"arch": "10000"}, "width 10000 is outside"),
        ({"seed": "-1"}, '"-1" is not a seed'),
        ({"seed": "1" * 4000}, "is not a seed"),
        ({"steps": "0"}, "1 to 100"),
        ({"steps": "many"}, '"many" is not a number of steps'),
        ({"tempo": "nan"}, '"nan" is not a tempo'),
        ({"tempo": "1.5"}, "a tempo is a number from 0 to 1, not 1.5"),
        ({"tempo": "1e-1"}, "is not a tempo"),
        ({"height": "-0.2"}, '"-0.2" is not a height of approach'),
        ({"height": "\u0665"}, "is not a height of approach"),
        ({"max_params": "0"}, "a budget of parameters is a whole number from 1"),
        ({"max_params": "9" * 4000}, "is not a budget of parameters"),
        ({"max_params": "100", "arch": "?"}, "the smallest network for ? has 356"),
        ({"max_params": "2000", "arch": "64-?"}, "the smallest network for 64-? has 3,116"),
        ({"max_params": "2000", "arch": "64-32"}, "a network of 64-32 has 4,772 parameters"),
        ({"count": "7"}, "a number of networks is a whole number from 1 to 6"),
        ({"count": "two"}, '"two" is not a number of networks'),
        ({"arch": "?-x"}, '"4-x" is not an architecture'),
        ({"arch": "?-?-?-?-?"}, "1 to 4 hidden layers"),
    ],
)
def test_a_link_that_cannot_be_followed_is_explained(query, said):
    test = open_page(**query)
    assert not test.exception
    assert len(test.error) == 1
    assert said in words(test)
    assert "example, made earlier" in words(test)


def test_parameters_of_others_in_a_link_start_nothing(checkpoint):
    test = open_page(utm_source="x")
    assert not test.exception
    assert not test.error
    assert "requested" not in test.session_state
    assert "task" not in test.query_params


def test_a_link_holds_the_whole_request():
    request = Request("push-v3", MLPArchitecture((64, 32)), 7, 20)
    assert parse_query(request.to_query()) == (request, [])
    partly = PartialArchitecture(2, (64, None))
    request = Request("push-v3", partly, 7, 20, 0.35, 0.9, 5000, 4)
    assert request.to_query()["arch"] == "64-?"
    assert parse_query(request.to_query()) == (request, [])


def test_limits_are_those_of_the_generator():
    from nnit.dit.model import generator as plan
    from nnit.sim.suites.metaworld.style import Style

    assert (DEFAULT_STEPS, MAX_STEPS) == (plan.DEFAULT_STEPS, plan.MAX_STEPS)
    assert Style(DEFAULT_TEMPO, DEFAULT_HEIGHT) == Style()
    assert MAX_COUNT <= plan.MAX_COUNT
