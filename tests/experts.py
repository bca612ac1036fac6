"""Scripted experts where tests need a robot that succeeds."""

from nnit.sim.suites import get_task


class ExpertPolicy:
    """The scripted expert in the place of a policy: `film` asks for no more than these."""

    def __init__(self, task: str) -> None:
        self.task = task
        self.provenance: dict[str, float] = {}
        self.architecture = get_task(task).suite.architecture((8,))  # for its sizes
        self.act, *_ = get_task(task).make_experts()
