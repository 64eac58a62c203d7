"""Runs the application in uvicorn, so that it ends with exit code 0 and no request lost when it is asked to."""

import ctypes
import gc
import math
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

import structlog
import uvicorn

from housing_price_orchestrator.bootstrap.app import create_app
from housing_price_orchestrator.observability.logs import configure_logging
from housing_price_orchestrator.server.listener import address_of, listener
from housing_price_orchestrator.server.protocol import http_protocol
from housing_price_orchestrator.settings import Settings

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

SAME_WISH_SECONDS = 0.5
"""Signals that come so close together mean one wish."""

_CLOSE = (b"connection", b"close")

_M_MMAP_THRESHOLD = -3
"""The option's number in glibc's ``malloc.h``."""

_LARGE_BYTES = 256 * 1024


def run(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM, finish what is in flight, and return.

    Raises:
        AddressUnavailable: if the port is taken or the address is none of this machine's.
    """
    listening = listener(settings.host, settings.port)
    configure_logging(settings.log, settings.environment)
    server = create_server(settings)
    log.info("listening", address=address_of(listening), model=settings.pricing_model.place)
    server.run(sockets=[listening])
    log.info("stopped")


def create_server(settings: Settings) -> "NoticeServer":
    """The application in uvicorn; it runs on the sockets that its ``run`` is given."""
    app = create_app(settings)
    server = NoticeServer(
        uvicorn.Config(
            app,
            http=http_protocol(settings.limits, app.state.refuse),
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=settings.keep_alive_seconds,
            timeout_graceful_shutdown=math.ceil(settings.shutdown.drain_seconds),
        ),
        notice_seconds=settings.shutdown.notice_seconds,
        on_notice=app.state.end_soon,
    )
    # Also for a signal before uvicorn takes them, and after it has given them back.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, server.handle_exit)
    _give_back_large_bodies()
    # What is there now stays: the garbage collector need not go through it again and again while batches come and go.
    gc.collect()
    gc.freeze()
    return server


def _give_back_large_bodies() -> None:
    """Let glibc take the memory of large bodies from the system each time, to which it goes back when they are gone.

    By itself it raises this threshold with the first of them, and keeps what comes later.
    """
    with suppress(AttributeError):  # another C library, as on macOS
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


class NoticeServer(uvicorn.Server):
    """Gives notice before it ends: it is not ready, still takes requests, and closes each connection after its answer.

    A load balancer turns away in that time, so that no request meets a closed door. Where nobody has asked anything for
    as long there is nobody to tell. A moment without connections is no such case: a client whose connection was closed
    is about to make another one.

    Args:
        config: uvicorn's.
        notice_seconds: how long it gives notice.
        on_notice: called when that begins.
        now: a clock in seconds.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        *,
        notice_seconds: float,
        on_notice: Callable[[], object],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(config)
        self._notice_seconds = notice_seconds
        self._on_notice = on_notice
        self._now = now
        self._asked_at: float | None = None
        self._ends_at: float | None = None
        self._answered = 0
        self._last_used_at = -math.inf

    def ask_to_end(self) -> None:
        """Give notice and end; asked again, end as soon as what is in flight is answered.

        Asked twice within a moment is asked once: a service manager may tell all processes, and a parent its workers.
        """
        now = self._now()
        if self._asked_at is None:
            self._asked_at = now
            self._on_notice()
            self.config.encoded_headers.append(_CLOSE)
            self.server_state.default_headers.append(_CLOSE)
        elif now - self._asked_at > SAME_WISH_SECONDS:
            self.should_exit = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002  a signal handler's arguments
        """What uvicorn calls for a signal. Its own way ends at once, and raises the signal again in the end."""
        self.ask_to_end()

    async def on_tick(self, counter: int) -> bool:
        """What uvicorn asks ten times a second: whether it is time to end."""
        now = self._now()
        self._observe_use(now)
        if self._asked_at is not None and self._ends_at is None:
            is_used = now - self._last_used_at <= self._notice_seconds
            self._ends_at = now + self._notice_seconds if is_used else now
            log.info("ending", notice_seconds=self._ends_at - now)
        if self._ends_at is not None and now >= self._ends_at:
            self.should_exit = True
        return await super().on_tick(counter)

    def _observe_use(self, now: float) -> None:
        state = self.server_state
        if state.connections or state.total_requests > self._answered:
            self._answered = state.total_requests
            self._last_used_at = now
