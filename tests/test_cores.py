"""Threads and workers follow the processors that are free to a process, and wait without using them."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from nnit import cores
from nnit.cores import free_cores, one_thread_a_product, thread_count

ROOT = Path(__file__).resolve().parent.parent
# Through each way by which torch comes into a process.
LOADS = {
    "a command": "from nnit.dit.generator import Generator; Generator.load(folder)",
    "training": "from nnit.device import choose_device; choose_device()",
    "the page": "from app.engine.services import Services; Services()._load(folder)",
}
# How many threads of the process compute at once, and share the processors.
COMPUTING = {"the page": 2}


def said_by(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What a process of its own says that runs this code."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("OMP_")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity on this system")
@pytest.mark.parametrize("way", LOADS)
def test_sampling_has_a_thread_for_each_processor_it_may_use(way: str, tiny_checkpoint: Path):
    load = LOADS[way]
    code = (
        "import os, pathlib; from nnit.cores import free_cores\n"
        f"folder = pathlib.Path({str(tiny_checkpoint)!r})\n{load}\n"
        "import torch; print(torch.get_num_threads(), free_cores())"
    )
    one = f"import os; os.sched_setaffinity(0, {{min(os.sched_getaffinity(0))}})\n{code}"
    environment = {"NNIT_CHECKPOINT": str(tiny_checkpoint)}
    assert said_by(one, **environment).stdout.split() == ["1", "1"]
    # Of joblib's own variable torch knows nothing, so this holds on every machine with two processors.
    assert said_by(code, LOKY_MAX_CPU_COUNT="1", **environment).stdout.split() == ["1", "1"]
    threads, free = map(int, said_by(code, **environment).stdout.split())
    assert threads == max(1, free // COMPUTING.get(way, 1))
    assert said_by(code, OMP_NUM_THREADS="1", **environment).stdout.split()[0] == "1"


@pytest.mark.parametrize("first", ["import nnit.device", "import app.engine.services, torch"])
def test_threads_wait_without_computing(first: str):
    """A thread that spins takes its processor from whoever else needs it."""
    said = said_by(first, OMP_DISPLAY_ENV="true").stderr
    if "OPENMP DISPLAY ENVIRONMENT" not in said:
        pytest.skip("torch uses no OpenMP here")
    assert "OMP_WAIT_POLICY = 'PASSIVE'" in said
    wanted = said_by(first, OMP_DISPLAY_ENV="true", OMP_WAIT_POLICY="ACTIVE").stderr
    assert "OMP_WAIT_POLICY = 'ACTIVE'" in wanted, "what the user says counts"


@pytest.mark.parametrize(
    ("line", "files", "wanted"),
    [
        ("0::/", {"cpu.max": "150000 100000"}, [2]),
        ("0::/", {"cpu.max": "max 100000"}, []),
        ("0::/service/one", {"service/cpu.max": "100000 100000"}, [1]),
        ("0::/a/b", {"a/cpu.max": "300000 100000", "a/b/cpu.max": "50000 100000"}, [1, 3]),
        ("4:cpu,cpuacct:/x", {"cpu,cpuacct/x/cpu.cfs_quota_us": "400000"}, []),
        (
            "4:cpu,cpuacct:/x",
            {
                "cpu,cpuacct/x/cpu.cfs_quota_us": "400000",
                "cpu,cpuacct/x/cpu.cfs_period_us": "100000",
            },
            [4],
        ),
        (
            "1:cpu:/",
            {"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"},
            [],
        ),
        ("9:name=systemd:/", {}, []),
    ],
)
def test_the_quota_of_a_control_group_counts(
    tmp_path: Path, line: str, files: dict[str, str], wanted: list[int]
):
    groups, mounted = tmp_path / "cgroup", tmp_path / "mounted"
    groups.write_text(line + "\n")
    for name, text in files.items():
        file = mounted / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n")
    assert list(cores._quotas(groups, mounted)) == wanted


def test_a_quota_limits_workers_and_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from nnit.sim.rollout import default_workers

    (tmp_path / "cgroup").write_text("0::/\n")
    (tmp_path / "cpu.max").write_text("20000 100000\n")
    monkeypatch.setattr(cores, "_GROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(cores, "_MOUNTED", tmp_path)
    assert free_cores() == default_workers() == thread_count() == 1


def test_a_system_without_control_groups_has_no_quota(tmp_path: Path):
    assert list(cores._quotas(tmp_path / "none", tmp_path)) == []


def threads_of_products() -> list[int]:
    return [one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"]


def test_products_have_their_threads_back_in_whatever_order_threads_end():
    np.ones((2, 2)) @ np.ones((2, 2))
    with threadpool_limits(2, user_api="blas"):
        before = threads_of_products()
        first, second = one_thread_a_product(), one_thread_a_product()
        first.__enter__()
        second.__enter__()
        assert set(threads_of_products()) == {1}
        first.__exit__(None, None, None)
        assert set(threads_of_products()) == {1}
        second.__exit__(None, None, None)
        assert threads_of_products() == before


def test_what_the_page_loads_ahead_leaves_products_their_threads():
    import scipy.linalg  # noqa: F401  (whose library begins with threads of its own when it is loaded)

    from app.engine.jobs import Job
    from app.views.alignment.services import _load_readers

    with threadpool_limits(2, user_api="blas"):
        before = threads_of_products()
        _load_readers(Job(kept=True))
        assert threads_of_products() == before
