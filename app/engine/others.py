"""Other networks of the same shape and task, which take a live robot over while it moves."""

import time
from contextlib import ExitStack, suppress
from dataclasses import replace

from app.engine.checkpoint import covered_tasks, description, suite_of
from app.engine.failures import failure_of
from app.engine.jobs import Job
from app.engine.networks import Network
from app.engine.progress import may_end_here
from app.engine.request import one_form
from app.engine.services import services
from nnit.errors import UserError
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture
from nnit.request import SampleRequest, task_parameters

_BY_MODEL = ("nnit", "unaligned")
_PATIENCE = 60.0  # seconds
_TEMPO = "tempo"
_LARGEST = (
    20_000  # parameters of a network that takes others along: three such are 0.3 MB in a file
)


def _asked_for(policy: Policy) -> SampleRequest:
    """The request that a sampled policy came from."""
    made = policy.provenance
    suite = suite_of(policy.task)
    conditions = {
        name: float(made[name]) for name in task_parameters(suite, policy.task) if name in made
    }
    return one_form(
        SampleRequest(
            policy.task,
            policy.architecture,
            seed=int(made["seed"]),
            steps=int(made["steps"]),
            conditions=conditions,
        )
    )


def other_networks(policy: Policy) -> dict[str, tuple[str, SampleRequest]]:
    """What may take over from a network that the model wrote: by name, what it is called and what to ask for.

    Without an entry where the model did not write it.
    """
    made = policy.provenance
    if (
        made.get("source") not in _BY_MODEL
        or not {"seed", "steps"} <= made.keys()
        or policy.task not in covered_tasks()
    ):
        return {}
    own = _asked_for(policy)
    others = {"seed": (f"Seed {own.seed + 1}", replace(own, seed=own.seed + 1))}
    tempo = task_parameters(suite_of(policy.task), policy.task).get(_TEMPO)
    if tempo is not None:
        now = own.value(tempo)
        calm, value = ("Calm", tempo.low) if now != tempo.low else ("Brisk", tempo.high)
        conditions = {**dict(own.conditions), _TEMPO: value}
        others["style"] = (calm, one_form(replace(own, conditions=conditions)))
    try:
        widest = description(policy.task).protocol.widest
    except UserError:
        return others
    wide = MLPArchitecture((widest,) * policy.architecture.depth)
    if max(policy.architecture.hidden) <= widest and wide.hidden != policy.architecture.hidden:
        larger = one_form(replace(own, architecture=wide))
        others["crop"] = (f"Corner of {wide}", larger)
    return others


def requests_to_take_along(policy: Policy) -> dict[str, SampleRequest]:
    """What to ask for all of `other_networks`, by what they are called, for a file that cannot ask for one later.

    None where the network is so large that the file would grow with them.
    """
    if policy.architecture.parameter_count > _LARGEST:
        return {}
    return dict(other_networks(policy).values())


def _job(policy: Policy, request: SampleRequest) -> Job[tuple[Network, ...]]:
    """The sampling of another network by the model that wrote this one."""
    aligned = policy.provenance["source"] == "nnit"
    return services().networks(request, "dit" if aligned else "unaligned")


def _network(
    job: Job[tuple[Network, ...]], policy: Policy, *, patience: float = _PATIENCE
) -> Policy:
    """What a job gives within so many seconds, in the shape of another network.

    Args:
        job: is being watched, or has ended.
        policy: whose shape it takes.
        patience: in seconds.

    Raises:
        UserError: it cannot be had now.
    """
    from nnit.baselines.memory import resized

    try:
        (network,) = job.future.result(timeout=patience)
    except TimeoutError:
        raise UserError("too many visitors wait for networks; try again later") from None
    except Exception as error:
        raise UserError(failure_of(job.future) or str(error)) from None
    return resized(network.policy, policy.architecture)


def other_network(policy: Policy, name: str) -> Policy:
    """One of `other_networks`, of the same shape.

    Raises:
        UserError: it cannot be had now.
    """
    _, request = other_networks(policy)[name]
    job = _job(policy, request)
    until = time.monotonic() + _PATIENCE
    for _ in job.watch():
        may_end_here()
        if time.monotonic() > until:
            break
    return _network(job, policy, patience=0.0)


def others_to_take_along(policy: Policy) -> dict[str, Policy]:
    """The networks of `requests_to_take_along`; what cannot be had now is left out."""
    along: dict[str, Policy] = {}
    with ExitStack() as stack:
        # All are asked for before the first is waited for.
        jobs = {
            title: _job(policy, request)
            for title, request in requests_to_take_along(policy).items()
        }
        for job in jobs.values():
            stack.enter_context(job.watched())
        for title, job in jobs.items():
            with suppress(UserError):
                along[title] = _network(job, policy)
    return along
