"""What tests share: one tiny checkpoint, really trained, and small real data."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from patience import SECONDS

if TYPE_CHECKING:
    from nnit.sim.suites import Suite

# A busy machine is no failure: examples may take as long as they take, to draw and to check.
settings.register_profile("nnit", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("nnit")
# Tests run beside a simulator in other processes; one thread each is fastest on two cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def smoke_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a `smoke` training run of every stage and the baselines, about half a minute."""
    from nnit.baselines.stages import BASELINE_STAGES
    from nnit.presets import PRESETS
    from nnit.train import STAGES, train

    out = tmp_path_factory.mktemp("smoke")
    stages = (*STAGES[:-1], "unaligned", *BASELINE_STAGES, STAGES[-1])
    train(PRESETS["smoke"], stages, out, BASELINE_STAGES)
    return out


@pytest.fixture(scope="session")
def tiny_checkpoint(smoke_run: Path) -> Path:
    """The packaged checkpoint of the smoke run: real models, hardly trained."""
    return smoke_run / "checkpoint"


@pytest.fixture
def checkpoint(tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The page uses the tiny checkpoint, which covers reach-v3 and drawer-close-v3."""
    monkeypatch.setenv("NNIT_CHECKPOINT", str(tiny_checkpoint))
    return tiny_checkpoint


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> "Suite":
    """The made-up suite, registered for one test."""
    from made_up import TOY, toy_tasks

    import nnit.sim.suites as registry

    registry.task_names()  # every other suite is there before the copy is made
    monkeypatch.setattr(registry, "_TASKS", dict(registry._TASKS))
    registry.register(toy_tasks())
    return TOY


@pytest.fixture
def fresh_services(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Services that no other test has used, and that load only what a test asks for."""
    from app.engine.services import Services, services

    monkeypatch.setattr(Services, "warm_up", lambda self, task: None)
    services.clear()
    yield
    services().close()
    services.clear()


@pytest.fixture(autouse=True)
def patient_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work waits for a test as long as a test waits for it: on a busy machine both may take minutes."""
    from app.engine import jobs

    monkeypatch.setattr(jobs, "_PATIENCE", SECONDS)
    monkeypatch.setattr(jobs, "_GRACE", SECONDS)


@pytest.fixture
def short_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two episodes a network, where a test is not about their number."""
    from app.engine import networks

    monkeypatch.setattr(networks, "EPISODES", 2)
