"""Serves the application with uvicorn in this process, until a signal ends it."""

import ctypes
import gc
import math
import signal
from contextlib import suppress

import structlog
import uvicorn
from http_connections.protocol import connection_protocol
from http_connections.rules import ConnectionRules

from housing_price_orchestrator.api.http.direct_routes import cancel_work
from housing_price_orchestrator.bootstrap.app import create_app
from housing_price_orchestrator.observability.logs import configure_logging
from housing_price_orchestrator.server.hosts import warn_of_any_host, with_hosts
from housing_price_orchestrator.server.listener import address_of, open_listener
from housing_price_orchestrator.server.refusals import problem_refusals
from housing_price_orchestrator.server.shutdown import GracefulServer
from housing_price_orchestrator.settings import LimitSettings, Settings

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

_M_MMAP_THRESHOLD = -3
"""The option's number in glibc's ``malloc.h``."""

_LARGE_BYTES = 256 * 1024


def run(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM, finish the requests in flight, and return.

    Raises:
        AddressUnavailable: if the port is taken or the address is not one of this machine.
    """
    listener = open_listener(settings.host, settings.port)
    configure_logging(settings.log, settings.environment)
    server = create_server(settings)
    log.info("listening", address=address_of(listener), model=settings.pricing_model.place)
    warn_of_any_host(settings)
    server.run(sockets=[listener])
    log.info("stopped")


def create_server(settings: Settings, *, owns_sockets: bool = True) -> GracefulServer:
    """The application in uvicorn; its ``run`` takes the sockets to listen on.

    Args:
        settings: how it serves.
        owns_sockets: whether no other process accepts connections on these sockets.
    """
    app = create_app(with_hosts(settings))
    refuse = problem_refusals(settings.limits, app.state.refuse)
    server = GracefulServer(
        uvicorn.Config(
            app,
            http=connection_protocol(rules_of(settings.limits), refuse, on_left=cancel_work),
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
        owns_sockets=owns_sockets,
    )
    # For a signal that arrives before uvicorn installs its handlers, or after it has restored these.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, server.handle_exit)
    _return_large_blocks()
    # What exists by now stays: the garbage collector need not visit it again while batches come and go.
    gc.collect()
    gc.freeze()
    return server


def rules_of(limits: LimitSettings) -> ConnectionRules:
    """The rules of connections with these limits: an unread body has as long as one that is read."""
    seconds = limits.body_timeout_seconds
    return ConnectionRules(max_head_bytes=limits.max_header_bytes, head_seconds=seconds, rest_seconds=seconds)


def _return_large_blocks() -> None:
    """Make glibc map large blocks, so that the memory of large bodies returns to the system when they are freed.

    By default, glibc raises this threshold after the first large block and keeps the following ones.
    """
    with suppress(AttributeError):  # another C library, as on macOS
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
