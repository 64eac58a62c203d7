"""Several processes that serve on one socket: started together, replaced when they are killed, ended together.

The parent does no more than that and stays small: the application is imported in the workers only.
"""

import multiprocessing
import os
import shutil
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from types import FrameType
from typing import TYPE_CHECKING

import structlog
from prometheus_client.multiprocess import mark_process_dead

from housing_price_orchestrator.observability.logs import configure_logging
from housing_price_orchestrator.observability.processes import FOLDER_VARIABLE
from housing_price_orchestrator.server.listener import address_of, listener
from housing_price_orchestrator.settings import Settings

if TYPE_CHECKING:
    from housing_price_orchestrator.server.run import NoticeServer

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

END_MARGIN_SECONDS = 3.0
"""How much longer a worker has to end, before it is killed, than it gives notice and waits for requests in flight."""

_BETWEEN_STARTS_SECONDS = 1.0
"""Time from a start to the next replacement, so that workers that are killed as they start do not keep the machine."""


_PROVEN_SECONDS = 30.0
"""After so long a worker has shown that it can run."""


class WorkerFailed(Exception):
    """A worker ended by itself, as each of its successors would."""

    def __init__(self, pid: int | None, code: int) -> None:
        super().__init__(f"worker {pid} failed with exit code {code}: the log says why; all workers were ended")


def run_workers(settings: Settings, count: int) -> None:
    """Serve with this many processes until SIGINT or SIGTERM; each finishes what it has in flight.

    Raises:
        AddressUnavailable: if the port is taken or the address is none of this machine's.
        WorkerFailed: if a worker can't run.
    """
    listening = listener(settings.host, settings.port)
    configure_logging(settings.log, settings.environment)
    asked = _asked_to_end()
    with TemporaryDirectory(prefix="housing-price-metrics-") as folder:
        os.environ[FOLDER_VARIABLE] = folder
        log.info("listening", address=address_of(listening), model=settings.pricing_model.place, workers=count)
        _Supervisor(Worker(settings, Path(folder)), listening, asked).run(count)
    log.info("stopped")


@dataclass(frozen=True)
class Worker:
    """What one of the processes runs.

    Args:
        settings: how it serves.
        folder: where all workers keep their metrics.
    """

    settings: Settings
    folder: Path

    def __call__(self, listening: socket.socket) -> None:
        """Serve until SIGTERM, or until there is no parent any more."""
        from housing_price_orchestrator.provider.model.embedded import EmbeddedModelUnavailable
        from housing_price_orchestrator.server.run import create_server

        configure_logging(self.settings.log, self.settings.environment)
        try:
            server = create_server(self.settings)
        except EmbeddedModelUnavailable as error:
            log.error("no model to embed", reason=str(error))  # noqa: TRY400  one line is all there is to say
            sys.exit(1)
        Thread(target=self._end_with_parent, args=[server], daemon=True).start()
        server.run(sockets=[listening])

    @property
    def end_seconds(self) -> float:
        """Time for a worker to end before it is killed."""
        return self.settings.shutdown.notice_seconds + self.settings.shutdown.drain_seconds + END_MARGIN_SECONDS

    def _end_with_parent(self, server: "NoticeServer") -> None:
        if parent := multiprocessing.parent_process():
            parent.join()
            shutil.rmtree(self.folder, ignore_errors=True)
            server.ask_to_end()
            time.sleep(self.end_seconds)
            os.kill(os.getpid(), signal.SIGKILL)


class _Supervisor:
    def __init__(self, worker: Worker, listening: socket.socket, asked: Connection) -> None:
        self._worker = worker
        self._listening = listening
        self._asked = asked
        self._processes: list[SpawnProcess] = []
        self._started: dict[int | None, float] = {}
        self._last_start = 0.0

    def run(self, count: int) -> None:
        """Keep this many workers running until asked to end."""
        # multiprocessing starts this helper before the first worker, and unblocks SIGINT after that.
        resource_tracker.ensure_running()
        try:
            for _ in range(count):
                self._start()
            while self._asked not in wait([self._asked, *(process.sentinel for process in self._processes)]):
                for process in [process for process in self._processes if not process.is_alive()]:
                    self._replace(process)
        finally:
            self._end()

    def _start(self) -> None:
        process = multiprocessing.get_context("spawn").Process(target=self._worker, args=[self._listening])
        # A terminal's Ctrl-C reaches all processes at once: it is for the parent, which asks its workers to end.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        process.start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
        self._processes.append(process)
        self._started[process.pid] = self._last_start = time.monotonic()

    def _replace(self, process: SpawnProcess) -> None:
        self._processes.remove(process)
        mark_process_dead(process.pid, self._worker.folder)  # type: ignore[no-untyped-call]  # it has no types
        del self._started[process.pid]
        if process.exitcode and process.exitcode > 0 and not self._is_another_proven():
            raise WorkerFailed(process.pid, process.exitcode)
        log.warning("a worker ended and is replaced", pid=process.pid, exit_code=process.exitcode)
        if not self._asked.poll(max(0.0, self._last_start + _BETWEEN_STARTS_SECONDS - time.monotonic())):
            self._start()

    def _is_another_proven(self) -> bool:
        """Whether one has run for a while: then what keeps another from it may pass, such as a registry's absence."""
        proven = time.monotonic() - _PROVEN_SECONDS
        return any(self._started[process.pid] < proven for process in self._processes if process.is_alive())

    def _end(self) -> None:
        self._listening.close()
        self._ask_to_end()
        end = time.monotonic() + self._worker.end_seconds
        while (running := self._running()) and (left := end - time.monotonic()) > 0:
            if self._asked in wait([self._asked, *(process.sentinel for process in running)], left):
                self._ask_to_end()
        for process in self._running():
            log.error("a worker did not end and is killed", pid=process.pid)
            process.kill()
        for process in self._processes:
            process.join()

    def _ask_to_end(self) -> None:
        """Pass the wish on, each time that it is uttered."""
        while self._asked.poll():
            self._asked.recv_bytes()
        for process in self._running():
            process.terminate()

    def _running(self) -> list[SpawnProcess]:
        return [process for process in self._processes if process.is_alive()]


def _asked_to_end() -> Connection:
    """Can be read from as soon as the process is asked to end."""
    asked, asking = multiprocessing.Pipe(duplex=False)

    def ask(_signal: int, _frame: FrameType | None) -> None:
        with suppress(BrokenPipeError):  # a second signal, when nobody listens any more
            asking.send_bytes(b"end")

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    return asked
