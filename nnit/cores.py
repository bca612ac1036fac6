"""How many processors are free to this process: its affinity, and the quota of its control groups."""

import math
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import joblib
from threadpoolctl import threadpool_limits

_asking = threading.Lock()
_asked: list[threadpool_limits | None] = []  # one for each that asks; the first holds the limits
_GROUPS, _MOUNTED = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")


def free_cores() -> int:
    """The number of processors that this process may use, at least 1.

    joblib knows affinity, LOKY_MAX_CPU_COUNT, and the quota of a container. A quota of the group that the process
    is in, as systemd sets it for a service (CPUQuota=), counts too, and so do those of the groups above.
    """
    return max(1, min([joblib.cpu_count(), *_quotas(_GROUPS, _MOUNTED)]))


def thread_count() -> int:
    """The number of threads to compute with: the processors that are free, or fewer if OMP_NUM_THREADS says so."""
    first = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    return min(free_cores(), int(first)) if first.isdecimal() and int(first) else free_cores()


@contextmanager
def one_thread_a_product() -> Iterator[None]:
    """Let NumPy and SciPy multiply matrices with one thread each meanwhile.

    OpenBLAS divides a product among all processors and lets threads that are done spin until the last one is: where
    another process has one of the processors, small products take many times as long. One thread also adds numbers
    up in the same order on every machine.

    A library has one number of threads for the whole process: it is what it was again after the last of the threads
    that asked for this, in whatever order they come to an end.
    """
    with _asking:
        _asked.append(threadpool_limits(1, user_api="blas") if not _asked else None)
    try:
        yield
    finally:
        with _asking:
            # The last one to end takes what the first one left, who knows what was there before.
            limits = _asked.pop()
            if limits is not None:
                limits.restore_original_limits()


def _quotas(groups: Path, mounted: Path) -> Iterator[int]:
    """The processors that each control group of this process has a quota of, rounded up.

    Args:
        groups: lines `number:controllers:path`, as /proc/self/cgroup has them (man 7 cgroups).
        mounted: where the hierarchies are.
    """
    try:
        lines = groups.read_text().splitlines()
    except OSError:  # no Linux
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        for group in (PurePosixPath(path), *PurePosixPath(path).parents):
            folder = mounted / controllers / group.relative_to("/")
            quota = _numbers(folder / "cpu.max")  # version 2: "quota period"
            if controllers:
                quota = _numbers(folder / "cpu.cfs_quota_us") + _numbers(
                    folder / "cpu.cfs_period_us"
                )
            if len(quota) == 2 and min(quota) > 0:
                yield math.ceil(quota[0] / quota[1])


def _numbers(file: Path) -> list[int]:
    """The whole numbers in a file; none where there is no file, or "max" stands for no limit."""
    try:
        return [int(word) for word in file.read_text().split()]
    except (OSError, ValueError):
        return []
