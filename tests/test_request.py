"""What is asked of the generator: text forms, checks in one sentence, and requests that are the same."""

import dataclasses
import math
from typing import Any

import pytest
import tyro
from hypothesis import given
from hypothesis import strategies as st
from made_up import GRIP

from nnit.commands.options import _sampling_options
from nnit.dit.conditions import condition_columns, requested_conditions
from nnit.errors import UserError
from nnit.mlp.spec import MLPArchitecture, PartialArchitecture
from nnit.request import PARAMETERS, SOLVERS, Parameter, SampleRequest, own_seed, suite_parameters
from nnit.sim.suites import Condition, Suite, suites, suites_of
from strategies import architectures

TASK = "reach-v3"
SUITES = suites_of([TASK, "push-v3"])
KNOWS_ALL = "reach-hidden-v3"  # conditions
ALL = {**PARAMETERS, **suite_parameters(suites())}


def condition(low: float, high: float) -> Parameter:
    """A parameter as a suite of one's own may have it."""
    return Parameter.of(Condition("grip", "Grip", "How firmly.", low, "N", "grip", low, high))


def values(parameter: Parameter) -> st.SearchStrategy[float]:
    """Values that a text form holds: whole numbers, or numbers of four decimals."""
    if parameter.whole:
        return st.integers(int(parameter.low), int(parameter.high))
    low, high = math.ceil(10_000 * parameter.low), math.floor(10_000 * parameter.high)
    return st.integers(low, high).map(lambda n: n / 10_000)


def sentence(error: pytest.ExceptionInfo[UserError]) -> str:
    """The message of an error, which must be one short sentence."""
    text = str(error.value)
    assert "\n" not in text
    assert ". " not in text
    assert not text.endswith(".")
    assert len(text) < 200
    return text


def refused(**fields: Any) -> str:
    suites = SUITES if fields.get("task") != KNOWS_ALL else suites_of([KNOWS_ALL])
    with pytest.raises(UserError) as error:
        SampleRequest(**{"task": TASK, **fields}).check(suites)
    return sentence(error)


# --- Parameters -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
@given(data=st.data())
def test_the_text_form_of_a_value_is_read_again(name: str, data: st.DataObject) -> None:
    parameter = ALL[name]
    value = data.draw(values(parameter))
    text = parameter.text(value)
    assert parameter.parse(text) == value
    assert parameter.parse(f" {text}\n") == value


@pytest.mark.parametrize("ends", [(1.0, 5.0), (-1.0, 1.0), (0.0, 1500.0), (-180.0, 180.0)])
@given(data=st.data())
def test_so_is_that_of_any_condition(ends: tuple[float, float], data: st.DataObject) -> None:
    parameter = condition(*ends)
    value = data.draw(values(parameter))
    assert parameter.parse(parameter.text(value)) == value


@pytest.mark.parametrize("name", ALL)
def test_defaults_and_ends_are_in_range(name: str) -> None:
    parameter = ALL[name]
    for value in (parameter.low, parameter.high, parameter.default):
        if value is not None:
            assert parameter.parse(parameter.text(value)) == value


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    "text",
    ["", " ", "x", "nan", "inf", "-inf", "1e2", "0x10", "1,5", "--1", "٦", "9" * 5000, "1 2"],
)
def test_text_that_is_no_value_is_refused_in_one_sentence(name: str, text: str) -> None:
    with pytest.raises(UserError) as error:
        ALL[name].parse(text)
    assert name in sentence(error)


@given(st.sampled_from(sorted(ALL)), st.text(max_size=30))
def test_any_text_is_a_value_in_range_or_refused(name: str, text: str) -> None:
    parameter = ALL[name]
    try:
        value = parameter.parse(text)
    except UserError:
        return
    assert parameter.low <= value <= parameter.high


@pytest.mark.parametrize("name", ALL)
def test_one_beyond_the_ends_is_refused_in_text_too(name: str) -> None:
    parameter = ALL[name]
    for value in (parameter.low - 1, parameter.high + 1):
        with pytest.raises(UserError) as error:
            parameter.parse(parameter.text(value))
        assert name in sentence(error)


# --- Checks ---------------------------------------------------------------------------------------


def test_what_is_in_range_passes_and_names_its_suite() -> None:
    request = SampleRequest(TASK, conditions={"tempo": 0.2})
    suite = request.check(SUITES)
    assert suite == SUITES[0]
    assert request.values(suite) == {"tempo": 0.2, "height": 0.5}
    assert request.value(ALL["tempo"]) == 0.2
    assert request.value(ALL["height"]) == 0.5
    assert request.value(ALL["steps"]) == 8
    assert request.value(ALL["max_params"]) is None


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("beyond", ["below", "above", "nan", "inf", "-inf"])
def test_numbers_out_of_range_are_refused_in_one_sentence(name: str, beyond: str) -> None:
    parameter = ALL[name]
    ends = {"below": parameter.low - 1, "above": parameter.high + 1}
    value = ends[beyond] if beyond in ends else float(beyond)
    asked = {"conditions": {name: value}} if parameter.field is None else {parameter.field: value}
    said = refused(task=KNOWS_ALL, **asked)
    assert said.startswith(f"{name} must be from ")


def test_unknown_conditions_tasks_and_solvers_are_refused_in_one_sentence() -> None:
    assert "tempo, height" in refused(conditions={"grip": 0.5})
    assert "grip" in refused(conditions={"grip" * 1000: 0.5})
    assert "reach-v3, push-v3" in refused(task="assembly-v3")
    assert "nope" in refused(task="nope" * 1000)
    assert ", ".join(SOLVERS) in refused(solver="magic" * 1000)


