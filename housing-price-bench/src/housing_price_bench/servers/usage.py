"""CPU time and resident memory of processes, including their children."""

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


def measure_usage(processes: Iterable[Process]) -> dict[str, Usage]:
    """Measure the running processes by name, without their guards."""
    guards = {tuple(child.cmdline()[3:]): child for child in _drop_zombies(psutil.Process().children())}
    return {process.name: _sum_usage(guards[process.command]) for process in processes if process.command in guards}


def read_machine_cpu_seconds() -> float:
    """Return how long all cores together were busy since the machine started."""
    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0.0)
    # Linux already counts guests within user and nice.
    twice = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)
    return float(sum(times) - idle - twice)


def compute_cores_used(before: Mapping[str, Usage], after: Mapping[str, Usage], seconds: float) -> dict[str, float]:
    """Return how many cores each process kept busy between two measurements, `seconds` apart."""
    return {name: (after[name].cpu_seconds - before[name].cpu_seconds) / seconds for name in before if name in after}


def _sum_usage(guard: psutil.Process) -> Usage:
    cpu_seconds, resident_bytes = 0.0, 0
    for process in guard.children(recursive=True):
        try:
            times, memory = process.cpu_times(), process.memory_info()
        except psutil.NoSuchProcess:
            continue
        cpu_seconds += times.user + times.system
        resident_bytes += memory.rss
    return Usage(cpu_seconds=cpu_seconds, resident_mb=resident_bytes / _MEGABYTE)


def _drop_zombies(processes: Iterable[psutil.Process]) -> Iterable[psutil.Process]:
    return [process for process in processes if process.status() != psutil.STATUS_ZOMBIE]
