"""What a store of runs does, whichever database it is in; a test class derives from it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from declared_flows.executions.record import Execution, Failure
from declared_flows.executions.store import Cursor
from execution_store.store import ExecutionsStore, StoreOptions
from made_executions import NOON, made_execution


class Observed:
    """A store, and what it said."""

    def __init__(self, url: str, now: Callable[[], float], **options: Any) -> None:
        self.dropped = 0
        self.states: list[str | None] = []
        self._changed = asyncio.Event()
        self.store = ExecutionsStore(
            StoreOptions(url, **options),
            on_dropped=self._drop,
            on_state=self._change,
            now=now,
            linger_seconds=0,
            tidy_seconds=0,
        )

    def _drop(self, count: int) -> None:
        self.dropped += count

    def _change(self, state: str | None) -> None:
        self.states.append(state)
        self._changed.set()

    async def state_is(self, state: str | None) -> None:
        """Wait until the store says so."""
        while not self.states or self.states[-1] != state:
            self._changed.clear()
            await self._changed.wait()

    async def left_are(self, ids: Sequence[str]) -> bool:
        """Wait until these are the runs that are left, newest first."""
        while (left := await self.ids()) != list(ids):
            assert set(ids) <= set(left), "one is gone that was to be kept"
        return True

    async def ids(self, **filters: Any) -> list[str]:
        """The ids of all runs, newest first, by pages of two."""
        found: list[str] = []
        before: Cursor | None = None
        while True:
            page = await self.store.page(**{"flow": None, "status": None, "limit": 2, "before": before} | filters)
            found += [execution.id for execution in page.executions]
            if page.next is None:
                return found
            before = Cursor.read(str(page.next))


type Opened = Callable[..., Awaitable[Observed]]


@asynccontextmanager
async def opening_stores() -> AsyncIterator[Opened]:
    """Opens stores that are closed at the end."""
    async with AsyncExitStack() as stack:

        async def open_(url: str, *, now: Callable[[], float] = NOON.timestamp, **options: Any) -> Observed:
            observed = Observed(url, now, **options)
            await stack.enter_async_context(observed.store)
            return observed

        yield open_


class ExecutionsStoreContract:
    """To be derived from, beside the fixtures `url` and `opened`."""

    async def test_a_run_comes_back_as_it_was_recorded(self, url: str, opened: Opened) -> None:
        observed = await opened(url)
        recorded = [
            made_execution(0.123456),
            made_execution(1, request=None, steps=(), request_id=None),
            made_execution(2, status="failed", error=Failure("UPSTREAM_BAD_ANSWER", "It answered “nothing”.")),
        ]

        for execution in recorded:
            observed.store.record(execution)

        assert [await observed.store.find(execution.id) for execution in recorded] == recorded
        assert await observed.store.find("another") is None
        assert (observed.dropped, observed.states) == (0, [])

    async def test_pages_are_newest_first_and_filtered(self, url: str, opened: Opened) -> None:
        observed = await opened(url)
        executions = [
            made_execution(
                number, flow="even" if number % 2 == 0 else "odd", status="failed" if number < 4 else "succeeded"
            )
            for number in range(7)
        ]
        for execution in executions:
            observed.store.record(execution)

        def ids(*numbers: int) -> list[str]:
            return [executions[number].id for number in numbers]

        assert await observed.ids() == ids(6, 5, 4, 3, 2, 1, 0)
        assert await observed.ids(flow="odd") == ids(5, 3, 1)
        assert await observed.ids(status="failed") == ids(3, 2, 1, 0)
        assert await observed.ids(flow="even", status="succeeded") == ids(6, 4)
        assert await observed.ids(flow="none") == []

    async def test_runs_of_one_moment_are_paged_by_their_ids(self, url: str, opened: Opened) -> None:
        observed = await opened(url)
        executions = [made_execution() for _ in range(7)]
        for execution in executions:
            observed.store.record(execution)

        assert await observed.ids() == sorted((execution.id for execution in executions), reverse=True)

    async def test_a_page_goes_on_where_the_last_one_ended_although_runs_were_added(
        self, url: str, opened: Opened
    ) -> None:
        observed = await opened(url)
        old = [made_execution(second) for second in range(4)]
        for execution in old:
            observed.store.record(execution)
        first = await observed.store.page(flow=None, status=None, limit=2, before=None)

        observed.store.record(made_execution(100))
        second = await observed.store.page(flow=None, status=None, limit=2, before=first.next)

        assert [each.id for page in (first, second) for each in page.executions] == [each.id for each in reversed(old)]
        assert second.next is None

    async def test_what_was_flushed_is_there_after_a_restart(self, url: str, opened: Opened) -> None:
        before = await opened(url)
        execution = made_execution()
        before.store.record(execution)
        await before.store.aclose()

        after = await opened(url)

        assert await after.store.find(execution.id) == execution

    async def test_what_is_recorded_after_the_end_is_lost_and_counted(self, url: str, opened: Opened) -> None:
        observed = await opened(url)
        await observed.store.aclose()

        observed.store.record(made_execution())

        assert observed.dropped == 1

    async def test_workers_that_start_at_once_write_side_by_side(self, url: str, opened: Opened) -> None:
        workers: list[Observed] = [await opened(url) for _ in range(4)]
        recorded: list[Execution] = []

        for second in range(40):
            recorded.append(made_execution(second))
            workers[second % 4].store.record(recorded[-1])
        await asyncio.gather(*(worker.store.flush() for worker in workers))

        assert await workers[0].ids(limit=200) == [execution.id for execution in reversed(recorded)]
        assert [worker.dropped for worker in workers] == [0, 0, 0, 0]

    async def test_a_run_that_is_recorded_twice_is_kept_once(self, url: str, opened: Opened) -> None:
        observed = await opened(url)
        execution = made_execution()

        observed.store.record(execution)
        observed.store.record(execution)

        assert await observed.ids() == [execution.id]
        assert observed.dropped == 0
