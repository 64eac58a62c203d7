"""What the policies decide, as events. A hook turns them into log lines and metrics."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

type BreakerState = Literal["closed", "open", "half-open"]


@dataclass(frozen=True, slots=True)
class Retried:
    """A failed call is made once more, after a pause (seconds)."""

    cause: str
    pause_seconds: float


@dataclass(frozen=True, slots=True)
class NotRetried:
    """A failed call could have been made once more, but was not."""

    cause: str
    reason: Literal["budget", "deadline"]


@dataclass(frozen=True, slots=True)
class BreakerChanged:
    """The circuit breaker went into another state; ``open_seconds`` until the next probe where it opened."""

    state: BreakerState
    calls: int = 0
    failures: int = 0
    open_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class ReplicaEjected:
    """A replica gets no calls for a while, because it failed."""

    replica: str
    seconds: float
    cause: str | None


@dataclass(frozen=True, slots=True)
class ReplicaReturned:
    """A replica gets calls again."""

    replica: str


@dataclass(frozen=True, slots=True)
class RequestShed:
    """A request was refused because there is too much to do."""

    traffic: Literal["single", "batch"]
    reason: Literal["in_flight", "expected_wait", "waited"]


type Event = Retried | NotRetried | BreakerChanged | ReplicaEjected | ReplicaReturned | RequestShed
type OnEvent = Callable[[Event], object]


def ignore(_event: Event) -> None:
    """Ignore an event."""
