"""Logs what the policies decide, where that does not concern a single request."""

import structlog
from upstream_resilience.events import BreakerChanged, Event, ReplicaEjected, ReplicaReturned

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def log_decision(event: Event) -> None:
    """Log a decision; retries and refusals of requests are only counted."""
    match event:
        case BreakerChanged(state="open"):
            log.warning(
                "circuit breaker opened", calls=event.calls, failures=event.failures, open_seconds=event.open_seconds
            )
        case BreakerChanged():
            log.info("circuit breaker changed", state=event.state)
        case ReplicaEjected():
            log.warning("model server ejected", replica=event.replica, seconds=event.seconds, cause=event.cause)
        case ReplicaReturned():
            log.info("model server takes part again", replica=event.replica)
