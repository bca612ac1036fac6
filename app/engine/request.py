"""Requests as pages take them: their limits, and their form in an address, `?task=...&arch=27-45&seed=0&steps=8`.

Names, ranges and defaults are those of `nnit.request` and of the suites' conditions; only what a page
limits further is written here.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from app.engine.address import parse_values
from app.engine.checkpoint import (
    covered_suites,
    covered_tasks,
    default_task,
    description,
    suite_of,
)
from nnit.errors import UserError
from nnit.mlp.spec import MLPArchitecture, PartialArchitecture
from nnit.request import PARAMETERS, SOLVERS, Parameter, SampleRequest, task_parameters
from nnit.sim.suites import condition_names, suites

MAX_LAYERS = 4  # that pages draw
_HIGHEST = {"seed": 2**31 - 1, "count": 6}  # of what a page asks for
PAGE_PARAMETERS = {
    name: replace(one, high=min(one.high, _HIGHEST.get(name, one.high)))
    for name, one in PARAMETERS.items()
}
# The page "Noise to robot" gives the browser the network of every step.
FLOW_STEPS = replace(PAGE_PARAMETERS["steps"], high=20)
DEFAULT_ARCHITECTURE = MLPArchitecture((27, 45))
# They say which networks these are; an address names them even where they have their defaults.
_ALWAYS = ("seed", "steps")


def one_form(request: SampleRequest) -> SampleRequest:
    """The same request in the form that all pages use, so that equal ones are one key.

    Its architecture has the sizes of the task's suite, and conditions are named only where they are not the
    default.
    """
    suite = suite_of(request.task)
    conditions = {
        parameter.name: value
        for parameter in task_parameters(suite, request.task).values()
        if (value := request.value(parameter)) is not None and value != parameter.default
    }
    return replace(request.sized(suite), conditions=conditions)


def default_request() -> SampleRequest:
    """What pages show before anything is asked for."""
    return one_form(SampleRequest(default_task(), DEFAULT_ARCHITECTURE))


def contrast_request(request: SampleRequest, architecture: MLPArchitecture) -> SampleRequest:
    """The same task, seed and style with an architecture that is known: what another model is asked for beside it.

    Its goals are those of the network that it stands beside: they follow from task, architecture and seed.
    """
    return replace(request, architecture=architecture, max_parameters=None)


def to_query(request: SampleRequest) -> dict[str, str]:
    """A request as parameters of an address; what is seldom changed only where it was.

    Options of `python -m nnit generate` have the same names and values.
    """
    always = [PAGE_PARAMETERS[name] for name in _ALWAYS]
    others = [one for one in PAGE_PARAMETERS.values() if one.name not in _ALWAYS]
    query = {"task": request.task, "arch": str(request.architecture)}
    conditions = task_parameters(suite_of(request.task), request.task).values()
    for parameter in (*always, *conditions, *others):
        value = request.value(parameter)
        if value is not None and (parameter in always or value != parameter.default):
            query[parameter.name] = parameter.text(value)
    if request.solver != SOLVERS[0]:
        query["solver"] = request.solver
    return query


def query_names() -> frozenset[str]:
    """Names in an address that belong to a request, whatever its task."""
    return frozenset({"task", "arch", "solver", *PAGE_PARAMETERS, *_known_conditions()})


def _known_conditions() -> tuple[str, ...]:
    return condition_names([*covered_suites(), *suites()])


def parse_task(text: str) -> str:
    """A task's name.

    Raises:
        UserError: the checkpoint does not cover it.
    """
    name = text.strip()
    if name not in covered_tasks():
        raise UserError(f'there is no task "{name[:60]}" here; those to choose from are below')
    return name


def _parse_known_task(text: str) -> str:
    """The same for a file that ships: its task may be one that the checkpoint does not cover."""
    suite_of(text)
    return text


def parse_architecture(text: str) -> PartialArchitecture:
    """Hidden widths such as "64-32"; with a question mark for what the model is to choose, "64-?" or "?".

    Raises:
        UserError: they are no widths, out of range, or too many.
    """
    architecture = PartialArchitecture.parse(text)
    if architecture.depth is not None and architecture.depth > MAX_LAYERS:
        raise UserError(
            f"this page draws 1 to {MAX_LAYERS} hidden layers, not {architecture.depth}"
        )
    return architecture


def _parse_solver(text: str) -> str:
    if text not in SOLVERS:
        raise UserError(f'there is no solver "{text[:40]}"; there are {", ".join(SOLVERS)}')
    return text


def check_budget(request: SampleRequest) -> None:
    """Raise a `UserError` if no network of its architecture keeps to its budget."""
    architecture, most = request.architecture, request.max_parameters
    if most is None:
        return
    if isinstance(architecture, MLPArchitecture):
        if architecture.parameter_count > most:
            raise UserError(
                f"a network of {architecture} has {architecture.parameter_count:,} parameters, more "
                f"than the {most:,} of the budget; leave a width open with a question mark "
                "and the model chooses one that fits"
            )
        return
    described = description(request.task)
    least = architecture.smallest_of(described.depths, min(described.widths))
    if least > most:
        raise UserError(
            f"a budget of {most:,} parameters is too small: the smallest network for "
            f"{architecture} has {least:,}"
        )


def parse_query(query: Mapping[str, str]) -> tuple[SampleRequest, list[str]]:
    """Read a request from an address; what cannot be used is replaced by its default.

    Returns:
        The request, and one sentence for each value that could not be used.
    """
    return _parse(query, parse_task)


def stored_request(query: Mapping[str, str]) -> SampleRequest:
    """Read a request from a file that ships with the app.

    Raises:
        UserError: some of it cannot be used.
    """
    request, problems = _parse(query, _parse_known_task)
    if problems:
        raise UserError(problems[0])
    return request


def _parse(
    query: Mapping[str, str], parse_task: Callable[[str], str]
) -> tuple[SampleRequest, list[str]]:
    parsers = {
        "task": ("task", parse_task),
        "arch": ("architecture", parse_architecture),
        **{one.name: (one.field or one.name, one.parse) for one in PAGE_PARAMETERS.values()},
        "solver": ("solver", _parse_solver),
    }
    values, problems = parse_values(query, parsers)
    task_is_meant = "task" in values or "task" not in query
    task = values.pop("task", None) or default_task()
    conditions = task_parameters(suite_of(task), task)
    asked, wrong = parse_values(query, {name: (name, p.parse) for name, p in conditions.items()})
    problems += wrong
    if task_is_meant:
        lacking = [n for n in _known_conditions() if n in query and n not in conditions]
        problems += [_not_a_condition(name, task, conditions) for name in lacking]
    architecture = values.pop("architecture", DEFAULT_ARCHITECTURE)
    request = one_form(SampleRequest(task, architecture, **values, conditions=asked))
    try:
        check_budget(request)
    except UserError as error:
        problems.append(str(error))
        request = replace(request, max_parameters=None)
    return request, problems


def _not_a_condition(name: str, task: str, conditions: Mapping[str, Parameter]) -> str:
    known = f"they can for {', '.join(conditions)}" if conditions else "they can for no condition"
    return f"networks for {task} cannot be asked for {name}; {known}"
