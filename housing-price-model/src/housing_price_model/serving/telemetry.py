"""Prometheus metrics of the model server: requests by route, rows priced, queue, and identity."""

import os
from time import perf_counter
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.requests import Request
from starlette.responses import Response

from housing_price_model.serving.identity import ModelIdentity
from housing_price_model.serving.invocations import Priced

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder of the workers' metrics. prometheus_client reads it on import."""

ROUTES = frozenset({"/invocations", "/ping", "/health", "/version", "/model", "/metrics"})
OTHER = "other"
BUCKETS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
COMPUTE_BUCKETS_SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5)
BATCH_BUCKETS_ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


class Telemetry:
    """The metrics of one application, in their own registry."""

    def __init__(self, identity: ModelIdentity) -> None:
        self._registry = CollectorRegistry()
        self._durations = Histogram(
            "model_server_request_duration_seconds",
            "Time from a request's headers to the end of its answer; its count is the number of requests.",
            ["route", "status"],
            buckets=BUCKETS_SECONDS,
            registry=self._registry,
        )
        self._rows = Counter("model_server_rows", "Houses priced.", registry=self._registry)
        self._batches = Histogram(
            "model_server_batch_rows", "Rows of a request.", buckets=BATCH_BUCKETS_ROWS, registry=self._registry
        )
        self._compute = Histogram(
            "model_server_compute_seconds",
            "Time of encoding and predicting the rows of a request, waiting not included.",
            buckets=COMPUTE_BUCKETS_SECONDS,
            registry=self._registry,
        )
        self._queue = Gauge(
            "model_server_queue_requests",
            "Requests that wait for their prices.",
            multiprocess_mode="livesum",
            registry=self._registry,
        )
        served = Gauge(
            "model_server_model_info",
            "The model that answers.",
            ["name", "version"],
            multiprocess_mode="max",
            registry=self._registry,
        )
        served.labels(identity.name, identity.version).set(1)

    async def respond(self, _: Request) -> Response:
        """Return the metrics in Prometheus' format."""
        return Response(generate_latest(self._exposed()), media_type=CONTENT_TYPE_LATEST)

    def _exposed(self) -> CollectorRegistry:
        if FOLDER_VARIABLE not in os.environ:
            return self._registry
        summed = CollectorRegistry()
        MultiProcessCollector(summed)  # type: ignore[no-untyped-call] # it has no types
        return summed

    def observe_priced(self, priced: Priced) -> None:
        """Observe a priced request."""
        self._rows.inc(priced.rows)
        self._batches.observe(priced.rows)
        self._compute.observe(priced.seconds)

    def observe_queue(self, number: int) -> None:
        """Add to the number of waiting requests."""
        self._queue.inc(number)

    def around(self, app: "ASGIApp") -> "ASGIApp":
        """Wrap an application to measure its requests."""

        async def measured(scope: "Scope", receive: "Receive", send: "Send") -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            status, started = 500, perf_counter()

            async def send_noting_status(message: "Message") -> None:
                nonlocal status
                status = message.get("status", status)
                await send(message)

            try:
                await app(scope, receive, send_noting_status)
            finally:
                route = scope["path"] if scope["path"] in ROUTES else OTHER
                self._durations.labels(route, status).observe(perf_counter() - started)

        return measured
