"""Background tasks of the service: a failure is logged and counted."""

import asyncio

from house_record import AMES
from housing_price_orchestrator.api.documents import ReadinessDocument
from housing_price_orchestrator.bootstrap.service import Service
from housing_price_orchestrator.bootstrap.tasks import supervision
from housing_price_orchestrator.observability.metrics.metrics import Metrics
from housing_price_orchestrator.server.workers import pause_between_starts
from housing_price_orchestrator.service.readiness import Readiness
from housing_price_orchestrator.settings import ReadinessSettings, Settings
from structlog.testing import capture_logs


async def test_a_failed_task_is_logged_and_counted_and_the_others_run_on() -> None:
    metrics, is_over = Metrics(), asyncio.Event()
    tasks = supervision(metrics.process)

    async def fail() -> None:
        raise RuntimeError("boom")

    async def last() -> None:
        is_over.set()
        await asyncio.Event().wait()

    with capture_logs() as lines:
        async with tasks.run({"failing": fail, "lasting": last}):
            await asyncio.wait_for(is_over.wait(), 10)
            text = (await metrics.expose()).decode()

    assert [(line["log_level"], line["task"]) for line in lines] == [("error", "failing")]
    assert 'background_task_restarts_total{task="failing"} 1.0' in text
    assert "background_tasks_running 1.0" in text


async def test_a_failing_task_is_named_by_ready_and_keeps_no_request_away() -> None:
    service = Service(Settings(), AMES, None)

    async def fail() -> None:
        raise OSError

    async with service.tasks.run({"flows": fail}):
        await asyncio.sleep(0)
        problems = service.find_problems()

    assert problems == {"backgroundTasks": "Failed and started again: flows (OSError)."}
    readiness = Readiness(ReadinessSettings(), is_ready=True)
    assert ReadinessDocument.of(readiness, None, problems).status == "ready"


def test_flows_count_as_sound_where_none_are_configured() -> None:
    assert "flows_sound 1.0" in Metrics().exposition().decode()


def test_workers_that_end_early_are_replaced_later_each_time() -> None:
    assert [pause_between_starts(failures) for failures in (0, 1, 2, 3, 7, 100)] == [1, 1, 2, 4, 60, 60]
