"""All metrics together, in a registry of their own; of one process, or summed over several."""

import asyncio
from collections.abc import Callable

from prometheus_client import CollectorRegistry, disable_created_metrics, generate_latest

from housing_price_orchestrator.observability.metrics.access import AccessMetrics
from housing_price_orchestrator.observability.metrics.flows import FlowMetrics
from housing_price_orchestrator.observability.metrics.houses import HouseMetrics
from housing_price_orchestrator.observability.metrics.model import ModelMetrics
from housing_price_orchestrator.observability.metrics.process import ProcessMetrics
from housing_price_orchestrator.observability.metrics.requests import RequestMetrics
from housing_price_orchestrator.observability.metrics.resilience import ResilienceMetrics
from housing_price_orchestrator.observability.processes import processes_of


class Metrics:
    """All metrics of the orchestrator.

    Where several processes serve, every one of them gives the sums over all, those that have ended included.
    Its own values are exact then, those of the gauges of others at most ``LAG_INTERVAL_SECONDS`` old.
    """

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # no time stamp beside each counter
        registry = CollectorRegistry()
        self._processes = processes_of(registry)
        self.requests = RequestMetrics(registry)
        self.model = ModelMetrics(registry, self._processes.forget)
        self.resilience = ResilienceMetrics(registry)
        self.access = AccessMetrics(registry)
        self.process = ProcessMetrics(registry)
        self.houses = HouseMetrics(registry)
        self.flows = FlowMetrics(registry)
        self._following = (
            self.model.waiting,
            self.process.ready,
            self.process.dropped_log_lines,
            self.process.background_tasks,
            self.access.keys_sound,
        )

    async def expose(self) -> bytes:
        """Return all metrics as Prometheus text, as they are now."""
        self.observe_state()
        # This takes milliseconds, during which other requests are served.
        return await asyncio.to_thread(self.exposition)

    def exposition(self) -> bytes:
        """Return all metrics as Prometheus text, as they were observed; may run beside everything else."""
        return generate_latest(self._processes.exposed)

    def observe_state(self) -> None:
        """Take the gauges that follow something from where it is kept, so that other processes can give them too."""
        for gauge in self._following:
            gauge.observe()
        self._processes.observe()

    async def watch_event_loop(self, now: Callable[[], float]) -> None:
        """Observe the state for ever, and measure how late a sleeper wakes; to be cancelled."""
        while True:
            self.observe_state()
            await self.process.measure_lag(now)
