"""Prometheus metrics of the model server: requests and durations by route, and which model answers."""

from time import perf_counter
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, Histogram, generate_latest

from housing_price_model.serving.identity import ModelIdentity

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

ROUTES = frozenset({"/invocations", "/ping", "/health", "/version", "/model", "/metrics"})
OTHER = "other"
BUCKETS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Telemetry:
    """The metrics of one application, in a registry of its own."""

    media_type = CONTENT_TYPE_LATEST

    def __init__(self, identity: ModelIdentity) -> None:
        self._registry = CollectorRegistry()
        self._durations = Histogram(
            "model_server_request_duration_seconds",
            "Time from a request's headers to the end of its answer; its count is the number of requests.",
            ["route", "status"],
            buckets=BUCKETS_SECONDS,
            registry=self._registry,
        )
        served = Gauge(
            "model_server_model_info", "The model that answers.", ["name", "version"], registry=self._registry
        )
        served.labels(identity.name, identity.version).set(1)

    def text(self) -> bytes:
        """The metrics as Prometheus reads them."""
        return generate_latest(self._registry)

    def around(self, app: "ASGIApp") -> "ASGIApp":
        """The application, with its requests measured."""

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
