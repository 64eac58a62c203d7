"""What the policies decide."""

from prometheus_client import CollectorRegistry, Counter, Gauge
from upstream_resilience.events import (
    BreakerChanged,
    BreakerState,
    Event,
    NotRetried,
    ReplicaEjected,
    ReplicaReturned,
    RequestShed,
    Retried,
)

BREAKER_STATES: tuple[BreakerState, ...] = ("closed", "half-open", "open")
"""In the order of their values in metrics."""


class ResilienceMetrics:
    """The metrics of the policies between requests and the model."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._retries = Counter(
            "model_call_retries",
            "Failed calls that were made again, or could have been.",
            ("cause", "outcome"),
            registry=registry,
        )
        self._shed = Counter(
            "requests_shed",
            "Requests refused because there is too much to do.",
            ("traffic", "reason"),
            registry=registry,
        )
        self._breaker = Gauge(
            "circuit_breaker_state",
            "State of the circuit breaker before the model: 0 closed, 1 half-open, 2 open.",
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._breaker_opened = Counter(
            "circuit_breaker_opened", "How often the circuit breaker opened.", registry=registry
        )
        self._ejected = Gauge(
            "model_replica_ejected",
            "1 while a model server gets no calls because it failed.",
            ("replica",),
            registry=registry,
            multiprocess_mode="livemax",
        )

    def count_decision(self, event: Event) -> None:
        """Count a decision."""
        match event:
            case Retried():
                self._retries.labels(event.cause, "made").inc()
            case NotRetried():
                self._retries.labels(event.cause, f"refused: {event.reason}").inc()
            case RequestShed():
                self._shed.labels(event.traffic, event.reason).inc()
            case BreakerChanged():
                self._breaker.set(BREAKER_STATES.index(event.state))
                if event.state == "open":
                    self._breaker_opened.inc()
            case ReplicaEjected():
                self._ejected.labels(event.replica).set(1)
            case ReplicaReturned():
                self._ejected.labels(event.replica).set(0)
