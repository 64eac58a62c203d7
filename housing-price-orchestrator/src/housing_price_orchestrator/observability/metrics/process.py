"""The process: whether it is ready, and whether it keeps up."""

import asyncio
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge

from housing_price_orchestrator.observability.processes import FollowingGauge

LAG_INTERVAL_SECONDS = 0.5


class ProcessMetrics:
    """The metrics of one process of the service."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._loop_lag = Gauge(
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
        self.background_tasks = FollowingGauge(
            "background_tasks_running",
            "Background tasks that run now.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._restarts = Counter(
            "background_task_restarts",
            "Background tasks that failed and were started again.",
            ("task",),
            registry=registry,
        )

    def count_restart(self, task: str) -> None:
        """Count that a background task failed."""
        self._restarts.labels(task).inc()

    async def measure_lag(self, now: Callable[[], float]) -> None:
        """Sleep once, and measure how late the event loop wakes the sleeper."""
        before = now()
        await asyncio.sleep(LAG_INTERVAL_SECONDS)
        self._loop_lag.set(max(0.0, now() - before - LAG_INTERVAL_SECONDS))
