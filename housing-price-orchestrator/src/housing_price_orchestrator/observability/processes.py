"""The metrics of one process, or of several that write them to files in a shared folder.

prometheus_client chooses when it is imported: it writes files if the environment variable names a folder.
"""

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Metric, PlatformCollector, ProcessCollector
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"

_NOT_SUMMED = ("process_start_time_seconds", "process_max_fds")
"""Metrics whose minimum over all processes is exposed, instead of the sum."""


class FollowingGauge(Gauge):
    """A gauge that follows a function. prometheus_client's own calls it only in a single process."""

    _source: Callable[[], float] | None = None

    def set_function(self, f: Callable[[], float]) -> None:
        """Follow this function from now on."""
        self._source = f

    def observe(self) -> None:
        """Set the gauge to the present value of the function."""
        if self._source:
            self.set(float(self._source()))


class Processes(Protocol):
    """The processes whose metrics are exposed together."""

    exposed: CollectorRegistry

    def observe(self) -> None:
        """Read the metrics of this process from the operating system, for the other processes to expose."""

    def forget(self, gauge: Gauge) -> None:
        """Remove all values of a gauge, which are 0 by now."""


def processes_of(registry: CollectorRegistry) -> Processes:
    """Expose the metrics of this registry: as they are, or summed over the processes that share a folder."""
    return _SeveralProcesses(registry) if FOLDER_VARIABLE in os.environ else _OneProcess(registry)


class _OneProcess:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.exposed = registry
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)

    def observe(self) -> None:
        pass  # no other process exposes them

    def forget(self, gauge: Gauge) -> None:
        gauge.clear()


class _SeveralProcesses:
    """Memory, open files and so on are ordinary metrics here, so that they are summed too."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.exposed = CollectorRegistry()
        _AllProcesses(self.exposed)  # type: ignore[no-untyped-call]  # its base has no types
        PlatformCollector(registry=self.exposed)
        self._registry = registry
        self._collector = ProcessCollector(registry=None)
        self._gauges: dict[str, Gauge] = {}
        self._cpu = Counter(
            "process_cpu_seconds", "Total user and system CPU time spent in seconds.", registry=registry
        )
        self._cpu_seconds = 0.0

    def observe(self) -> None:
        for family in self._collector.collect():
            value = family.samples[0].value
            if family.type == "counter":
                self._cpu.inc(value - self._cpu_seconds)
                self._cpu_seconds = value
            else:
                self._gauge(family).set(value)

    def forget(self, gauge: Gauge) -> None:
        """Do nothing: values of 0 are not exposed, and can't be removed from the file of a process."""

    def _gauge(self, family: Metric) -> Gauge:
        if family.name not in self._gauges:
            self._gauges[family.name] = Gauge(
                family.name,
                family.documentation,
                registry=self._registry,
                multiprocess_mode="livemin" if family.name in _NOT_SUMMED else "livesum",
            )
        return self._gauges[family.name]


class _AllProcesses(MultiProcessCollector):
    def collect(self) -> Iterable[Metric]:
        with _lock(Path(os.environ[FOLDER_VARIABLE]), fcntl.LOCK_SH):
            families = list(super().collect())  # type: ignore[no-untyped-call]  # its base has no types
        for family in families:
            if family.name == "model_info":
                family.samples = [sample for sample in family.samples if sample.value]
            yield family


def forget_process(folder: Path, pid: int | None) -> None:
    """Remove the gauges of a process that has ended, and move its counts into a file of all that have ended.

    Without that, each scrape would read the files of every process that ever ran.
    """
    mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]  # it has no types
    # If another process is held while it reads, the counts stay where they are, and are read from there.
    with suppress(BlockingIOError), _lock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB):
        for kind in ("counter", "histogram"):
            _move_counts(folder / f"{kind}_{pid}.db", folder / f"{kind}_ended.db")


def _move_counts(source: Path, target: Path) -> None:
    if not source.exists():
        return
    counts = MmapedDict(str(target))  # type: ignore[no-untyped-call]  # it has no types
    for key, value, timestamp, _ in MmapedDict.read_all_values_from_file(str(source)):  # type: ignore[no-untyped-call]
        before, _ = counts.read_value(key)  # type: ignore[no-untyped-call]
        counts.write_value(key, before + value, timestamp)  # type: ignore[no-untyped-call]
    counts.close()  # type: ignore[no-untyped-call]
    source.unlink()


@contextmanager
def _lock(folder: Path, operation: int) -> Iterator[None]:
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, operation)
        yield
