"""The metrics of one process, in Prometheus' terms, and what observes them.

Labels are bounded: routes by their template, fields by the record's own names; values of requests never.
"""

import asyncio
from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from housing_price_orchestrator.domain import PricedHouses

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
LAG_INTERVAL_SECONDS = 0.5


class Metrics:
    """All metrics of the orchestrator, in a registry of their own."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # no time stamp beside each counter
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        self.requests = Counter("http_requests", "Requests answered.", ("method", "route", "status"), registry=registry)
        self.durations = Histogram(
            "http_request_duration_seconds",
            "Time from a request's headers to the end of its answer.",
            ("route", "status"),
            buckets=BUCKETS,
            registry=registry,
        )
        self.in_flight = Gauge("http_requests_in_flight", "Requests being served.", registry=registry)
        self.model_calls = Histogram(
            "model_call_duration_seconds",
            "Time of one call to the model server, waiting for a connection included.",
            ("operation", "outcome"),
            buckets=BUCKETS,
            registry=registry,
        )
        self.waiting = Gauge(
            "model_calls_waiting", "Requests that wait for a call to the model server.", registry=registry
        )
        self.loop_lag = Gauge(
            "event_loop_lag_seconds", "How late the event loop last woke a sleeper.", registry=registry
        )
        self.ready = Gauge("ready", "1 while the service is ready to price houses.", registry=registry)
        self.model = Gauge("model_info", "The model that answers.", ("name", "version"), registry=registry)
        self.priced = Counter("houses_priced", "Houses priced.", registry=registry)
        self.implausible = Counter(
            "houses_implausible",
            "Priced houses that broke a rule of plausibility.",
            ("code",),
            registry=registry,
        )
        self.refused = Counter(
            "fields_refused", "Fields of requests that were refused.", ("field", "reason"), registry=registry
        )

    def exposition(self) -> bytes:
        """All metrics as Prometheus text."""
        return generate_latest(self.registry)

    def model_answers(self, name: str | None, version: str) -> None:
        """Say which model answers; the one before is forgotten."""
        self.model.clear()
        self.model.labels(name or "unknown", version).set(1)

    def houses_priced(self, priced: PricedHouses) -> None:
        """Count priced houses, and what is improbable about them."""
        self.priced.inc(len(priced.houses))
        for house in priced.houses:
            for implausibility in house.implausibilities:
                self.implausible.labels(implausibility.code).inc()

    def field_refused(self, field: str, reason: str) -> None:
        """Count a field that was refused, by its name in the record; its value is nobody's business."""
        self.refused.labels(field, reason).inc()

    async def watch_event_loop(self, now: Callable[[], float]) -> None:
        """Measure for ever how late a sleeper wakes; to be cancelled."""
        while True:
            before = now()
            await asyncio.sleep(LAG_INTERVAL_SECONDS)
            self.loop_lag.set(max(0.0, now() - before - LAG_INTERVAL_SECONDS))
