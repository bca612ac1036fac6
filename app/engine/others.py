"""Other networks of the same shape and task, which take a live robot over while it moves."""

from dataclasses import replace

from app.engine.checkpoint import covered_tasks, description, suite_of
from app.engine.failures import failure_of
from app.engine.request import one_form
from app.engine.services import services
from nnit.errors import UserError
from nnit.mlp.policy import Policy
from nnit.mlp.spec import MLPArchitecture
from nnit.request import SampleRequest, task_parameters

_BY_MODEL = ("nnit", "unaligned")
_PATIENCE = 60.0  # seconds
_TEMPO = "tempo"


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


def other_network(policy: Policy, name: str) -> Policy:
    """One of `other_networks`, of the same shape.

    Raises:
        UserError: it cannot be had now.
    """
    from nnit.baselines.memory import resized

    _, request = other_networks(policy)[name]
    aligned = policy.provenance["source"] == "nnit"
    job = services().networks(request, "dit" if aligned else "unaligned")
    with job.watched():
        try:
            (network,) = job.future.result(timeout=_PATIENCE)
        except TimeoutError:
            raise UserError("too many visitors wait for networks; try again later") from None
        except Exception as error:
            raise UserError(failure_of(job.future) or str(error)) from None
    return resized(network.policy, policy.architecture)
