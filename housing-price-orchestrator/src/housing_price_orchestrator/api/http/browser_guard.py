"""ASGI middleware that rejects what a web page of another site makes a browser send.

Two tricks need no fault of the browser: a page whose own name leads to this machine (DNS rebinding) may read responses,
and any page may send a simple request without reading the response.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import lru_cache
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from housing_price_orchestrator.access.hosts import AllowedHosts, is_address, is_own_origin
from housing_price_orchestrator.api.http.problems import error_response
from housing_price_orchestrator.errors import HostNotAllowed, OriginNotAllowed
from housing_price_orchestrator.observability.request_context import request_context

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110, 9.2.1)."""

_METRICS = "/metrics"
_MAX_LENGTH = 100
"""Characters of a header that a response repeats."""


class BrowserGuard:
    """Rejects requests for other hosts, and requests of other origins that would change something.

    Probes call by address or by whatever name their balancer knows, so the open paths take every host, and metrics
    every address.

    Args:
        app: the application.
        hosts: the allowed hosts; None for any.
        origins: origins that may change something beside the service's own.
        open_paths: paths that everybody may read by any name.
        stateless: methods and paths that change nothing although their method says otherwise: prices are computed.
        routes: the routes by their path, so that a rejection counts for the right route.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: AllowedHosts | None,
        origins: Collection[str],
        open_paths: Collection[str],
        stateless: Collection[tuple[str, str]],
        routes: Mapping[str, Any],
    ) -> None:
        self._app = app
        self._allows_host: Callable[[bytes], bool] | None = None
        if hosts is not None:
            self._allows_host = lru_cache(maxsize=256)(lambda host: hosts.allow(host.decode("latin-1")))
        self._origins = origins
        self._open_paths = open_paths
        self._stateless = stateless
        self._routes = routes

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Return what handles a request: a coroutine of its own around each would cost every request."""
        error = self._find_error(scope) if scope["type"] == "http" else None
        if error is None:
            return self._app(scope, receive, send)
        scope["route"] = self._routes.get(scope["path"])
        return error_response(error)(scope, receive, send)

    def _find_error(self, scope: Scope) -> HostNotAllowed | OriginNotAllowed | None:
        given = request_context(scope).given
        host, origin = given.get(b"host"), given.get(b"origin")
        is_known = host is None or self._allows_host is None or self._allows_host(host)
        if host is not None and not is_known and not self._is_probe(scope, host):
            return HostNotAllowed(_show(host))
        if origin is not None and self._is_forged(scope, origin, host):
            return OriginNotAllowed(_show(origin))
        return None

    def _is_probe(self, scope: Scope, host: bytes) -> bool:
        path = scope["path"]
        return path in self._open_paths or (path == _METRICS and is_address(host.decode("latin-1")))

    def _is_forged(self, scope: Scope, origin: bytes, host: bytes | None) -> bool:
        if scope["method"] in SAFE_METHODS or (scope["method"], scope["path"]) in self._stateless:
            return False
        name = host.decode("latin-1") if host is not None else None
        return not is_own_origin(origin.decode("latin-1"), name, self._origins)


def _show(value: bytes) -> str:
    return "".join(character for character in value.decode("ascii", "replace") if character.isprintable())[:_MAX_LENGTH]
