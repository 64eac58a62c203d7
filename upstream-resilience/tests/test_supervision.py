"""Background tasks: one that fails starts again, later each time, and all end together."""

import asyncio

import pytest
from upstream_resilience.supervision import LONGEST_PAUSE_SECONDS, WELL_SECONDS, Supervision, TaskFailed


class Watch:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def failures() -> list[TaskFailed]:
    return []


@pytest.fixture
def supervision(watch: Watch, failures: list[TaskFailed]) -> Supervision:
    return Supervision(failures.append, now=watch.now, sleep=watch.sleep, jitter=lambda: 1.0)


async def test_a_task_that_fails_starts_again_later_each_time(
    supervision: Supervision, failures: list[TaskFailed]
) -> None:
    async def fail() -> None:
        if len(failures) < 9:
            raise OSError

    await supervision.keep("files", fail)

    assert [failed.pause_seconds for failed in failures] == [1, 2, 4, 8, 16, 32, *[LONGEST_PAUSE_SECONDS] * 3]


async def test_a_task_that_ran_well_starts_again_soon(
    supervision: Supervision, watch: Watch, failures: list[TaskFailed]
) -> None:
    async def fail() -> None:
        if len(failures) == 2:
            await watch.sleep(WELL_SECONDS)
        if len(failures) < 4:
            raise OSError

    await supervision.keep("files", fail)

    assert [failed.pause_seconds for failed in failures] == [1, 2, 1, 2]


async def test_a_task_counts_as_failing_until_it_has_run_well(supervision: Supervision, watch: Watch) -> None:
    seen = []

    async def fail_once() -> None:
        seen.append(dict(supervision.failing))
        if len(seen) == 1:
            raise OSError
        await watch.sleep(WELL_SECONDS)
        seen.append(dict(supervision.failing))

    await supervision.keep("files", fail_once)

    assert seen == [{}, {"files": "OSError"}, {}]


async def test_tasks_are_cancelled_and_awaited_at_the_end(supervision: Supervision) -> None:
    ended = []

    async def last() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("last")

    async with supervision.run({"lasting": last}):
        await asyncio.sleep(0)
        assert supervision.running == {"lasting"}

    assert ended == ["last"]
    assert supervision.running == set()
