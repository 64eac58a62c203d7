"""Plain ASGI middleware around the whole application: gives each request its context, its metrics, its log line.

The line has a fixed list of keys. A user's mistake has no stack trace; a bug of ours has one, in the log only.
"""

import time
from collections.abc import Callable
from typing import Any

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from housing_price_orchestrator.domain import Headers, RequestContext
from housing_price_orchestrator.observability.metrics.requests import RequestMetrics
from housing_price_orchestrator.observability.repeated_lines import RepeatedLines
from housing_price_orchestrator.observability.request_context import begin_request, current_request
from housing_price_orchestrator.service.events import PricesAnswered
from housing_price_orchestrator.settings import LogSettings

UNMATCHED = "unmatched"
"""The route of a request for an address that does not exist."""

CLIENT_CLOSED_REQUEST = 499
"""Status in log and metrics for a caller that left before the answer; nobody receives it."""

_ASKED_ALL_THE_TIME = ("/ready",)
"""Routes whose errors are logged elsewhere, once: that readiness changed is a line of its own."""

log: structlog.stdlib.BoundLogger = structlog.get_logger("housing_price_orchestrator.requests")


class RequestLog:
    """Observes every HTTP request.

    Args:
        app: the application.
        metrics: where requests are counted.
        settings: which requests get a log line.
        answer_to_bug: the answer when the application fails with an error that is none of ours.
        headers_of: the headers that go with each answer to a request for a path, an answer to a bug included.
    """

    def __init__(
        self,
        app: ASGIApp,
        metrics: RequestMetrics,
        settings: LogSettings,
        answer_to_bug: Callable[[], ASGIApp],
        headers_of: Callable[[str], Headers] = lambda _path: (),
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._settings = settings
        self._answer_to_bug = answer_to_bug
        self._headers_of = headers_of
        self._repeated = RepeatedLines(now)
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        context = begin_request(scope, self._headers_of(scope["path"]))
        token = current_request.set(context)
        began, status = self._now(), CLIENT_CLOSED_REQUEST

        async def observed_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    *context.headers,
                    (b"x-request-id", context.request_id.encode()),
                ]
            await send(message)

        self._metrics.in_flight.inc()
        try:
            await self._app(scope, receive, observed_send)
        except ClientDisconnect:
            log.debug("the caller left before the answer")
        except Exception:
            log.exception("unexpected error", path=scope["path"])
            if status != CLIENT_CLOSED_REQUEST:
                raise
            await self._answer_to_bug()(scope, receive, observed_send)
        finally:
            self._metrics.in_flight.dec()
            self._complete(scope, context, status, self._now() - began)
            current_request.reset(token)

    def _complete(self, scope: Scope, context: RequestContext, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", UNMATCHED)
        self._metrics.count_request(scope["method"], route, int(status), seconds)
        is_slow = seconds > self._settings.slow_request_seconds
        is_wanted = is_slow or (status >= 400 and route not in _ASKED_ALL_THE_TIME)
        if self._settings.requests == "all" or (is_wanted and not self._repeated.leaves_out(context.code)):
            level = log.error if status >= 500 else log.warning if is_slow else log.info
            left_out = self._repeated.left_out(context.code)
            level("request completed", **_line(scope, context, route, status, seconds, left_out))


def note_prices(event: PricesAnswered) -> None:
    """Note for the log line of a request how many houses it priced, and by which version of the model."""
    context = event.context
    if event.stages is None:  # a flow may price houses in several steps
        context.rows = (context.rows or 0) + len(event.prices)
    context.model_version = event.version


def refused_request(metrics: RequestMetrics) -> Callable[[str, int, str, str | None], None]:
    """Observes what was refused before it became a request: by its id, status, code and the client's address."""

    def refuse(request_id: str, status: int, code: str, client: str | None) -> None:
        metrics.count_refused(UNMATCHED, status)
        context = RequestContext(request_id=request_id, code=code)
        scope = {"client": (client,), "method": None} if client else {"method": None}
        log.info("request completed", **_line(scope, context, UNMATCHED, status, 0.0))

    return refuse


def _line(
    scope: Scope, context: RequestContext, route: str, status: int, seconds: float, left_out: int = 0
) -> dict[str, Any]:
    client = scope.get("client")
    return {
        "request_id": context.request_id,
        "trace_id": context.trace_id,
        "client": client[0] if client else None,
        "key": context.key,
        "method": scope["method"],
        "route": route,
        "status": int(status),
        "code": context.code,
        "cause": context.cause,
        "duration_ms": round(seconds * 1000, 2),
        "rows": context.rows,
        "model_version": context.model_version,
        "left_out": left_out,
    }
