"""What a server allows on its connections, and how it refuses the rest. Nothing here needs uvicorn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus

KEEP_ALIVE_SECONDS = 75
"""How long a connection may be idle: longer than the 60 s for which proxies and clients usually reuse one."""


class Fault(Enum):
    """Why something never becomes a request."""

    MALFORMED = auto()
    HEAD_TOO_LARGE = auto()
    TOO_SLOW = auto()


@dataclass(frozen=True, slots=True)
class Refusal:
    """The response to what never becomes a request."""

    status: HTTPStatus
    headers: Sequence[tuple[str, str]]
    body: bytes

    def encode(self) -> bytes:
        """Return the bytes of the response, which also says that the connection closes."""
        fields = [*self.headers, ("content-length", str(len(self.body))), ("connection", "close")]
        lines = [f"HTTP/1.1 {self.status.value} {self.status.phrase}", *(f"{name}: {value}" for name, value in fields)]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + self.body


type Refuse = Callable[[Fault, str, str | None], Refusal]
"""Makes the response from the fault, what is wrong, and the address of the client."""


@dataclass(frozen=True, slots=True)
class ConnectionRules:
    """The limits of a connection.

    Args:
        max_head_bytes: the request line and all headers together, and also the trailers of a body.
        head_seconds: from the first byte of a request until its head is complete.
        rest_seconds: from an early response until the rest of the request's body has arrived.
        unread_seconds: while a connection closes and its client reads nothing of the response.
        last_request_seconds: how long a server that ends waits for the request on a new connection.
    """

    max_head_bytes: int = 32 * 1024
    head_seconds: float = 10.0
    rest_seconds: float = 10.0
    unread_seconds: float = 60.0
    last_request_seconds: float = 2.0
