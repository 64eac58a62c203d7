"""Requests: how many, how long, and where the time of a price went."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from housing_price_orchestrator.observability.metrics.buckets import CALL_SECONDS, STAGE_SECONDS
from housing_price_orchestrator.service.events import PricesAnswered
from housing_price_orchestrator.service.stages import STAGES


class RequestMetrics:
    """The metrics of requests."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "http_requests", "Requests answered.", ("method", "route", "status"), registry=registry
        )
        self._durations = Histogram(
            "http_request_duration_seconds",
            "Time from a request's headers to the end of its answer.",
            ("route", "status"),
            buckets=CALL_SECONDS,
            registry=registry,
        )
        stages = Histogram(
            "request_stage_seconds",
            "Where the time of a request for prices goes, from the end of its body to its answer.",
            ("stage",),
            buckets=STAGE_SECONDS,
            registry=registry,
        )
        self._stages = {stage: stages.labels(stage) for stage in STAGES}
        self.in_flight = Gauge(
            "http_requests_in_flight", "Requests being served.", registry=registry, multiprocess_mode="livesum"
        )
        self._completed: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request and its time."""
        key = method, route, status
        if key not in self._completed:
            self._completed[key] = self._requests.labels(*key), self._durations.labels(route, status)
        count, durations = self._completed[key]
        count.inc()
        durations.observe(seconds)

    def count_refused(self, route: str, status: int) -> None:
        """Count what was refused before it became a request: it has no method, and took no time."""
        self._requests.labels("", route, status).inc()

    def observe_prices(self, event: PricesAnswered) -> None:
        """Observe where the time of a request for prices went."""
        if event.stages:
            for stage, observed in self._stages.items():
                observed.observe(getattr(event.stages, stage))
