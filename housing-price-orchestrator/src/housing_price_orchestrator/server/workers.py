"""Several processes that serve on one socket: started together, replaced when they fail, shut down together.

The parent does nothing else and stays small: only the workers import the application.
"""

import multiprocessing
import os
import signal
import socket
import time
from contextlib import suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

import structlog
from http_connections.backlog import refuse_new_connections

from housing_price_orchestrator.observability.logs import configure_logging
from housing_price_orchestrator.observability.processes import FOLDER_VARIABLE, forget_process
from housing_price_orchestrator.server.hosts import warn_of_any_host
from housing_price_orchestrator.server.listener import address_of, open_listener
from housing_price_orchestrator.server.shutdown import SAME_SIGNAL_SECONDS
from housing_price_orchestrator.server.worker import Worker
from housing_price_orchestrator.server.worker_process import WorkerProcess
from housing_price_orchestrator.settings import Settings

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

HANG_SECONDS = 30.0
"""Silence after which a worker that has served counts as hanging."""

_TICK_SECONDS = 1.0
_BETWEEN_STARTS_SECONDS, _LONGEST_BETWEEN_STARTS_SECONDS = 1.0, 60.0
"""Time from a start to the next replacement, so that workers that are killed as they start do not keep the machine.

It doubles with each worker in a row that ends before it is proven."""

_PROVEN_SECONDS = 30.0
"""After this time a worker has shown that the service can run."""


class WorkerFailed(Exception):
    """A worker ended by itself, as each of its successors would."""

    def __init__(self, pid: int | None, code: int) -> None:
        super().__init__(f"worker {pid} failed with exit code {code}: the log says why; all workers were ended")


def run_workers(settings: Settings, count: int, max_requests: int | None = None) -> None:
    """Serve with this many processes until SIGINT or SIGTERM; each finishes its requests in flight.

    Args:
        settings: how they serve.
        count: how many processes.
        max_requests: requests after which a process is replaced.

    Raises:
        AddressUnavailable: if the port is taken or the address is not one of this machine.
        WorkerFailed: if a worker can't run.
    """
    listener = open_listener(settings.host, settings.port)
    configure_logging(settings.log, settings.environment)
    shutdown_signals = _receive_shutdown_signals()
    with TemporaryDirectory(prefix="housing-price-metrics-") as folder:
        os.environ[FOLDER_VARIABLE] = folder
        log.info("listening", address=address_of(listener), model=settings.pricing_model.place, workers=count)
        warn_of_any_host(settings)
        _Supervisor(Worker(settings, Path(folder), max_requests), listener, shutdown_signals).run(count)
    log.info("stopped")


