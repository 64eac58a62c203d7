"""ASGI middleware: a request that is sent again with the same ``Idempotency-Key`` gets the same response."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from upstream_resilience.errors import Overloaded

from housing_price_orchestrator.access.idempotency_store import IdempotencyKeyReused, IdempotencyStore, StoredResponse
from housing_price_orchestrator.api.http.body import BodyReader
from housing_price_orchestrator.api.http.problems import error_response
from housing_price_orchestrator.api.options import read_time_limit
from housing_price_orchestrator.errors import KNOWN_ERRORS, InvalidInput
from housing_price_orchestrator.observability.request_context import request_context

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"

_NAME = HEADER.lower().encode()
_VALID = re.compile(rb"[!-~]{1,255}")
_NOT_FINAL = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


@dataclass(slots=True)
class IdempotentRoute:
    """A route that accepts an ``Idempotency-Key``.

    Args:
        route: the route.
        max_held: how many requests with a key it holds at once, with their bodies.
        max_seconds: how long a request may take, including the wait for another one with the same key.
    """

    route: Any
    max_held: int
    max_seconds: float
    held: int = 0

    def check_room(self) -> None:
        """Check that there is room for another request.

        Raises:
            Overloaded: if there is none.
        """
        if self.held >= self.max_held:
            raise Overloaded(f"{self.held} with an {HEADER} are being served")

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold a request while the block lasts.

        Raises:
            Overloaded: if there are too many.
        """
        self.check_room()
        self.held += 1
        try:
            yield
        finally:
            self.held -= 1


class Idempotency:
    """Stores the final responses to requests with a key, and replays them.

    A response is stored by the caller, the route, the query and the key. One that may differ the next time is not
    stored: 408, 429 and everything from 500 on.

    Args:
        app: the application.
        routes: the routes that accept a key, by method and path.
        body: reads bodies within their limits.
        store: where responses are stored.
        on_replay: called for each response that is replayed.
    """

    def __init__(
        self,
        app: ASGIApp,
        routes: Mapping[tuple[str, str], IdempotentRoute],
        body: BodyReader,
        store: IdempotencyStore,
        on_replay: Callable[[], object],
    ) -> None:
        self._app = app
        self._routes = routes
        self._body = body
        self._store = store
        self._on_replay = on_replay

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        context = request_context(scope) if scope["type"] == "http" else None
        key = context.given.get(_NAME) if context else None
        route = self._routes.get((scope["method"], scope["path"])) if key is not None else None
        if context is None or key is None or route is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = route.route
        try:
            route.check_room()
            request = _digest(_check_key(key), context.key, scope)
            seconds = read_time_limit(scope["headers"], route.max_seconds)
            body = await self._body.read(Request(scope, receive))
            fingerprint = blake2b(body, digest_size=32).digest()
            with route.hold():
                async with context.start_deadline(seconds).limit():
                    stored = await self._begin(request, fingerprint)
                if stored:
                    self._on_replay()
                    await _replay(stored, send)
                else:
                    await self._answer(request, fingerprint, scope, _replay_body(body, receive), send)
        except KNOWN_ERRORS as error:
            await error_response(error)(scope, receive, send)

    async def _begin(self, request: bytes, fingerprint: bytes) -> StoredResponse | None:
        """Return the stored response, waiting for a request that computes it; None if this one is the first."""
        try:
            return await self._store.begin(request, fingerprint)
        except IdempotencyKeyReused as error:
            raise _invalid_header("idempotency_key_reused", f"`{HEADER}` was used before with another body") from error

    async def _answer(self, request: bytes, fingerprint: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        recorder = _Recorder(send)
        response = None
        try:
            await self._app(scope, receive, recorder)
            response = recorder.response(fingerprint)
        finally:
            self._store.end(request, response)


class _Recorder:
    """Sends a response and records it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._status = 0
        self._content_type = b""
        self._body = bytearray()
        self._is_complete = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = int(message["status"])
            self._content_type = dict(message["headers"]).get(b"content-type", b"")
        elif message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            self._is_complete = not message.get("more_body", False)
        await self._send(message)

    def response(self, fingerprint: bytes) -> StoredResponse | None:
        """The recorded response, if it is final."""
        if not self._is_complete or self._status >= HTTPStatus.INTERNAL_SERVER_ERROR or self._status in _NOT_FINAL:
            return None
        return StoredResponse(fingerprint, self._status, self._content_type, bytes(self._body))


def _check_key(key: bytes) -> bytes:
    if not _VALID.fullmatch(key):
        raise _invalid_header("idempotency_key", f"`{HEADER}` must be 1 to 255 visible ASCII characters")
    return key


def _invalid_header(kind: str, message: str) -> InvalidInput:
    return InvalidInput([{"type": kind, "loc": ["header", HEADER], "msg": message}], 1)


def _digest(key: bytes, caller: str | None, scope: Scope) -> bytes:
    parts = ((caller or "").encode(), scope["path"].encode(), scope["query_string"], key)
    digest = blake2b(digest_size=32)
    for part in parts:
        digest.update(b"%d:" % len(part) + part)
    return digest.digest()


def _replay_body(body: bytes, receive: Receive) -> Receive:
    """Receive a body that was read already, and then whatever else arrives."""
    message: Message | None = {"type": "http.request", "body": body, "more_body": False}

    async def receive_again() -> Message:
        nonlocal message
        given, message = message, None
        return given or await receive()

    return receive_again


async def _replay(stored: StoredResponse, send: Send) -> None:
    headers = [
        (b"content-type", stored.content_type),
        (b"content-length", b"%d" % len(stored.body)),
        (REPLAYED.lower().encode(), b"true"),
    ]
    await send({"type": "http.response.start", "status": stored.status, "headers": headers})
    await send({"type": "http.response.body", "body": stored.body})
