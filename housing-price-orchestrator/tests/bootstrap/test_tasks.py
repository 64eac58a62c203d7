"""Background tasks: what becomes of one that fails, and of all of them at the end."""

import asyncio

from housing_price_orchestrator.bootstrap.tasks import background_tasks
from structlog.testing import capture_logs


async def test_a_failed_task_is_logged_and_the_others_run_on() -> None:
    is_over = asyncio.Event()

    async def fail() -> None:
        raise RuntimeError("boom")

    with capture_logs() as lines:
        async with background_tasks({"failing": fail(), "lasting": _set_after(is_over)}):
            await asyncio.wait_for(is_over.wait(), 10)

    assert [(line["log_level"], line["task"]) for line in lines] == [("error", "failing")]


async def _set_after(event: asyncio.Event) -> None:
    await asyncio.sleep(0)
    event.set()


async def test_tasks_are_cancelled_and_awaited_at_the_end() -> None:
    ended = []

    async def last() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("last")

    async with background_tasks({"lasting": last()}):
        await asyncio.sleep(0)

    assert ended == ["last"]
