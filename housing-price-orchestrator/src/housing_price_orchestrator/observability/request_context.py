"""Begins the context of a request, and finds it again.

The context travels in ASGI's own place for such things, ``scope["state"]``, and from the endpoint on as an argument.
One context variable holds it as well, because ``logging`` and structlog call our code with nothing of a request: their
processors add its id to whatever is logged meanwhile.
"""

import random
import re
from collections.abc import Mapping, MutableMapping
from contextvars import ContextVar
from typing import Any

from housing_price_orchestrator.domain import NO_REQUEST, Headers, RequestContext

_KEY = "request_context"
"""Key of the context in ``scope["state"]``."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")

current_request: ContextVar[RequestContext] = ContextVar("current_request", default=NO_REQUEST)


def new_request_id() -> str:
    """Return a random request id. It tells requests apart and protects nothing, so it needs no secure randomness."""
    return f"{random.getrandbits(128):032x}"


def begin_request(scope: MutableMapping[str, Any], headers: Headers = ()) -> RequestContext:
    """Put the context of a new request into its scope; its ids are the caller's where these are well-formed.

    Args:
        scope: the ASGI scope of the request.
        headers: headers that go with the response, whatever it will be.
    """
    given = dict(scope["headers"])
    context = RequestContext(
        request_id=_text(given, b"x-request-id", _REQUEST_ID) or new_request_id(),
        traceparent=_text(given, b"traceparent", _TRACEPARENT),
        given=given,
        headers=headers,
    )
    scope.setdefault("state", {})[_KEY] = context
    return context


def request_context(scope: MutableMapping[str, Any]) -> RequestContext:
    """Return the context of a request, from its scope."""
    try:
        context: RequestContext = scope["state"][_KEY]
    except KeyError:
        return begin_request(scope)
    else:
        return context


def _text(given: Mapping[bytes, bytes], name: bytes, form: re.Pattern[str]) -> str | None:
    value = given.get(name)
    if value is None:
        return None
    text = value.decode("latin-1")
    return text if form.fullmatch(text) else None
