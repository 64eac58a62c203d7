"""Runs one uvicorn server on one address, and stops it cleanly."""

import asyncio
import signal
import socket
import sys
from typing import TYPE_CHECKING

from http_connections.rules import KEEP_ALIVE_SECONDS

from housing_price_model.errors import ServingError

if TYPE_CHECKING:
    from collections.abc import Callable

    import uvicorn
    from starlette.types import ASGIApp

BACKLOG = 2048
GRACE_SECONDS = 10
SWITCH_SECONDS = 0.001
"""How long the compute thread may keep the GIL from the event loop; Python's default is five times longer."""


def reserve(host: str, port: int) -> socket.socket:
    """Bind a socket to an address without listening, because there is no model yet.

    Raises:
        ServingError: if the address is taken or not this machine's.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise ServingError(f"{host} is not an address of this machine: choose another with --host") from error
    family, kind, protocol, _, address = found[0]
    bound = socket.socket(family, kind, protocol)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
    except OSError as error:
        bound.close()
        raise _unusable(host, port, error) from error
    return bound


def run(app: "ASGIApp", bound: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT, and finish requests in flight.

    Raises:
        ServingError: if another process has started to listen on the address in the meantime.
    """
    from http_connections.server import BacklogServer

    listen(bound)
    config = make_config(app)
    server = BacklogServer(config)
    # uvicorn raises each signal again after shutdown. With its own handler installed this changes nothing, so the
    # process ends normally, and a signal that arrives before it listens is not lost.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, server.handle_exit)
    sys.setswitchinterval(SWITCH_SECONDS)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(server.serve(sockets=[bound]))


def listen(bound: socket.socket) -> None:
    """Start to listen on a bound socket.

    Raises:
        ServingError: if another process has started to listen on the address in the meantime.
    """
    host, port = bound.getsockname()[:2]
    try:
        bound.listen(BACKLOG)
    except OSError as error:
        raise _unusable(host, port, error) from error


def make_config(app: "ASGIApp | Callable[[], ASGIApp]", *, workers: int = 1) -> "uvicorn.Config":
    """Return uvicorn's configuration for an application, or for a factory if there are several workers."""
    import uvicorn

    return uvicorn.Config(
        app,
        factory=workers > 1,
        workers=workers,
        log_level="warning",
        access_log=False,
        lifespan="off",
        loop="uvloop",
        http="housing_price_model.serving.connections:ModelServerProtocol",
        ws="none",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def format_address(bound: socket.socket) -> str:
    """Return the URL of a bound socket."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _unusable(host: str, port: int, error: OSError) -> ServingError:
    return ServingError(f"port {port} on {host} can't be used ({error.strerror}): choose another with --port")
