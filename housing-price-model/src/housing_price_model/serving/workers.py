"""Several workers that serve one model on one socket. Each has it in memory, and a killed one is replaced."""

import os
import resource
import shutil
import signal
import socket
import sys
import time
from dataclasses import dataclass
from functools import cached_property
from multiprocessing import parent_process
from pathlib import Path
from statistics import median
from threading import Thread
from typing import TYPE_CHECKING

from house_record import Record
from http_connections.backlog import refuse_new_connections
from http_connections.server import BacklogServer
from prometheus_client.multiprocess import mark_process_dead
from uvicorn.supervisors import Multiprocess, multiprocess
from uvicorn.supervisors.multiprocess import Process

from housing_price_model.delivery.loading import load_compiled
from housing_price_model.errors import ModelError, ServingError
from housing_price_model.inference import CompiledModel
from housing_price_model.serving.app import create_app
from housing_price_model.serving.identity import ModelIdentity
from housing_price_model.serving.server import GRACE_SECONDS, SWITCH_SECONDS, listen, make_config
from housing_price_model.serving.telemetry import FOLDER_VARIABLE

if TYPE_CHECKING:
    from starlette.types import ASGIApp

TRIES = 50
FAILURE_FILE = "failure"
"""Where a failed worker writes its reason."""


@dataclass(frozen=True, slots=True)
class Worker:
    """What a worker needs: the verified files, their identity, and the folder that all workers share."""

    files: Path
    identity: ModelIdentity
    record: Record
    shared: Path
    count: int

    def __call__(self) -> "ASGIApp":
        """Make the application in the worker's process."""
        Thread(target=self._end_with_parent, name="parent", daemon=True).start()
        sys.setswitchinterval(SWITCH_SECONDS)
        try:
            model = load_compiled(self.files, self.record)
        except ModelError as error:
            (self.shared / FAILURE_FILE).write_text(str(error), encoding="utf-8")
            sys.exit(1)
        self._announce(model)
        return create_app(model, self.identity, self.record)

    def _announce(self, model: CompiledModel) -> None:
        """Print one line of figures, from the first worker only."""
        try:
            (self.shared / "announced").touch(exist_ok=False)
        except FileExistsError:
            return
        megabytes, seconds = _measure_memory_megabytes(), _time_one_row(model, self.record)
        print(  # noqa: T201 - the command's own output
            f"{self.count} workers of {megabytes:.0f} MB are {self.count * megabytes:.0f} MB; a single row takes"
            f" {seconds * 1000:.2f} ms, so at most {self.count / seconds:,.0f} of them a second on {self.count} cores",
            flush=True,
        )

    def _end_with_parent(self) -> None:
        if parent := parent_process():
            parent.join()
            shutil.rmtree(self.shared, ignore_errors=True)
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(GRACE_SECONDS)
            os.kill(os.getpid(), signal.SIGKILL)


def run_workers(worker: Worker, bound: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT. Every worker finishes its requests in flight.

    Raises:
        ServingError: if another process has started to listen on the address in the meantime, or a worker fails.
    """
    listen(bound)
    os.environ[FOLDER_VARIABLE] = str(worker.shared)
    workers = _Workers(worker, bound)
    workers.run()
    if workers.failure:
        raise ServingError(workers.failure)


class _DrainingProcess(Process):
    @cached_property
    def server(self) -> BacklogServer:
        return BacklogServer(self.config, owns_sockets=False)


class _Workers(Multiprocess):
    def __init__(self, worker: Worker, bound: socket.socket) -> None:
        super().__init__(make_config(worker, workers=worker.count), [bound])
        multiprocess.Process = _DrainingProcess  # type: ignore[misc] # uvicorn offers no way to choose the class
        self._shared = worker.shared
        self.failure: str | None = None

    def keep_subprocess_alive(self) -> None:
        """Replace killed workers. A worker that fails by itself ends all, because its successors would fail too."""
        before = list(self.processes)
        super().keep_subprocess_alive()
        for process in before:
            # uvicorn kills workers that hang; their exit code is negative.
            if process.exitcode and process.exitcode > 0 and not self.signal_queue:
                self.failure = self._describe_failure(process)
                self.should_exit.set()
            if process not in self.processes:
                # Removes its gauges.
                mark_process_dead(process.pid, self._shared)  # type: ignore[no-untyped-call] # it has no types

    def terminate_all(self) -> None:
        """Stop the workers. New connections are refused while they finish."""
        for bound in self.sockets:
            refuse_new_connections(bound)
            bound.close()
        super().terminate_all()

    def _describe_failure(self, process: Process) -> str:
        told = self._shared / FAILURE_FILE
        reason = told.read_text(encoding="utf-8") if told.exists() else f"exit code {process.exitcode}"
        return f"a worker failed, so all were ended: {reason}"


def _measure_memory_megabytes() -> float:
    """Return the resident memory of this process, or its peak where the system does not report it."""
    pages = Path("/proc/self/statm")
    if pages.exists():
        return int(pages.read_text(encoding="ascii").split()[1]) * resource.getpagesize() / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def _time_one_row(model: CompiledModel, record: Record) -> float:
    row, times = record.row(record.example_house()), []
    for _ in range(TRIES):
        began = time.perf_counter()
        model.predict(record.columns, [row])
        times.append(time.perf_counter() - began)
    return median(times)
