"""What can go wrong with a request. Errors know no HTTP: ``api/http/problems.py`` gives each its status and code.

What goes wrong with a call to the model server is in ``upstream_resilience.errors``; only ``ModelNotReady`` is here.
What goes wrong with a flow is in ``declared_flows.errors``.

OrchestratorError
├── RequestError              the caller can mend it
│   ├── MalformedRequest
│   ├── RequestTimeout
│   ├── TooLarge
│   ├── UnsupportedMediaType
│   └── InvalidInput
└── AccessError               who asks, or how often
    ├── Unauthenticated
    ├── Forbidden
    ├── HostNotAllowed
    ├── OriginNotAllowed
    └── RateLimited

EmbeddedModelUnavailable is raised before there is any request: the service can't start.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from declared_flows.errors import FlowError
from upstream_resilience.errors import NotReady, ResilienceError

MODEL_SERVER = "model server"
"""The name of the upstream that prices houses, in messages."""


class OrchestratorError(Exception):
    """Base of all errors of this service; the message is a sentence for people."""


class RequestError(OrchestratorError):
    """The request can't be served as it is."""


class MalformedRequest(RequestError):
    """The bytes of the request are broken below the level of JSON."""

    def __init__(self, what: str) -> None:
        super().__init__(f"The request could not be read: {what}.")


class RequestTimeout(RequestError):
    """The request, or its body, did not arrive in time."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"The request did not arrive within {seconds:g} seconds.")


class TooLarge(RequestError):
    """More bytes or rows than one request may hold."""

    def __init__(self, limit: int, unit: str) -> None:
        super().__init__(f"The request is too large: at most {limit:,} {unit} are accepted.")


class UnsupportedMediaType(RequestError):
    """Not JSON, or compressed."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}; send the body as `Content-Type: application/json`, not compressed.")


class InvalidInput(RequestError):
    """The body, or an option in the query, is invalid.

    Args:
        details: one entry for each error, in FastAPI's shape.
        count: how many errors there are; ``details`` may hold only the first of them.
    """

    def __init__(self, details: Sequence[Mapping[str, Any]], count: int) -> None:
        super().__init__(f"The request has {count} mistake{'s' if count > 1 else ''}.")
        self.details = details
        self.count = count

    @classmethod
    def of_option(cls, option: str, kind: str, message: str) -> Self:
        """The error for one option of the query.

        Args:
            option: its name.
            kind: the kind of error, in Pydantic's terms.
            message: a sentence for people.
        """
        return cls([{"type": kind, "loc": ["query", option], "msg": message}], 1)


class AccessError(OrchestratorError):
    """The caller is not allowed to do this."""


class Unauthenticated(AccessError):
    """The request has no valid API key."""

    def __init__(self) -> None:
        super().__init__("A valid API key is needed, in the header `X-API-Key`.")


class Forbidden(AccessError):
    """The API key is valid, but lacks the scope."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"This needs an API key with the scope `{scope}`.")


class HostNotAllowed(AccessError):
    """The request is for a host that is not this service's.

    Args:
        host: the header `Host`.
    """

    def __init__(self, host: str) -> None:
        super().__init__(f"Requests for the host `{host}` are rejected: ORCHESTRATOR_ALLOWED_HOSTS does not list it.")


class OriginNotAllowed(AccessError):
    """A web page of another origin asks for what changes something.

    Args:
        origin: the header `Origin`.
    """

    def __init__(self, origin: str) -> None:
        super().__init__(
            f"Web pages of the origin `{origin}` may not change anything here: "
            "ORCHESTRATOR_CORS__ORIGINS does not list it."
        )


class RateLimited(AccessError):
    """Too many requests by one key or from one address.

    Args:
        kind: what is limited: `key` or `address`.
        retry_after_seconds: time until the next request is allowed.
    """

    def __init__(self, kind: str, retry_after_seconds: float) -> None:
        super().__init__(f"Too many requests {'by this API key' if kind == 'key' else 'from this address'}.")
        self.retry_after_seconds = retry_after_seconds


class ModelNotReady(NotReady):
    """The model server responds, but has no model loaded."""

    def __init__(self) -> None:
        super().__init__("has no model to price with yet", upstream=MODEL_SERVER)


class EmbeddedModelUnavailable(Exception):
    """The model can't run in this process; the message is one line for people."""


type KnownError = OrchestratorError | FlowError | ResilienceError
"""Errors with a response of their own; anything else is a bug."""

KNOWN_ERRORS = OrchestratorError, FlowError, ResilienceError
"""The same, for `except`."""