class _Supervisor:
    def __init__(self, worker: Worker, listener: socket.socket, shutdown_signals: Connection) -> None:
        self._worker = worker
        self._listener = listener
        self._shutdown_signals = shutdown_signals
        self._processes: list[WorkerProcess] = []
        self._last_start = 0.0
        self._failures = 0

    def run(self, count: int) -> None:
        """Keep this many workers running until a signal to shut down arrives."""
        # multiprocessing starts this helper before the first worker, and unblocks SIGINT after that.
        resource_tracker.ensure_running()
        try:
            for _ in range(count):
                self._start()
            while not self._wait():
                for process in list(self._processes):
                    self._look_after(process)
                self._restore(count)
        finally:
            self._shut_down()

    def _start(self) -> None:
        process = WorkerProcess(self._worker, self._listener)
        self._processes.append(process)
        self._last_start = process.started_at

    def _wait(self) -> bool:
        """Wait for a report, the end of a worker, or a tick; whether a signal to shut down has arrived."""
        began = time.monotonic()
        events = [event for process in self._processes for event in process.events]
        ready = wait([self._shutdown_signals, *events], _TICK_SECONDS)
        # Capped, so that workers that were suspended together with their parent do not seem to have been silent.
        elapsed = min(time.monotonic() - began, _TICK_SECONDS)
        for process in self._processes:
            process.read_reports(elapsed)
        return self._shutdown_signals in ready

    def _look_after(self, process: WorkerProcess) -> None:
        if not process.is_running:
            self._remove(process)
        elif self._hangs(process):
            log.error("a worker hangs and is killed", pid=process.pid)
            process.kill()

    def _hangs(self, process: WorkerProcess) -> bool:
        if process.retired_at is not None:
            limit = self._worker.settings.keep_alive_seconds + self._worker.shutdown_seconds
            return time.monotonic() - process.retired_at > limit
        return process.has_served and process.silent_seconds > max(HANG_SECONDS, self._worker.shutdown_seconds)

    def _remove(self, process: WorkerProcess) -> None:
        self._processes.remove(process)
        process.close()
        forget_process(self._worker.metrics_folder, process.pid)
        if process.retired_at is not None:
            log.info("a worker has retired", pid=process.pid)
            return
        if process.exit_code and process.exit_code > 0 and not self._is_another_proven():
            raise WorkerFailed(process.pid, process.exit_code)
        is_proven = time.monotonic() - process.started_at > _PROVEN_SECONDS
        self._failures = 0 if is_proven else self._failures + 1
        log.warning("a worker ended and is replaced", pid=process.pid, exit_code=process.exit_code)

    def _is_another_proven(self) -> bool:
        """Whether another worker has run for a while: the failure may be temporary, such as an unreachable registry."""
        proven = time.monotonic() - _PROVEN_SECONDS
        return any(process.started_at < proven or process.is_due for process in self._staying())

    def _restore(self, count: int) -> None:
        """Start a worker where one is missing, or before one that is due retires, which makes room for it."""
        staying = self._staying()
        due = next((process for process in staying if process.is_due), None)
        if len(staying) > count:
            if due and all(process.has_served for process in staying):
                due.retire()
        elif (len(staying) < count or due) and time.monotonic() - self._last_start >= pause_between_starts(
            self._failures
        ):
            self._start()

    def _staying(self) -> list[WorkerProcess]:
        return [process for process in self._running() if process.retired_at is None]

    def _running(self) -> list[WorkerProcess]:
        return [process for process in self._processes if process.is_running]

    def _shut_down(self) -> None:
        self._forward_shutdown_signals()
        began = time.monotonic()
        end, refuse_at = began + self._worker.shutdown_seconds, began + self._worker.settings.shutdown.notice_seconds
        while (running := self._running()) and (now := time.monotonic()) < end:
            if now >= refuse_at:
                self._refuse_new_connections()
                refuse_at = end
            sentinels = [process.sentinel for process in running]
            if self._shutdown_signals in wait([self._shutdown_signals, *sentinels], min(refuse_at, end) - now):
                if time.monotonic() - began > SAME_SIGNAL_SECONDS:
                    self._refuse_new_connections()
                self._forward_shutdown_signals()
        self._listener.close()
        for process in self._running():
            log.error("a worker did not end and is killed", pid=process.pid)
            process.kill()
        for process in self._processes:
            process.close()

    def _refuse_new_connections(self) -> None:
        """Let no connection be made while the workers accept the last ones. No worker does this: it may end alone."""
        if self._listener.fileno() >= 0:
            refuse_new_connections(self._listener)
            self._listener.close()

    def _forward_shutdown_signals(self) -> None:
        while self._shutdown_signals.poll():
            self._shutdown_signals.recv_bytes()
        for process in self._running():
            process.shut_down()


def pause_between_starts(failures: int) -> float:
    """Return the time from a start to the next (seconds) after this many workers in a row ended early."""
    return min(_BETWEEN_STARTS_SECONDS * 2.0 ** max(0, min(failures, 10) - 1), _LONGEST_BETWEEN_STARTS_SECONDS)


def _receive_shutdown_signals() -> Connection:
    """Handle SIGINT and SIGTERM by a message in the pipe that is returned."""
    received, sender = multiprocessing.Pipe(duplex=False)

    def send(_signal: int, _frame: FrameType | None) -> None:
        with suppress(BrokenPipeError):  # a late signal, when nobody reads any more
            sender.send_bytes(b"shutdown")

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, send)
    return received
