"""What is asked for, and its form in the address."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages import open_page, words
from patience import SECONDS
from streamlit.testing.v1 import AppTest

from app.engine.checkpoint import description, suite_of
from app.engine.request import (
    FLOW_STEPS,
    MAX_LAYERS,
    PAGE_PARAMETERS,
    one_form,
    parse_query,
    query_names,
    to_query,
)
from nnit.mlp.spec import MAX_DEPTH, MLPArchitecture, PartialArchitecture
from nnit.request import PARAMETERS, SOLVERS, Parameter, SampleRequest, suite_parameters
from strategies import architectures

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
        ({"seed": "-1"}, '"-1" is no value of seed, a whole number from 0 to 2,147,483,647'),
        ({"seed": "1" * 4000}, "is no value of seed"),
        ({"steps": "0"}, "steps must be from 1 to 100, not 0"),
        ({"steps": "many"}, '"many" is no value of steps, a whole number'),
        ({"tempo": "nan"}, '"nan" is no value of tempo, a number from 0 to 1'),
        ({"tempo": "1.5"}, "tempo must be from 0 to 1, not 1.5"),
        ({"tempo": "1e-1"}, "is no value of tempo"),
        ({"height": "-0.2"}, '"-0.2" is no value of height'),
        ({"height": "\u0665"}, "is no value of height"),
        ({"max_params": "0"}, "max_params must be from 1 to 1,000,000, not 0"),
        ({"max_params": "9" * 4000}, "is no value of max_params"),
        ({"max_params": "100", "arch": "?"}, "the smallest network for ? has 180"),
        ({"max_params": "2000", "arch": "64-?"}, "the smallest network for 64-? has 2,840"),
        ({"max_params": "2000", "arch": "64-32"}, "a network of 64-32 has 4,772 parameters"),
        ({"count": "7"}, "count must be from 1 to 6, not 7"),
        ({"count": "two"}, '"two" is no value of count'),
        ({"solver": "magic"}, 'there is no solver "magic"; there are euler'),
        ({"arch": "?-x"}, '"?-x" is not an architecture'),
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
    request = SampleRequest("push-v3", MLPArchitecture((64, 32)), 7, steps=20)
    query = to_query(request)
    assert list(query.items()) == [
        ("task", "push-v3"),
        ("arch", "64-32"),
        ("seed", "7"),
        ("steps", "20"),
    ]
    assert parse_query(query) == (request, [])
    partly = PartialArchitecture(2, (64, None))
    request = SampleRequest(
        "push-v3", partly, 7, 4, 20, "heun", 5000, {"tempo": 0.35, "height": 0.9}
    )
    assert to_query(request) == {
        "task": "push-v3",
        "arch": "64-?",
        "seed": "7",
        "steps": "20",
        "solver": "heun",
        "tempo": "0.35",
        "height": "0.9",
        "count": "4",
        "max_params": "5000",
    }
    assert parse_query(to_query(request)) == (request, [])


def values(parameter: Parameter) -> st.SearchStrategy[float]:
    """Any value of a parameter, as finely as addresses write it."""
    if parameter.whole:
        return st.integers(int(parameter.low), int(parameter.high))
    parts = 10**4
    return st.integers(math.ceil(parameter.low * parts), math.floor(parameter.high * parts)).map(
        lambda value: value / parts
    )


@st.composite
def requests(draw: st.DrawFn) -> SampleRequest:
    """Any request that a page can make, of any task."""
    task = draw(st.sampled_from(description().tasks))
    conditions = suite_parameters([suite_of(task)])
    numbers = {one.field: draw(values(one)) for one in PAGE_PARAMETERS.values()}
    architecture = draw(architectures(depth=MAX_LAYERS) | st.just(PartialArchitecture()))
    # A budget that the architecture keeps to, or none.
    least = getattr(architecture, "parameter_count", 400)
    budget = st.integers(least, int(PAGE_PARAMETERS["max_params"].high))
    numbers["max_parameters"] = draw(st.none() | budget)
    return one_form(
        SampleRequest(
            task,
            architecture,
            solver=draw(st.sampled_from(SOLVERS)),
            conditions={name: draw(values(one)) for name, one in conditions.items()},
            **numbers,
        )
    )


@given(requests())
def test_every_request_survives_its_address(request):
    query = to_query(request)
    assert set(query) <= query_names()
    assert parse_query(query) == (request, [])


@given(st.data())
def test_every_parameter_and_condition_survives_its_text(data):
    conditions = suite_parameters(description().suites)
    odd = Parameter("odd", None, "Odd", "From below zero.", -3, 2 * 10**6, 0, whole=False)
    for parameter in (*PARAMETERS.values(), *PAGE_PARAMETERS.values(), *conditions.values(), odd):
        value = data.draw(values(parameter))
        assert parameter.parse(parameter.text(value)) == value


def test_limits_of_pages_are_within_those_of_requests():
    for name, parameter in PAGE_PARAMETERS.items():
        assert parameter.low == PARAMETERS[name].low
        assert parameter.high <= PARAMETERS[name].high
    assert FLOW_STEPS.high <= PARAMETERS["steps"].high
    assert FLOW_STEPS.default == PARAMETERS["steps"].default
    assert MAX_LAYERS <= MAX_DEPTH


def test_conditions_that_have_their_default_make_no_other_request():
    plain = SampleRequest("push-v3", MLPArchitecture((8,)))
    usual = {name: p.default for name, p in suite_parameters([suite_of("push-v3")]).items()}
    assert one_form(SampleRequest("push-v3", MLPArchitecture((8,)), conditions=usual)) == plain


def test_a_network_is_not_compared_with_itself() -> None:
    """A button pressed before the page is drawn anew still means the network that was shown then."""

    def page() -> None:
        import streamlit as st

        from app.widgets.choice import choice_of, compare, show
        from nnit.request import SampleRequest

        request = SampleRequest("reach-v3", count=3)
        seen = []
        for index in (1, 2):
            choice_of(request)
            show(request, index)
            compare(request, index)
            seen.append((choice_of(request).shown, choice_of(request).beside))
        other = SampleRequest("push-v3", count=3)
        choice_of(other)
        compare(other, 0)
        st.write(repr([*seen, choice_of(other).beside]))

    test = AppTest.from_function(page, default_timeout=SECONDS).run()
    assert not test.exception
    assert test.markdown[0].value == "[(1, 0), (2, 1), None]"
