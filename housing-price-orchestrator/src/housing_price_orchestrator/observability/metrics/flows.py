"""Flows: their runs, their steps, and whether they are what their files say."""

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from upstream_resilience.events import BreakerState

from housing_price_orchestrator.observability.metrics.buckets import CALL_SECONDS
from housing_price_orchestrator.observability.metrics.resilience import BREAKER_STATES

if TYPE_CHECKING:
    from declared_flows.service.recording import RunEnded


class FlowMetrics:
    """The metrics of flows."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._runs_of: dict[tuple[str, str], Counter] = {}
        self._steps_of: dict[tuple[str, str, str], Histogram] = {}
        self._runs = Counter("flow_runs", "Runs of flows, by outcome.", ("flow", "status"), registry=registry)
        self._steps = Histogram(
            "flow_step_duration_seconds",
            "Time of one step of a flow, by outcome.",
            ("flow", "step", "status"),
            buckets=CALL_SECONDS,
            registry=registry,
        )
        self._calls = Counter(
            "flow_step_calls",
            "Calls of a step to its source, repeated ones included; what a cache answers is none.",
            ("flow", "step", "source"),
            registry=registry,
        )
        self._reloads = Counter(
            "flow_reloads", "Times that the files of the flows were loaded.", ("outcome",), registry=registry
        )
        self._sound = Gauge(
            "flows_sound",
            "0 while the flows that are served are not what their files say.",
            registry=registry,
            multiprocess_mode="livemin",
        )
        self._sound.set(1)  # where no flows are declared, none differs from its file
        self._served = Gauge("flows_served", "Flows that are served.", registry=registry, multiprocess_mode="livemax")
        self.executions_dropped = Counter("flow_executions_dropped", "Runs that could not be kept.", registry=registry)
        self._left_out = Counter(
            "flow_executions_left_out",
            "Runs that succeeded, found nothing or were refused, of which there were too many to keep.",
            registry=registry,
        )
        self._source_breaker = Gauge(
            "flow_source_breaker_state",
            "State of the circuit breaker before a source: 0 closed, 1 half-open, 2 open.",
            ("source",),
            registry=registry,
            multiprocess_mode="livemax",
        )

    def count_run(self, run: "RunEnded") -> None:
        """Count a run of a flow, and the time of its steps; all names are those of files."""
        flow, status = run.flow, run.status
        if not run.is_recorded:
            self._left_out.inc()
        if (flow, status) not in self._runs_of:
            self._runs_of[flow, status] = self._runs.labels(flow, status)
        self._runs_of[flow, status].inc()
        for step in run.steps:
            if step.began is None:
                continue
            key = flow, step.name, step.status
            if key not in self._steps_of:
                self._steps_of[key] = self._steps.labels(*key)
            self._steps_of[key].observe(step.seconds)
            if step.attempts:
                self._calls.labels(flow, step.name, step.source).inc(step.attempts)

    def note_loaded(self, count: int, *, sound: bool) -> None:
        """Count that flows were loaded, and say how many are served."""
        self._reloads.labels("loaded" if sound else "refused").inc()
        self._sound.set(sound)
        self._served.set(count)

    def set_source_breaker(self, source: str, state: BreakerState) -> None:
        """Observe the state of the circuit breaker before a source."""
        self._source_breaker.labels(source).set(BREAKER_STATES.index(state))