def test_an_architecture_beyond_the_budget_is_refused_in_one_sentence() -> None:
    asked = MLPArchitecture((64, 64))
    assert str(asked.parameter_count) in refused(architecture=asked, max_parameters=2000)
    SampleRequest(TASK, asked, max_parameters=asked.parameter_count).check(SUITES)
    SampleRequest(TASK, PartialArchitecture.parse("64-?"), max_parameters=2000).check(SUITES)


def test_only_whole_architectures_are_known() -> None:
    assert SampleRequest(TASK, MLPArchitecture((8,))).known_architecture().hidden == (8,)
    with pytest.raises(UserError, match="can choose widths") as error:
        SampleRequest(TASK, PartialArchitecture.parse("8-?")).known_architecture()
    sentence(error)


# --- The same request -----------------------------------------------------------------------------

names = st.text("abcdefgh_", min_size=1, max_size=5)
numbers = st.floats(allow_nan=False)


@given(st.dictionaries(names, numbers, max_size=5), st.randoms())
def test_the_order_of_conditions_does_not_matter(asked: dict[str, float], random: Any) -> None:
    items = list(asked.items())
    random.shuffle(items)
    one, other = SampleRequest(TASK, conditions=asked), SampleRequest(TASK, conditions=dict(items))
    third = SampleRequest(TASK, conditions=tuple(items))
    assert one == other == third
    assert hash(one) == hash(other) == hash(third)
    assert dataclasses.replace(one) == one
    assert dict(one.conditions) == asked


@given(architectures())
def test_a_complete_partial_architecture_is_the_architecture(architecture: MLPArchitecture) -> None:
    partial = PartialArchitecture.parse(str(architecture))
    one, other = SampleRequest(TASK, partial), SampleRequest(TASK, architecture)
    assert one == other
    assert hash(one) == hash(other)
    assert one.known_architecture() == architecture
    assert own_seed(one) == own_seed(other)


def test_the_seed_of_a_cell_is_its_task_s_and_its_architecture_s_own() -> None:
    request = SampleRequest(TASK, MLPArchitecture((8,)))
    same = dataclasses.replace(request, count=5, steps=3, conditions={"tempo": 0.5})
    assert own_seed(request) == own_seed(same)
    others = [
        dataclasses.replace(request, task="push-v3"),
        dataclasses.replace(request, seed=1),
        dataclasses.replace(request, architecture=MLPArchitecture((9,))),
    ]
    assert len({own_seed(one) for one in [request, *others]}) == 4


def test_a_request_gets_the_sizes_of_its_suite(toy: Suite) -> None:
    for text in ("?", "8-?", "8-9"):
        request = SampleRequest("toy-push", PartialArchitecture.parse(text)).sized(toy)
        assert str(request.architecture) == text
        assert request.architecture.observation_size == toy.observation_size
        assert request.architecture.action_size == toy.action_size
        assert request.architecture.activation == toy.activation
    whole = SampleRequest("toy-push", MLPArchitecture((8, 9)))
    parameters = toy.architecture((8, 9)).parameter_count
    dataclasses.replace(whole, max_parameters=parameters).check([toy])
    with pytest.raises(UserError, match=f"{parameters} parameters"):
        dataclasses.replace(whole, max_parameters=parameters - 1).check([toy])


# --- Adding a condition ---------------------------------------------------------------------------


def test_a_suite_s_condition_becomes_an_option_a_parameter_and_an_input(toy: Suite) -> None:
    """Nothing but the suite's facts names it."""
    covered = suites_of([TASK, "toy-push"])
    parameter = suite_parameters(covered)["grip"]
    assert parameter == Parameter.of(GRIP)
    assert parameter.parse("3.5") == 3.5

    options = _sampling_options()
    assert "grip" in {one.name for one in dataclasses.fields(options)}
    given_ = tyro.cli(options, args=["--grip", "3"])
    given_.check()
    request = given_.request("toy-push", MLPArchitecture((8,)), 1)
    assert dict(request.conditions) == {"grip": 3.0}
    with pytest.raises(UserError, match="grip must be from 1 to 5, not 6"):
        tyro.cli(options, args=["--grip", "6"]).check()
    assert tyro.cli(options, args=[]).request("toy-push", MLPArchitecture((8,)), 1).conditions == ()

    columns = condition_columns(covered)
    assert columns == ("tempo", "height", "grip", "budget")
    own = request.check(covered)
    assert request.values(own) == {"grip": 3.0}
    said = dict(zip(columns, requested_conditions(columns, request, own), strict=True))
    assert said["grip"] == 0.5, "in the middle of its range"
    assert all(math.isnan(said[name]) for name in ("tempo", "height", "budget"))

    for value in (0.9, 5.1, math.nan):
        with pytest.raises(UserError, match="grip must be from 1 to 5"):
            SampleRequest("toy-push", conditions={"grip": value}).check(covered)
    with pytest.raises(UserError, match="toy-push cannot be asked for tempo; they can for grip"):
        SampleRequest("toy-push", conditions={"tempo": 0.5}).check(covered)
    with pytest.raises(UserError, match="reach-v3 cannot be asked for grip"):
        SampleRequest(TASK, conditions={"grip": 2.0}).check(covered)
