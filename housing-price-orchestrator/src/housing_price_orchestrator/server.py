"""Runs the application in uvicorn, so that it ends with exit code 0 when it is asked to."""

import errno
import signal
import socket
from types import FrameType

import structlog
import uvicorn

from housing_price_orchestrator.api.http_protocol import http_protocol
from housing_price_orchestrator.app import create_app
from housing_price_orchestrator.observability.logs import configure_logging
from housing_price_orchestrator.settings import Settings

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

DRAIN_SECONDS = 12
"""Time for requests in flight when the process is asked to end: the longest deadline and 2 seconds."""


class AddressUnavailable(Exception):
    """The process can't listen where it should."""

    def __init__(self, host: str, port: int, error: OSError) -> None:
        reason = "is taken: choose another with --port" if error.errno == errno.EADDRINUSE else error.strerror
        super().__init__(f"port {port} of {host} {reason}")


def run(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM, finish what is in flight, and return.

    Raises:
        AddressUnavailable: if the port is taken or the address is none of this machine's.
    """
    listener = _listener(settings.host, settings.port)
    configure_logging(settings.log, settings.environment)
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
    host, port = listener.getsockname()[:2]
    log.info("listening", address=f"http://{host}:{port}", model_server=settings.pricing_model.url)
    server.run(sockets=[listener])
    log.info("stopped")


def _listener(host: str, port: int) -> socket.socket:
    if not host:  # which would mean every address
        raise AddressUnavailable(host, port, OSError(errno.EADDRNOTAVAIL, "can't be opened: no host is named"))
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except UnicodeError as error:
        raise AddressUnavailable(host, port, OSError(errno.EADDRNOTAVAIL, "can't be opened: no such host")) from error
    except OSError as error:
        raise AddressUnavailable(host, port, error) from error


def _end_quietly(server: uvicorn.Server) -> None:
    # uvicorn raises the signals that it caught again after its shutdown; with these handlers that does nothing.
    def end(_signal: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
