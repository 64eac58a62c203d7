"""One of several processes that serve: what it runs, and what it reports to its parent."""

import multiprocessing
import os
import random
import shutil
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import structlog

from housing_price_orchestrator.observability.logs import configure_logging
from housing_price_orchestrator.settings import Settings

if TYPE_CHECKING:
    from housing_price_orchestrator.server.shutdown import GracefulServer

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

ALIVE = b"a"
"""Reported about once a second while the worker serves."""

DUE = b"d"
"""Reported instead of `ALIVE` once the worker has served its share of requests."""

RETIRE = signal.SIGUSR1
"""Tells a worker to leave new connections to the others and to end."""

SHUTDOWN_MARGIN_SECONDS = 3.0
"""Time to shut down, on top of the notice and the requests in flight, before a worker is killed."""

MAX_REQUESTS_JITTER = 0.1
"""Share by which a worker may exceed its maximum of requests, so that workers are not all due at once."""


@dataclass(frozen=True)
class Worker:
    """What each of the processes runs.

    Args:
        settings: how it serves.
        metrics_folder: where all workers keep their metrics.
        max_requests: requests after which it asks to be replaced, give or take the jitter.
    """

    settings: Settings
    metrics_folder: Path
    max_requests: int | None = None

    def __call__(self, listener: socket.socket, reports: Connection) -> None:
        """Serve until SIGTERM, until retirement, or until the parent is gone."""
        from housing_price_orchestrator.errors import EmbeddedModelUnavailable
        from housing_price_orchestrator.server.run import create_server

        configure_logging(self.settings.log, self.settings.environment)
        try:
            server = create_server(self.settings, owns_sockets=False)
        except EmbeddedModelUnavailable as error:
            log.error("no model to embed", reason=str(error))  # noqa: TRY400  the reason is all there is to say
            sys.exit(1)
        signal.signal(RETIRE, lambda _signal, _frame: server.request_retirement())
        self._report_each_second(server, reports)
        Thread(target=self._end_with_parent, args=[server], daemon=True).start()
        server.run(sockets=[listener])

    @property
    def shutdown_seconds(self) -> float:
        """Time in which a worker must end, before it is killed."""
        shutdown = self.settings.shutdown
        return shutdown.notice_seconds + shutdown.drain_seconds + SHUTDOWN_MARGIN_SECONDS

    def _report_each_second(self, server: "GracefulServer", reports: Connection) -> None:
        os.set_blocking(reports.fileno(), False)
        limit = self.max_requests and round(self.max_requests * random.uniform(1, 1 + MAX_REQUESTS_JITTER))  # noqa: S311  no secret

        async def report() -> None:
            is_due = limit is not None and server.server_state.total_requests >= limit
            with suppress(BlockingIOError, BrokenPipeError):  # the parent is stopped, or gone
                os.write(reports.fileno(), DUE if is_due else ALIVE)

        # uvicorn calls it from its main loop: for the first time when it has started, and never while that loop hangs.
        server.config.callback_notify, server.config.timeout_notify = report, 0

    def _end_with_parent(self, server: "GracefulServer") -> None:
        if parent := multiprocessing.parent_process():
            parent.join()
            shutil.rmtree(self.metrics_folder, ignore_errors=True)
            server.request_shutdown()
            time.sleep(self.shutdown_seconds)
            os.kill(os.getpid(), signal.SIGKILL)
