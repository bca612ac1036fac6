"""What tests share: one tiny checkpoint, really trained, and small real data."""

import os
from pathlib import Path

import pytest

# Tests run beside a simulator in other processes; one thread each is fastest on two cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def smoke_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a `smoke` training run of every stage and the baselines, about half a minute."""
    from nnit.training import BASELINE_STAGES, STAGES, train

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
