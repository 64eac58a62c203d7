"""Runs the application in uvicorn, so that it ends with exit code 0 and no request lost when it is asked to."""

import gc
import math
import signal
import time
from collections.abc import Callable
from types import FrameType

import structlog
import uvicorn

from housing_price_orchestrator.api.http_protocol import http_protocol
from housing_price_orchestrator.app import create_app
from housing_price_orchestrator.listener import address_of, listener
from housing_price_orchestrator.observability.logs import configure_logging
from housing_price_orchestrator.settings import Settings

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

_CLOSE = (b"connection", b"close")


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
            timeout_graceful_shutdown=math.ceil(settings.shutdown.drain_seconds),
        ),
        notice_seconds=settings.shutdown.notice_seconds,
        on_notice=app.state.end_soon,
    )
    _end_quietly(server)
    # What is there now stays: the garbage collector need not go through it again and again while batches come and go.
    gc.collect()
    gc.freeze()
    return server


class NoticeServer(uvicorn.Server):
    """Gives notice before it ends: it is not ready, still takes requests, and closes each connection after its answer.

    A load balancer turns away in that time, so that no request meets a closed door. Where nobody is connected there is
    nobody to tell.

    Args:
        config: uvicorn's.
        notice_seconds: how long it gives notice.
        on_notice: called when that begins.
    """

    def __init__(self, config: uvicorn.Config, *, notice_seconds: float, on_notice: Callable[[], object]) -> None:
        super().__init__(config)
        self._notice_seconds = notice_seconds
        self._on_notice = on_notice
        self._is_asked = False
        self._ends_at: float | None = None

    def ask_to_end(self) -> None:
        """Give notice and end; asked again, end at once."""
        self.should_exit = self._is_asked
        self._is_asked = True

    async def on_tick(self, counter: int) -> bool:
        """What uvicorn asks ten times a second: whether it is time to end."""
        if self._is_asked and self._ends_at is None:
            self._ends_at = time.monotonic() + self._notice_seconds
            self._on_notice()
            self.config.encoded_headers.append(_CLOSE)
            self.server_state.default_headers.append(_CLOSE)
        if self._ends_at is not None and (time.monotonic() >= self._ends_at or not self.server_state.connections):
            self.should_exit = True
        return await super().on_tick(counter)


def _end_quietly(server: NoticeServer) -> None:
    # uvicorn raises the signals that it caught again after its shutdown; with these handlers that does nothing.
    def end(_signal: int, _frame: FrameType | None) -> None:
        server.ask_to_end()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
