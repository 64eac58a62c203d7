"""What can go wrong with a request. Errors know no HTTP: ``api/problems.py`` gives each its status and code.

OrchestratorError
├── RequestError              the caller can mend it
│   ├── MalformedRequest
│   ├── RequestTimeout
│   ├── TooLarge
│   ├── UnsupportedMediaType
│   └── InvalidInput
├── ModelError                the model server's side
│   ├── ModelNotReady
│   ├── ModelUnavailable
│   └── BadModelAnswer
├── Overloaded                we have too much to do
└── DeadlineExceeded
"""

from collections.abc import Mapping, Sequence
from typing import Any, Self


class OrchestratorError(Exception):
    """Base of all errors of this service; its text is a sentence for people."""


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
    """The body, or an option in the query, is not what the route takes.

    Args:
        details: one entry a mistake, in FastAPI's shape.
        count: how many mistakes there are, when ``details`` holds only the first of them.
    """

    def __init__(self, details: Sequence[Mapping[str, Any]], count: int) -> None:
        super().__init__(f"The request has {count} mistake{'s' if count > 1 else ''}.")
        self.details = details
        self.count = count

    @classmethod
    def of_option(cls, option: str, kind: str, message: str) -> Self:
        """One mistake, in an option of the query.

        Args:
            option: its name.
            kind: what kind of mistake it is, in Pydantic's manner.
            message: a sentence for people.
        """
        return cls([{"type": kind, "loc": ["query", option], "msg": message}], 1)


class ModelError(OrchestratorError):
    """The model gave no usable answer."""


class ModelNotReady(ModelError):
    """The model server answers, but has no model to answer with."""

    def __init__(self) -> None:
        super().__init__("The model server has no model to price with yet.")


class ModelUnavailable(ModelError):
    """The model server can't be reached, or says itself that it can't answer.

    ``is_refused`` is true where nobody listens at its address: asking again at once can't help.
    """

    def __init__(self, reason: str, *, is_refused: bool = False) -> None:
        super().__init__(f"The model server is not available: {reason}.")
        self.reason = reason
        self.is_refused = is_refused


class BadModelAnswer(ModelError):
    """The model server answered something that is no set of prices."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The model server gave an answer that can't be used: {reason}.")
        self.reason = reason


class Overloaded(OrchestratorError):
    """Too many requests wait already."""

    def __init__(self, waiting: int) -> None:
        super().__init__(f"Too many requests at once: {waiting} are waiting already.")


class DeadlineExceeded(OrchestratorError):
    """The request's time is up."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"No price was found within {seconds:g} seconds.")
