"""The background tasks of the service are supervised: a failure is logged and counted, and the task starts again."""

import structlog
from upstream_resilience.supervision import Supervision, TaskFailed

from housing_price_orchestrator.observability.metrics.process import ProcessMetrics

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def supervision(metrics: ProcessMetrics) -> Supervision:
    """Return the supervision of the service's tasks, which counts what becomes of them."""

    def report(failed: TaskFailed) -> None:
        metrics.count_restart(failed.task)
        log.error(
            "a background task failed and is started again",
            task=failed.task,
            pause_seconds=round(failed.pause_seconds, 1),
            exc_info=failed.error,
        )

    tasks = Supervision(report)
    metrics.background_tasks.set_function(lambda: len(tasks.running))
    return tasks
