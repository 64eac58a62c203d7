"""What processes use: CPU time and resident memory, each with all that it has started."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import psutil
from supervised_processes.process import Process

_MEGABYTE = 1e6


@dataclass(frozen=True, kw_only=True)
class Usage:
    """CPU seconds since the start, and resident memory in megabytes (10⁶ bytes)."""

    cpu_seconds: float
    resident_mb: float


def usages(processes: Iterable[Process]) -> dict[str, Usage]:
    """What our running processes use, by name; their guards do not count."""
    guards = {tuple(child.cmdline()[3:]): child for child in _alive(psutil.Process().children())}
    return {process.name: _usage(guards[process.command]) for process in processes if process.command in guards}


def machine_cpu_seconds() -> float:
    """Seconds that all cores together were busy since the machine started."""
    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0.0)
    # Linux counts what guests use within user and nice already.
    twice = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)
    return float(sum(times) - idle - twice)


def cores_used(before: Mapping[str, Usage], after: Mapping[str, Usage], seconds: float) -> dict[str, float]:
    """Cores that each process kept busy between two looks that lie this far apart."""
    return {name: (after[name].cpu_seconds - before[name].cpu_seconds) / seconds for name in before if name in after}


def _usage(guard: psutil.Process) -> Usage:
    cpu_seconds, resident_bytes = 0.0, 0
    for process in guard.children(recursive=True):
        try:
            times, memory = process.cpu_times(), process.memory_info()
        except psutil.NoSuchProcess:
            continue
        cpu_seconds += times.user + times.system
        resident_bytes += memory.rss
    return Usage(cpu_seconds=cpu_seconds, resident_mb=resident_bytes / _MEGABYTE)


def _alive(processes: Iterable[psutil.Process]) -> Iterable[psutil.Process]:
    return [process for process in processes if process.status() != psutil.STATUS_ZOMBIE]
