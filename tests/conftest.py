"""What tests share: one tiny checkpoint, really trained, small real data, and the processors.

`make test` spreads the files of tests over processes (pytest-xdist); without `-n` all run in one.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings
from patience import SECONDS

if TYPE_CHECKING:
    from nnit.sim.suites import Suite

# A busy machine is no failure: examples may take as long as they take, to draw and to check.
settings.register_profile("nnit", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("nnit")
# Tests run beside a simulator in other processes; one thread each is fastest on two cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Each process has a browser, a server and a simulator of its own, some 3 GiB in all.
_MOST_PROCESSES = 4
# These files take longest; begun last, one process would be left alone with them.
_LONGEST = (
    "test_hidden_goals_trained.py",
    "test_two_suites.py",
    "test_maniskill.py",
    "test_training.py",
    "test_digits.py",
)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """What `-n auto` means: one process more than there are free processors, since tests also wait."""
    from nnit.cores import free_cores

    return min(free_cores() + 1, _MOST_PROCESSES)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, the others in their order."""
    order = {name: place for place, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: order.get(item.path.name, len(order)))


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that the first process which needs it makes, while the others wait for it.

    Args:
        factory: knows where all processes of this run of the tests keep their files.
        name: of the folder.
        make: fills the folder that it is given.
    """
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # each process has a folder of its own in it
    folder, whole = base / name, base / f"{name}.whole"
    with FileLock(base / f"{name}.lock"):
        if not whole.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a process that failed
            folder.mkdir()
            make(folder)
            whole.touch()
    return folder


@pytest.fixture(scope="session")
def smoke_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a `smoke` training run of every stage and the baselines, about half a minute."""
    from nnit.baselines.stages import BASELINE_STAGES
    from nnit.presets import PRESETS
    from nnit.train import STAGES, train

    stages = (*STAGES[:-1], "unaligned", *BASELINE_STAGES, STAGES[-1])
    return made_once(
        tmp_path_factory,
        "smoke",
        lambda out: train(PRESETS["smoke"], stages, out, BASELINE_STAGES),
    )


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
