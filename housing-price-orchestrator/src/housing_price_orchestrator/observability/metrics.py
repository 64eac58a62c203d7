"""The metrics of the service in Prometheus' terms, and what observes them; of one process, or summed over several.

Labels are bounded: routes by their template, fields by the record's own names; values of requests never.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from upstream_resilience.events import BreakerState

from housing_price_orchestrator.observability.processes import FollowingGauge, processes_of
from housing_price_orchestrator.service.events import ModelCalled, PricesAnswered
from housing_price_orchestrator.service.stages import STAGES

if TYPE_CHECKING:
    from declared_flows.service.recording import RunEnded

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
STAGE_BUCKETS = (0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, *BUCKETS)
MERGED_REQUESTS_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
MERGED_ROWS_BUCKETS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
LAG_INTERVAL_SECONDS = 0.5


class Metrics:
    """All metrics of the orchestrator, in a registry of their own.

    Where several processes serve, every one of them gives the sums over all, those that have ended included.
    Its own values are exact then, those of the gauges of others at most ``LAG_INTERVAL_SECONDS`` old.
    """

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # no time stamp beside each counter
        registry = CollectorRegistry()
        self._add_requests(registry)
        self._add_model(registry)
        self._add_resilience(registry)
        self._add_access(registry)
        self._add_state(registry)
        self._add_houses(registry)
        self._add_flows(registry)
        self._processes = processes_of(registry)
        self._completed: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._answering: Gauge | None = None

    def _add_requests(self, registry: CollectorRegistry) -> None:
        self.requests = Counter("http_requests", "Requests answered.", ("method", "route", "status"), registry=registry)
        self.durations = Histogram(
            "http_request_duration_seconds",
            "Time from a request's headers to the end of its answer.",
            ("route", "status"),
            buckets=BUCKETS,
            registry=registry,
        )
        stages = Histogram(
            "request_stage_seconds",
            "Where the time of a request for prices goes, from the end of its body to its answer.",
            ("stage",),
            buckets=STAGE_BUCKETS,
            registry=registry,
        )
        self._stages = {stage: stages.labels(stage) for stage in STAGES}

    def _add_model(self, registry: CollectorRegistry) -> None:
        self.model_calls = Histogram(
            "model_call_duration_seconds",
            "Time of one call to the model server, waiting for a connection included.",
            ("operation", "outcome"),
            buckets=BUCKETS,
            registry=registry,
        )
        self._merged_requests = Histogram(
            "model_call_requests",
            "Requests that share a call to the model server.",
            buckets=MERGED_REQUESTS_BUCKETS,
            registry=registry,
        )
        self._merged_rows = Histogram(
            "model_call_rows",
            "Houses in a call to the model server.",
            buckets=MERGED_ROWS_BUCKETS,
            registry=registry,
        )
        self.call_failures = Counter(
            "model_call_failures",
            "Calls to a model server that failed, by server and cause.",
            ("replica", "cause"),
            registry=registry,
        )
        repeats = Counter(
            "repeats", "Houses that were looked up among those just priced.", ("outcome",), registry=registry
        )
        self._repeat_hits, self._repeat_misses = repeats.labels("hit"), repeats.labels("miss")

    def _add_resilience(self, registry: CollectorRegistry) -> None:
        self.retries = Counter(
            "model_call_retries",
            "Failed calls that were made again, or could have been.",
            ("cause", "outcome"),
            registry=registry,
        )
        self.shed = Counter(
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
        self.ejected = Gauge(
            "model_replica_ejected",
            "1 while a model server gets no calls because it failed.",
            ("replica",),
            registry=registry,
            multiprocess_mode="livemax",
        )

    def _add_access(self, registry: CollectorRegistry) -> None:
        self._by_name: dict[str, Counter] = {}
        self._requests_by_key = Counter(
            "http_requests_by_key", "Requests with a valid API key, by its name.", ("key",), registry=registry
        )
        self.rate_limited = Counter(
            "http_requests_rate_limited", "Requests refused by a rate limit.", ("by",), registry=registry
        )
        self.replayed = Counter(
            "http_answers_replayed", "Answers given again for the same Idempotency-Key.", registry=registry
        )
        self.redis_unavailable = Counter(
            "redis_unavailable", "Times that Redis did not answer, or was not asked for that reason.", registry=registry
        )
        self.keys_sound = FollowingGauge(
            "api_keys_sound",
            "0 while the file of the API keys can't be used; the keys known before are valid.",
            registry=registry,
            multiprocess_mode="livemin",
        )

    def _add_state(self, registry: CollectorRegistry) -> None:
        self.in_flight = Gauge(
            "http_requests_in_flight", "Requests being served.", registry=registry, multiprocess_mode="livesum"
        )
        self.waiting = FollowingGauge(
            "model_calls_waiting",
            "Requests that wait for a call to the model server.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.loop_lag = Gauge(
            "event_loop_lag_seconds",
            "How late the event loop last woke a sleeper.",
            registry=registry,
            multiprocess_mode="livemax",
        )
        self.ready = FollowingGauge(
            "ready", "1 while the service is ready to price houses.", registry=registry, multiprocess_mode="livemin"
        )
        self.dropped_log_lines = FollowingGauge(
            "log_lines_dropped",
            "Log lines that were dropped because nobody took them.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.model = Gauge(
            "model_info",
            "The model that answers.",
            ("name", "version"),
            registry=registry,
            multiprocess_mode="livemax",
        )

    def _add_houses(self, registry: CollectorRegistry) -> None:
        self.priced = Counter("houses_priced", "Houses priced.", registry=registry)
        self.implausible = Counter(
            "houses_implausible",
            "Warnings in prices: a rule of plausibility is broken, or the model has seen no such house.",
            ("code",),
            registry=registry,
        )
        self.refused = Counter(
            "fields_refused", "Fields of requests that were refused.", ("field", "reason"), registry=registry
        )

    def _add_flows(self, registry: CollectorRegistry) -> None:
        self._runs_of: dict[tuple[str, str], Counter] = {}
        self._steps_of: dict[tuple[str, str, str], Histogram] = {}
        self.flow_runs = Counter("flow_runs", "Runs of flows, by outcome.", ("flow", "status"), registry=registry)
        self.flow_steps = Histogram(
            "flow_step_duration_seconds",
            "Time of one step of a flow, by outcome.",
            ("flow", "step", "status"),
            buckets=BUCKETS,
            registry=registry,
        )
        self.flow_calls = Counter(
            "flow_step_calls",
            "Calls of a step to its source, repeated ones included; what a cache answers is none.",
            ("flow", "step", "source"),
            registry=registry,
        )
        self.flow_reloads = Counter(
            "flow_reloads", "Times that the files of the flows were loaded.", ("outcome",), registry=registry
        )
        self.flows_sound = Gauge(
            "flows_sound",
            "0 while the flows that are served are not what their files say.",
            registry=registry,
            multiprocess_mode="livemin",
        )
        self.flows_served = Gauge(
            "flows_served", "Flows that are served.", registry=registry, multiprocess_mode="livemax"
        )
        self.executions_dropped = Counter("flow_executions_dropped", "Runs that could not be kept.", registry=registry)
        self.executions_left_out = Counter(
            "flow_executions_left_out",
            "Runs that succeeded, found nothing or were refused, of which there were too many to keep.",
            registry=registry,
        )
        self.source_breaker = Gauge(
            "flow_source_breaker_state",
            "State of the circuit breaker before a source: 0 closed, 1 half-open, 2 open.",
            ("source",),
            registry=registry,
            multiprocess_mode="livemax",
        )

    def flow_ended(self, run: "RunEnded") -> None:
        """Count a run of a flow, and the time of its steps; all names are those of files."""
        flow, status = run.flow, run.status
        if not run.is_recorded:
            self.executions_left_out.inc()
        if (flow, status) not in self._runs_of:
            self._runs_of[flow, status] = self.flow_runs.labels(flow, status)
        self._runs_of[flow, status].inc()
        for step in run.steps:
            if step.began is None:
                continue
            key = flow, step.name, step.status
            if key not in self._steps_of:
                self._steps_of[key] = self.flow_steps.labels(*key)
            self._steps_of[key].observe(step.seconds)
            if step.attempts:
                self.flow_calls.labels(flow, step.name, step.source).inc(step.attempts)

    def flows_loaded(self, count: int, *, sound: bool) -> None:
        """Count that flows were loaded, and say how many are served."""
        self.flow_reloads.labels("loaded" if sound else "refused").inc()
        self.flows_sound.set(sound)
        self.flows_served.set(count)

    def exposition(self) -> bytes:
        """All metrics as Prometheus text, as they were observed; may run beside everything else."""
        return generate_latest(self._processes.exposed)

    def observe_state(self) -> None:
        """Take the gauges that follow something from where it is kept, so that other processes can give them too."""
        self.waiting.observe()
        self.ready.observe()
        self.dropped_log_lines.observe()
        self.keys_sound.observe()
        self._processes.observe()

    def request_completed(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request and its time."""
        key = method, route, status
        if key not in self._completed:
            self._completed[key] = self.requests.labels(*key), self.durations.labels(route, status)
        count, durations = self._completed[key]
        count.inc()
        durations.observe(seconds)

    def key_used(self, name: str) -> None:
        """Count a request by the name of its API key; the names are those that the file of the keys has."""
        if name not in self._by_name:
            self._by_name[name] = self._requests_by_key.labels(name)
        self._by_name[name].inc()

    def breaker_changed(self, state: BreakerState) -> None:
        """Observe the state of the circuit breaker."""
        self._breaker.set(("closed", "half-open", "open").index(state))
        if state == "open":
            self._breaker_opened.inc()

    def call_merged(self, requests: int, rows: int) -> None:
        """Observe how many requests share one call to the model server, and with how many houses."""
        self._merged_requests.observe(requests)
        self._merged_rows.observe(rows)

    def repeat(self, hits: int, misses: int) -> None:
        """Count houses whose price was known from a moment before, and those whose price was not."""
        self._repeat_hits.inc(hits)
        self._repeat_misses.inc(misses)

    def model_called(self, event: ModelCalled) -> None:
        """Observe a call to a model server."""
        self.model_calls.labels(event.operation, event.outcome).observe(event.seconds)
        if event.cause:
            self.call_failures.labels(event.replica, event.cause).inc()
        if event.identity:
            self.model_answers(event.identity.name, event.identity.version)

    def model_answers(self, name: str | None, version: str) -> None:
        """Say which model answers; the one before is forgotten."""
        if self._answering:
            self._answering.set(0)
        self._processes.forget(self.model)
        self._answering = self.model.labels(name or "unknown", version)
        self._answering.set(1)

    def prices_answered(self, event: PricesAnswered) -> None:
        """Count priced houses, what is improbable about them, and where the time of the request went."""
        self.priced.inc(len(event.prices))
        for document in event.prices:
            for warning in document["warnings"]:
                self.implausible.labels(warning.code).inc()
        if event.stages:
            for stage, observed in self._stages.items():
                observed.observe(getattr(event.stages, stage))

    def field_refused(self, field: str, reason: str) -> None:
        """Count a field that was refused, by its name in the record; its value is nobody's business."""
        self.refused.labels(field, reason).inc()

    async def watch_event_loop(self, now: Callable[[], float]) -> None:
        """Observe the state for ever, and measure how late a sleeper wakes; to be cancelled."""
        while True:
            self.observe_state()
            before = now()
            await asyncio.sleep(LAG_INTERVAL_SECONDS)
            self.loop_lag.set(max(0.0, now() - before - LAG_INTERVAL_SECONDS))
