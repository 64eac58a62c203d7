"""What can go wrong with a call to an upstream. The errors know no protocol and no service.

ResilienceError
├── UpstreamError             the upstream's side
│   ├── NotReady
│   ├── UpstreamUnavailable
│   │   └── CircuitOpen
│   └── BadUpstreamAnswer
├── DeadlineExceeded          the caller's time is up
└── Overloaded                this side has too much to do

The texts are sentences for people. They call the upstream by the name that a policy or a call site gives.
"""

from typing import Literal

UPSTREAM = "upstream"
"""What an upstream is called in an error's text unless somebody names it."""

type Cause = Literal[
    "connection",
    "refused",
    "connect_timeout",
    "pool_timeout",
    "read_timeout",
    "reset",
    "status",
    "not_ready",
    "bad_answer",
    "breaker_open",
    "ended",
]
"""Why a call to an upstream failed, in a word: the values of ``cause`` in logs and metrics."""


class ResilienceError(Exception):
    """Base of all errors of this package."""


class UpstreamError(ResilienceError):
    """The upstream gave no usable answer."""


class NotReady(UpstreamError):
    """The upstream answers, but can't do its work yet.

    Args:
        lack: what it lacks, as the end of a sentence about it.
        upstream: its name.
    """

    def __init__(self, lack: str = "is not ready to answer", *, upstream: str = UPSTREAM) -> None:
        super().__init__(f"The {upstream} {lack}.")


class UpstreamUnavailable(UpstreamError):
    """The upstream can't be reached, or says itself that it can't answer.

    Args:
        reason: what happened, for people.
        cause: the same in a word, for metrics; see ``Cause``.
        retry_after_seconds: how long to wait before the next call, where the upstream said so.
        upstream: its name.
    """

    def __init__(
        self,
        reason: str,
        cause: Cause = "connection",
        retry_after_seconds: float | None = None,
        *,
        upstream: str = UPSTREAM,
    ) -> None:
        super().__init__(f"The {upstream} is not available: {reason}.")
        self.reason = reason
        self.cause = cause
        self.retry_after_seconds = retry_after_seconds

    @property
    def is_refused(self) -> bool:
        """Whether nobody listens at its address: an immediate retry can't help."""
        return self.cause == "refused"


class CircuitOpen(UpstreamUnavailable):
    """The upstream failed so often lately that it gets no calls for a while.

    Args:
        retry_after_seconds: until the next call may be made.
        upstream: its name.
    """

    def __init__(self, retry_after_seconds: float, *, upstream: str = UPSTREAM) -> None:
        reason = "it failed too often and is not asked for now"
        super().__init__(reason, "breaker_open", retry_after_seconds, upstream=upstream)


class BadUpstreamAnswer(UpstreamError):
    """The upstream answered something that can't be used.

    Args:
        reason: what is wrong with it, for people.
        blames_rows: whether the upstream says that what it was given is at fault (4xx), not itself.
        upstream: its name.
    """

    def __init__(self, reason: str, *, blames_rows: bool = False, upstream: str = UPSTREAM) -> None:
        super().__init__(f"The {upstream} gave an answer that can't be used: {reason}.")
        self.reason = reason
        self.blames_rows = blames_rows


class DeadlineExceeded(ResilienceError):
    """The request's time is up.

    Args:
        seconds: how long it had.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(f"There was no answer within {seconds:g} seconds.")


class Overloaded(ResilienceError):
    """There is more to do than can be done in time.

    Args:
        reason: what there is too much of, for people.
        retry_after_seconds: when another attempt may help.
    """

    def __init__(self, reason: str, retry_after_seconds: float = 1.0) -> None:
        super().__init__(f"Too many requests at once: {reason}.")
        self.retry_after_seconds = retry_after_seconds


def cause_of(error: BaseException) -> Cause | None:
    """Return why a call to an upstream failed, in a word; None if the upstream did not fail."""
    match error:
        case UpstreamUnavailable():
            return error.cause
        case DeadlineExceeded():
            return "read_timeout"
        case NotReady():
            return "not_ready"
        case BadUpstreamAnswer():
            return "bad_answer"
    return None
