"""What is known of the request that is being served, for its log line, its metrics and its answer."""

import random
import re
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field

type Headers = tuple[tuple[bytes, bytes], ...]

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def new_request_id() -> str:
    """A random request id. It tells requests apart and protects nothing, so the operating system is not asked."""
    return f"{random.getrandbits(128):032x}"


@dataclass(slots=True)
class RequestRecord:
    """Filled while the request is served.

    ``key`` is the name of the caller's API key, never the key. ``headers`` go with the answer, whatever it will be;
    ``given`` are those of the request, the last one where a name comes twice.
    """

    request_id: str = field(default_factory=new_request_id)
    traceparent: str | None = None
    code: str | None = None
    cause: str | None = None
    rows: int | None = None
    model_version: str | None = None
    key: str | None = None
    headers: Headers = ()
    given: Mapping[bytes, bytes] = field(default_factory=dict)

    @property
    def trace_id(self) -> str | None:
        return self.traceparent.split("-")[1] if self.traceparent else None


current_request: ContextVar[RequestRecord | None] = ContextVar("current_request", default=None)


def request_record() -> RequestRecord:
    """The record of the request that is being served; an empty one outside of any request."""
    record = current_request.get()
    return RequestRecord() if record is None else record


def record_of(given: Mapping[bytes, bytes], headers: Headers = ()) -> RequestRecord:
    """The record of a new request: its ids are taken from the caller's headers where they are well-formed."""
    return RequestRecord(
        request_id=_text(given, b"x-request-id", _REQUEST_ID) or new_request_id(),
        traceparent=_text(given, b"traceparent", _TRACEPARENT),
        headers=headers,
        given=given,
    )


def _text(given: Mapping[bytes, bytes], name: bytes, form: re.Pattern[str]) -> str | None:
    value = given.get(name)
    if value is None:
        return None
    text = value.decode("latin-1")
    return text if form.fullmatch(text) else None


def outgoing_headers() -> dict[str, str]:
    """The headers that carry a request's ids on to the model server."""
    record = current_request.get()
    if record is None:
        return {}
    headers = {"x-request-id": record.request_id}
    if record.traceparent:
        headers["traceparent"] = record.traceparent
    return headers
