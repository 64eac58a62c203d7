"""Several processes that serve one model on one socket: each has it in memory, and one that is killed is replaced."""

import os
import resource
import shutil
import signal
import socket
import sys
import time
from dataclasses import dataclass
from multiprocessing import parent_process
from pathlib import Path
from statistics import median
from threading import Thread
from typing import TYPE_CHECKING

from house_record import COLUMNS, example_house, model_row
from prometheus_client.multiprocess import mark_process_dead
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import Process

from housing_price_model.delivery.loading import load_compiled
from housing_price_model.errors import ModelError, ServingError
from housing_price_model.inference import CompiledModel
from housing_price_model.serving.app import create_app
from housing_price_model.serving.identity import ModelIdentity
from housing_price_model.serving.server import GRACE_SECONDS, SWITCH_SECONDS, configuration, listen
from housing_price_model.serving.telemetry import FOLDER_VARIABLE

if TYPE_CHECKING:
    from starlette.types import ASGIApp

TRIES = 50
FAILURE_FILE = "failure"
"""Where a worker that can't serve leaves the line that says why."""


@dataclass(frozen=True, slots=True)
class Worker:
    """What a worker is given: the verified files, what to say of them, and the folder that all workers share."""

    files: Path
    identity: ModelIdentity
    shared: Path
    count: int

    def __call__(self) -> "ASGIApp":
        """The application, in the worker's own process."""
        Thread(target=self._end_with_parent, name="parent", daemon=True).start()
        sys.setswitchinterval(SWITCH_SECONDS)
        try:
            model = load_compiled(self.files)
        except ModelError as error:
            (self.shared / FAILURE_FILE).write_text(str(error))
            sys.exit(1)
        self._announce(model)
        return create_app(model, self.identity)

    def _announce(self, model: CompiledModel) -> None:
        """One line of figures, from the worker that is first to write it."""
        try:
            (self.shared / "announced").touch(exist_ok=False)
        except FileExistsError:
            return
        megabytes, seconds = _memory_megabytes(), _seconds_a_row(model)
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
    """Serve until SIGTERM or SIGINT; every worker finishes first what it has in flight.

    Raises:
        ServingError: if another process has begun to listen on the address in the meantime, or a worker can't serve.
    """
    listen(bound)
    os.environ[FOLDER_VARIABLE] = str(worker.shared)
    workers = _Workers(worker, bound)
    workers.run()
    if workers.failure:
        raise ServingError(workers.failure)


class _Workers(Multiprocess):
    def __init__(self, worker: Worker, bound: socket.socket) -> None:
        super().__init__(configuration(worker, workers=worker.count), [bound])
        self._shared = worker.shared
        self.failure: str | None = None

    def keep_subprocess_alive(self) -> None:
        """Replace workers that were killed; one that failed by itself ends all, as its successors would fail too."""
        before = list(self.processes)
        super().keep_subprocess_alive()
        for process in before:
            # uvicorn kills what does not answer: that has an exit code below 0.
            if process.exitcode and process.exitcode > 0 and not self.signal_queue:
                self.failure = self._failure_of(process)
                self.should_exit.set()
            if process not in self.processes:
                # What it gauged counts no longer.
                mark_process_dead(process.pid, self._shared)  # type: ignore[no-untyped-call] # it has no types

    def terminate_all(self) -> None:
        """End the workers; nobody may connect any more while they finish what they have."""
        for bound in self.sockets:
            bound.close()
        super().terminate_all()

    def _failure_of(self, process: Process) -> str:
        told = self._shared / FAILURE_FILE
        reason = told.read_text() if told.exists() else f"exit code {process.exitcode}"
        return f"a worker failed, so all were ended: {reason}"


def _memory_megabytes() -> float:
    """The memory of this process that is resident: now, or where the system does not say that, at its peak."""
    pages = Path("/proc/self/statm")
    if pages.exists():
        return int(pages.read_text().split()[1]) * resource.getpagesize() / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def _seconds_a_row(model: CompiledModel) -> float:
    row, times = model_row(example_house()), []
    for _ in range(TRIES):
        began = time.perf_counter()
        model.predict(COLUMNS, [row])
        times.append(time.perf_counter() - began)
    return median(times)
