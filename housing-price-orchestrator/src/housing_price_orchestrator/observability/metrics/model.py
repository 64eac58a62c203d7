"""Calls to the model, and which model answers."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from housing_price_orchestrator.domain import ModelIdentity
from housing_price_orchestrator.observability.metrics.buckets import CALL_SECONDS
from housing_price_orchestrator.observability.processes import FollowingGauge
from housing_price_orchestrator.service.events import ModelCalled

REQUESTS_OF_A_CALL = (1, 2, 4, 8, 16, 32, 64, 128, 256)
ROWS_OF_A_CALL = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


class ModelMetrics:
    """The metrics of calls to the model.

    Args:
        registry: where they are exposed.
        forget: removes all values of a gauge, such as the model that answered before.
    """

    def __init__(self, registry: CollectorRegistry, forget: Callable[[Gauge], None]) -> None:
        self._calls = Histogram(
            "model_call_duration_seconds",
            "Time of one call to the model server, waiting for a connection included.",
            ("operation", "outcome"),
            buckets=CALL_SECONDS,
            registry=registry,
        )
        self._requests_of_a_call = Histogram(
            "model_call_requests",
            "Requests that share a call to the model server.",
            buckets=REQUESTS_OF_A_CALL,
            registry=registry,
        )
        self._rows_of_a_call = Histogram(
            "model_call_rows",
            "Houses in a call to the model server.",
            buckets=ROWS_OF_A_CALL,
            registry=registry,
        )
        self._failures = Counter(
            "model_call_failures",
            "Calls to a model server that failed, by server and cause.",
            ("replica", "cause"),
            registry=registry,
        )
        repeats = Counter(
            "repeats", "Houses that were looked up among those just priced.", ("outcome",), registry=registry
        )
        self._hits, self._misses = repeats.labels("hit"), repeats.labels("miss")
        self.waiting = FollowingGauge(
            "model_calls_waiting",
            "Requests that wait for a call to the model server.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._info = Gauge(
            "model_info",
            "The model that answers.",
            ("name", "version"),
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._answering: Gauge | None = None
        self._forget = forget

    def observe_call(self, event: ModelCalled) -> None:
        """Observe a call to a model server."""
        self._calls.labels(event.operation, event.outcome).observe(event.seconds)
        if event.cause:
            self._failures.labels(event.replica, event.cause).inc()
        if event.identity:
            self._name_model(event.identity)

    def observe_batch(self, requests: int, rows: int) -> None:
        """Observe how many requests share one call to the model server, and how many houses it holds."""
        self._requests_of_a_call.observe(requests)
        self._rows_of_a_call.observe(rows)

    def count_lookups(self, hits: int, misses: int) -> None:
        """Count houses whose prediction was in the cache, and those whose prediction was not."""
        self._hits.inc(hits)
        self._misses.inc(misses)

    def _name_model(self, model: ModelIdentity) -> None:
        """Say which model answers; the one before is forgotten."""
        if self._answering:
            self._answering.set(0)
        self._forget(self._info)
        self._answering = self._info.labels(model.name or "unknown", model.version)
        self._answering.set(1)
