"""Plain ASGI middleware: a request that is sent again with the same ``Idempotency-Key`` gets the same answer."""

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
from housing_price_orchestrator.api.http.problems import error_answer
from housing_price_orchestrator.api.options import time_limit
from housing_price_orchestrator.errors import KNOWN_ERRORS, InvalidInput
from housing_price_orchestrator.observability.request_context import request_context

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"

_NAME = HEADER.lower().encode()
_VALID = re.compile(rb"[!-~]{1,255}")
_MAY_CHANGE = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


@dataclass(slots=True)
class IdempotentRoute:
    """A route of which answers are kept.

    Args:
        route: what answers.
        most_held: how many requests with a key it holds at once, whose bodies are there.
        longest_seconds: how long a request may take, the time in which it waits for another with the same key included.
    """

    route: Any
    most_held: int
    longest_seconds: float
    held: int = 0

    def check_room(self) -> None:
        """Whether it may hold one more.

        Raises:
            Overloaded: if not.
        """
        if self.held >= self.most_held:
            raise Overloaded(f"{self.held} with an {HEADER} are being served")

    @contextmanager
    def holding(self) -> Iterator[None]:
        """One more is held.

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
    """Keeps the final answers to requests that carry a key, and gives them again.

    Answers are known by the caller, the route, the query and the key. Those that may be others the next time are not
    kept: 408, 429 and everything from 500 on.

    Args:
        app: the application.
        routes: the routes at which it works, by method and path.
        body: reads bodies, within their limits.
        answers: where answers are kept.
        on_replay: is told of each answer that is given again.
    """

    def __init__(
        self,
        app: ASGIApp,
        routes: Mapping[tuple[str, str], IdempotentRoute],
        body: BodyReader,
        answers: IdempotencyStore,
        on_replay: Callable[[], object],
    ) -> None:
        self._app = app
        self._routes = routes
        self._body = body
        self._answers = answers
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
            request = _digest(_checked(key), context.key, scope)
            seconds = time_limit(scope["headers"], route.longest_seconds)
            body = await self._body.read(Request(scope, receive))
            fingerprint = blake2b(body, digest_size=32).digest()
            with route.holding():
                async with context.start_deadline(seconds).limit():
                    kept = await self._begin(request, fingerprint)
                if kept:
                    self._on_replay()
                    await _replay(kept, send)
                else:
                    await self._answer(request, fingerprint, scope, _given_again(body, receive), send)
        except KNOWN_ERRORS as error:
            await error_answer(error)(scope, receive, send)

    async def _begin(self, request: bytes, fingerprint: bytes) -> StoredResponse | None:
        """Return the kept answer, which another request may still be working on; None if this one is the first."""
        try:
            return await self._answers.begin(request, fingerprint)
        except IdempotencyKeyReused as error:
            raise _mistake("idempotency_key_reused", f"`{HEADER}` was used before with another body") from error

    async def _answer(self, request: bytes, fingerprint: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        recorded = _Recorded(send)
        answer = None
        try:
            await self._app(scope, receive, recorded)
            answer = recorded.answer(fingerprint)
        finally:
            self._answers.end(request, answer)


class _Recorded:
    """Sends an answer, and remembers it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._status = 0
        self._content_type = b""
        self._body = bytearray()
        self._is_whole = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = int(message["status"])
            self._content_type = dict(message["headers"]).get(b"content-type", b"")
        elif message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            self._is_whole = not message.get("more_body", False)
        await self._send(message)

    def answer(self, fingerprint: bytes) -> StoredResponse | None:
        """The answer, if it is final."""
        if not self._is_whole or self._status >= HTTPStatus.INTERNAL_SERVER_ERROR or self._status in _MAY_CHANGE:
            return None
        return StoredResponse(fingerprint, self._status, self._content_type, bytes(self._body))


def _checked(key: bytes) -> bytes:
    if not _VALID.fullmatch(key):
        raise _mistake("idempotency_key", f"`{HEADER}` must be 1 to 255 visible ASCII characters")
    return key


def _mistake(kind: str, message: str) -> InvalidInput:
    return InvalidInput([{"type": kind, "loc": ["header", HEADER], "msg": message}], 1)


def _digest(key: bytes, caller: str | None, scope: Scope) -> bytes:
    parts = ((caller or "").encode(), scope["path"].encode(), scope["query_string"], key)
    digest = blake2b(digest_size=32)
    for part in parts:
        digest.update(b"%d:" % len(part) + part)
    return digest.digest()


def _given_again(body: bytes, receive: Receive) -> Receive:
    """Gives a body that was read already, and then what else comes."""
    message: Message | None = {"type": "http.request", "body": body, "more_body": False}

    async def receive_again() -> Message:
        nonlocal message
        given, message = message, None
        return given or await receive()

    return receive_again


async def _replay(kept: StoredResponse, send: Send) -> None:
    headers = [
        (b"content-type", kept.content_type),
        (b"content-length", b"%d" % len(kept.body)),
        (REPLAYED.lower().encode(), b"true"),
    ]
    await send({"type": "http.response.start", "status": kept.status, "headers": headers})
    await send({"type": "http.response.body", "body": kept.body})
