"""Runs the application in uvicorn, so that it ends with exit code 0 when it is asked to."""

import gc
import signal
from types import FrameType

import structlog
import uvicorn

from housing_price_orchestrator.api.http_protocol import http_protocol
from housing_price_orchestrator.app import create_app
from housing_price_orchestrator.listener import address_of, listener
from housing_price_orchestrator.observability.logs import configure_logging
from housing_price_orchestrator.settings import Settings

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

DRAIN_SECONDS = 12
"""Time for requests in flight when the process is asked to end: the longest deadline and 2 seconds."""


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


def create_server(settings: Settings) -> uvicorn.Server:
    """The application in uvicorn; it runs on the sockets that its ``run`` is given."""
    app = create_app(settings)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http=http_protocol(settings.limits, app.state.refuse),
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )
    )
    _end_quietly(server)
    # What is there now stays: the garbage collector need not go through it again and again while batches come and go.
    gc.collect()
    gc.freeze()
    return server


def _end_quietly(server: uvicorn.Server) -> None:
    # uvicorn raises the signals that it caught again after its shutdown; with these handlers that does nothing.
    def end(_signal: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
