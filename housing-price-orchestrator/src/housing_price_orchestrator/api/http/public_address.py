"""ASGI middleware that makes the path of a request the service's own, whatever a proxy or a person added to it.

All other middleware sees paths as the routes declare them. ``scope["root_path"]`` holds what stands before them in the
addresses that the caller uses, for links and redirects.
"""

import re
from collections.abc import Awaitable, Collection

from starlette.types import ASGIApp, Receive, Scope, Send

from housing_price_orchestrator.access.client_address import ClientAddresses

HEADER = b"x-forwarded-prefix"
PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")
"""A prefix that is safe in links: it can't name another host."""


class PublicAddress:
    """Finds the prefix of a proxy, and drops the slash at the end of the path of a document.

    Args:
        app: the application.
        documents: the paths that people type and probes are given. All others are exact.
        root_path: the prefix that the settings state.
        proxies: the proxies that may state another with `X-Forwarded-Prefix`; None for none.
    """

    def __init__(
        self, app: ASGIApp, documents: Collection[str], root_path: str, proxies: ClientAddresses | None
    ) -> None:
        self._app = app
        self._documents = documents
        self._root_path = root_path
        self._proxies = proxies

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Return what handles a request: a coroutine of its own around each would cost every request."""
        if scope["type"] == "http":
            given = scope.get("root_path", "").rstrip("/")
            if given:
                _strip_start(scope, given)
            scope["root_path"] = self._forwarded(scope) or given or self._root_path
            if scope["path"][-1:] == "/" and scope["path"][:-1] in self._documents:
                _strip_slash(scope)
        return self._app(scope, receive, send)

    def _forwarded(self, scope: Scope) -> str:
        """The prefix that a trusted proxy states. Each of several adds its own, the outermost first."""
        if self._proxies is None or not scope["client"] or not self._proxies.trusts(scope["client"][0]):
            return ""
        lines = [value.decode("latin-1") for name, value in scope["headers"] if name == HEADER]
        prefix = "".join(part.strip().rstrip("/") for part in ",".join(lines).split(","))
        return prefix if PREFIX.fullmatch(prefix) else ""


def restore_full_path(scope: Scope) -> None:
    """Put the prefix before the path again, as ASGI wants it for the framework's own routing."""
    prefix: str = scope.get("root_path", "")
    if prefix:
        scope["path"] = prefix + scope["path"]
        if raw := scope.get("raw_path"):
            scope["raw_path"] = prefix.encode("latin-1") + raw


def _strip_start(scope: Scope, prefix: str) -> None:
    """Drop the prefix of an ASGI server, which puts its own before the path."""
    if not f"{scope['path']}/".startswith(f"{prefix}/"):
        return
    scope["path"] = scope["path"][len(prefix) :] or "/"
    raw: bytes | None = scope.get("raw_path")
    if raw and raw.startswith(prefix.encode("latin-1")):
        scope["raw_path"] = raw[len(prefix.encode("latin-1")) :] or b"/"


def _strip_slash(scope: Scope) -> None:
    raw: bytes | None = scope.get("raw_path")
    if raw:
        path, mark, query = raw.partition(b"?")
        if not path.endswith(b"/"):
            return  # an encoded slash is part of a name
        scope["raw_path"] = path[:-1] + mark + query
    scope["path"] = scope["path"][:-1]
