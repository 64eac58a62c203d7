"""Ends the server without losing a request: gives notice, drains, and only then closes its connections."""

import math
import time
from collections.abc import Callable
from types import FrameType

import structlog
import uvicorn
from http_connections.server import BacklogServer

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

SAME_SIGNAL_SECONDS = 0.5
"""Signals that arrive this close together count as one."""

_CLOSE = (b"connection", b"close")


class GracefulServer(BacklogServer):
    """Gives notice before it shuts down: reports not ready, still accepts requests, closes each connection after use.

    The notice gives a load balancer time to stop sending requests, so that none is refused. If no request arrived
    lately, the server shuts down at once. A moment without connections is not enough: a client whose connection was
    just closed is about to open another one.

    Args:
        config: uvicorn's.
        notice_seconds: length of the notice.
        on_notice: called when the notice begins.
        owns_sockets: whether no other process accepts connections on the same sockets.
        now: a clock in seconds.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        *,
        notice_seconds: float,
        on_notice: Callable[[], object],
        owns_sockets: bool = True,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(config, owns_sockets=owns_sockets)
        self._notice_seconds = notice_seconds
        self._on_notice = on_notice
        self._now = now
        self._shutdown_requested_at: float | None = None
        self._retirement_requested = False
        self._is_retiring = False
        self._exit_at: float | None = None
        self._observed_requests = 0
        self._last_used_at = -math.inf

    def request_shutdown(self) -> None:
        """Give notice and shut down; on the second call, shut down as soon as the requests in flight are answered.

        Two calls within a moment count as one: a service manager may signal every process, and a parent its workers.
        """
        now = self._now()
        if self._shutdown_requested_at is None:
            self._shutdown_requested_at = now
            self._on_notice()
            self._close_connections_after_responses()
        elif now - self._shutdown_requested_at > SAME_SIGNAL_SECONDS:
            self.should_exit = True

    def request_retirement(self) -> None:
        """Leave new connections to the other processes on the same socket, and shut down once the own ones are closed.

        The service stays ready, so there is no notice. An idle connection keeps its normal keep-alive time.
        """
        self._retirement_requested = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002  a signal handler's arguments
        """Replace uvicorn's signal handler, which shuts down at once and raises the signal again at the end."""
        self.request_shutdown()

    async def on_tick(self, counter: int) -> bool:
        """Decide whether to exit; uvicorn calls this ten times a second."""
        now = self._now()
        self._observe_use(now)
        if self._shutdown_requested_at is not None and self._exit_at is None:
            is_used = now - self._last_used_at <= self._notice_seconds
            self._exit_at = now + self._notice_seconds if is_used else now
            log.info("ending", notice_seconds=self._exit_at - now)
        if self._retirement_requested and not self._is_retiring:
            self._retire()
        is_retired = self._is_retiring and not self.server_state.connections
        if is_retired or (self._exit_at is not None and now >= self._exit_at):
            self.should_exit = True
        return await super().on_tick(counter)

    def _retire(self) -> None:
        self._is_retiring = True
        for server in self.servers:
            server.close()
        self._close_connections_after_responses()

    def _close_connections_after_responses(self) -> None:
        self.config.encoded_headers.append(_CLOSE)
        self.server_state.default_headers.append(_CLOSE)

    def _observe_use(self, now: float) -> None:
        state = self.server_state
        if state.connections or state.total_requests > self._observed_requests:
            self._observed_requests = state.total_requests
            self._last_used_at = now
