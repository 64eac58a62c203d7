"""A worker as its parent sees it."""

import multiprocessing
import os
import signal
import socket
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from housing_price_orchestrator.server.worker import DUE, RETIRE, Worker


class WorkerProcess:
    """A worker process: its reports, its age, and how it ends.

    Args:
        worker: what the process runs; it starts at once.
        listener: the socket that all workers share.
    """

    def __init__(self, worker: Worker, listener: socket.socket) -> None:
        self._reports, reports = multiprocessing.Pipe(duplex=False)
        self._process: SpawnProcess = multiprocessing.get_context("spawn").Process(
            target=worker, args=[listener, reports]
        )
        # A terminal's Ctrl-C reaches every process at once. It is for the parent, which tells its workers to shut down.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        self._process.start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
        reports.close()
        os.set_blocking(self._reports.fileno(), False)
        self.pid = self._process.pid
        self.started_at = time.monotonic()
        self.retired_at: float | None = None
        self.has_served = False
        self.is_due = False
        self.silent_seconds = 0.0

    @property
    def events(self) -> list[Connection | int]:
        """What becomes readable when the worker reports or ends."""
        return [self.sentinel] if self._reports.closed else [self._reports, self.sentinel]

    @property
    def sentinel(self) -> int:
        """Becomes readable when the process ends."""
        return self._process.sentinel

    @property
    def is_running(self) -> bool:
        """Whether the process has not ended."""
        return self._process.is_alive()

    @property
    def exit_code(self) -> int | None:
        """The exit code; negative for the signal that killed it."""
        return self._process.exitcode

    def read_reports(self, elapsed_seconds: float) -> None:
        """Read what the worker has reported, or add to the time of its silence."""
        self.silent_seconds += elapsed_seconds
        if self._reports.closed:
            return
        with suppress(BlockingIOError):
            if reports := os.read(self._reports.fileno(), 4096):
                self.has_served, self.silent_seconds = True, 0.0
                self.is_due = self.is_due or DUE in reports
            else:
                self._reports.close()

    def shut_down(self) -> None:
        """Tell the worker to shut down."""
        self._process.terminate()

    def retire(self) -> None:
        """Tell the worker to leave new connections to the others and to end."""
        self.retired_at = time.monotonic()
        if self.pid and self.is_running:
            os.kill(self.pid, RETIRE)

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()

    def close(self) -> None:
        """Wait for the end of the process, and close the pipe of its reports."""
        self._process.join()
        self._reports.close()
