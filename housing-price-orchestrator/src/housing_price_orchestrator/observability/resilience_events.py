"""Turns what the resilience wrappers decide into log lines and metrics."""

import structlog
from upstream_resilience.events import (
    BreakerChanged,
    Event,
    NotRetried,
    OnEvent,
    ReplicaEjected,
    ReplicaReturned,
    RequestShed,
    Retried,
)

from housing_price_orchestrator.observability.metrics import Metrics

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def observed_by(metrics: Metrics) -> OnEvent:
    """A hook that counts every event, and logs those that are no matter of a single request."""

    def observe(event: Event) -> None:
        match event:
            case Retried():
                metrics.retries.labels(event.cause, "made").inc()
            case NotRetried():
                metrics.retries.labels(event.cause, f"refused: {event.reason}").inc()
            case RequestShed():
                metrics.shed.labels(event.traffic, event.reason).inc()
            case BreakerChanged():
                metrics.breaker_changed(event.state)
                _log_breaker(event)
            case ReplicaEjected():
                metrics.ejected.labels(event.replica).set(1)
                log.warning("model server ejected", replica=event.replica, seconds=event.seconds, cause=event.cause)
            case ReplicaReturned():
                metrics.ejected.labels(event.replica).set(0)
                log.info("model server takes part again", replica=event.replica)

    return observe


def _log_breaker(event: BreakerChanged) -> None:
    if event.state == "open":
        log.warning(
            "circuit breaker opened", calls=event.calls, failures=event.failures, open_seconds=event.open_seconds
        )
    else:
        log.info("circuit breaker changed", state=event.state)
