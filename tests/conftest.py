"""What tests share: one tiny checkpoint, really trained, and small real data."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

# Tests run beside a simulator in other processes; one thread each is fastest on two cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def smoke_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a `smoke` training run of every stage and the baselines, about half a minute."""
    from nnit.train import BASELINE_STAGES, STAGES, train

    out = tmp_path_factory.mktemp("smoke")
    train("smoke", (*STAGES[:-1], *BASELINE_STAGES, STAGES[-1]), out)
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
def fresh_services(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Services that no other test has used, and that load only what a test asks for."""
    from app.engine.services import Services, services

    monkeypatch.setattr(Services, "warm_up", lambda self, task: None)
    services.clear()
    yield
    services().close()
    services.clear()


@pytest.fixture
def short_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two episodes a network, where a test is not about their number."""
    from app.engine import networks

    monkeypatch.setattr(networks, "EPISODES", 2)
