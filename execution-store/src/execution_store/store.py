"""Stores executions in a database, off the path of requests: they are queued, and one task writes them.

A database that fails stops no request: executions wait in memory, and those that find no room are dropped and counted.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from itertools import islice

from declared_flows.errors import ExecutionsUnavailable
from declared_flows.executions.record import Execution, Status
from declared_flows.executions.store import Cursor, Page
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError
from upstream_resilience.supervision import Supervision

from execution_store.table import ExecutionsTable, store_url

CLOSE_SECONDS = 2.0
"""How long closing may take to write what waits."""

_WRITTEN_AT_ONCE = 500
_LINGER_SECONDS = 0.1
"""How long the first execution waits for others, so that a busy service writes ten times a second, not for each."""

_TIDY_SECONDS = 30.0
_WRITE_SECONDS = 10.0
_READ_SECONDS = 2.0
_OWN_WRITES_SECONDS = 0.5
"""How long a reader waits for what this process recorded before."""

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.1, 5.0

_REFUSED = (DataError, IntegrityError, ValueError, TypeError, OverflowError)
"""The database is there, and this run can't be written."""

_DOWN = (SQLAlchemyError, OSError, TimeoutError)


@dataclass(frozen=True, slots=True)
class StoreOptions:
    """How executions are stored.

    Args:
        url: `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/NAME`.
        retention_seconds: a run that is older is deleted.
        max_rows: the most rows; the oldest beyond them are deleted.
        queue_size: executions that may wait to be written; more are dropped and counted.
    """

    url: str = field(repr=False)
    retention_seconds: float = 30 * 86_400.0
    max_rows: int = 1_000_000
    queue_size: int = 10_000


class ExecutionsStore(AbstractAsyncContextManager["ExecutionsStore"]):
    """Executions in a database, open while it is entered. Used by the event loop that opened it.

    Args:
        options: where, how many, how long.
        on_dropped: hears how many executions were dropped.
        on_state: hears the kind of failure when the database can't be written, and None when it can again.
        now: a clock in seconds since 1970.

    Raises:
        ValueError: if the address is not of a known database.
    """

    def __init__(
        self,
        options: StoreOptions,
        *,
        on_dropped: Callable[[int], object],
        on_state: Callable[[str | None], object],
        now: Callable[[], float] = time.time,
        linger_seconds: float = _LINGER_SECONDS,
        tidy_seconds: float = _TIDY_SECONDS,
    ) -> None:
        self._options = options
        self._table = ExecutionsTable(store_url(options.url))
        self._on_dropped = on_dropped
        self._on_state = on_state
        self._now = now
        self._linger_seconds = linger_seconds
        self._tidy_seconds = tidy_seconds
        self.failure: str | None = None
        """Why the database can't be written now: the driver's own sentence, in one line without the password."""
        self._waiting: deque[Execution] = deque()
        self._recorded = 0
        self._settled = 0
        self._news = asyncio.Event()
        self._hurry = asyncio.Event()
        self._progress = asyncio.Condition()
        self._writer: asyncio.Task[None] | None = None
        self._is_created = False
        self._is_closing = False
        self._is_up = True
        self._delete_before: int | None = None
        """Found once for all of what one tidying deletes (microseconds)."""

    async def __aenter__(self) -> "ExecutionsStore":
        supervision = Supervision(lambda failed: self._report_failure(failed.error))
        writing = supervision.keep("executions writer", self._write_until_closed)
        self._writer = asyncio.create_task(writing, name="executions-writer")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    @property
    def waiting(self) -> int:
        """Executions that wait to be written."""
        return len(self._waiting)

    def record(self, execution: Execution) -> None:
        """Queue an execution unless too many wait; never waits and never raises."""
        if self._is_closing or len(self._waiting) >= self._options.queue_size:
            self._on_dropped(1)
            return
        self._waiting.append(execution)
        self._recorded += 1
        self._news.set()

    async def page(self, *, flow: str | None, status: Status | None, limit: int, before: Cursor | None) -> Page:
        """Return at most ``limit`` executions, newest first.

        Raises:
            ExecutionsUnavailable: if the database does not answer.
        """
        return await self._read(lambda: self._table.page(flow=flow, status=status, limit=limit, before=before))

    async def find(self, execution_id: str) -> Execution | None:
        """Return the execution with this id, if it is stored.

        Raises:
            ExecutionsUnavailable: if the database does not answer.
        """
        return await self._read(lambda: self._table.find(execution_id))

    async def flush(self) -> None:
        """Wait until all that is queued is written or dropped."""
        self._hurry.set()
        target = self._recorded
        async with self._progress:
            await self._progress.wait_for(lambda: self._settled >= target)

    async def aclose(self) -> None:
        """Write what waits, within ``CLOSE_SECONDS``; drop the rest."""
        self._is_closing = True
        self._news.set()
        self._hurry.set()
        if self._writer is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._writer, CLOSE_SECONDS)
            self._writer = None
        if self._waiting:
            await self._settle(len(self._waiting), lost=len(self._waiting))
        await self._table.aclose()

    async def _read[T](self, ask: Callable[[], Awaitable[T]]) -> T:
        # A caller with an id from a response must find the execution.
        with suppress(TimeoutError):
            async with asyncio.timeout(_OWN_WRITES_SECONDS):
                await self.flush()
        try:
            async with asyncio.timeout(_READ_SECONDS):
                await self._create()
                return await ask()
        except _DOWN as error:
            raise ExecutionsUnavailable from error

    async def _write_until_closed(self) -> None:
        tidy_at = time.monotonic()
        while self._waiting or not self._is_closing:
            await self._until_due(tidy_at)
            batch = list(islice(self._waiting, _WRITTEN_AT_ONCE))
            if batch:
                await self._settle(len(batch), lost=await self._write(batch))
            if time.monotonic() >= tidy_at and not self._is_closing:
                is_tidy = await self._tidy()
                tidy_at = time.monotonic() + (self._tidy_seconds if is_tidy else 0)

    async def _until_due(self, tidy_at: float) -> None:
        """Wait until there is enough to write, or it is time to tidy up."""
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, tidy_at - time.monotonic())):
                await self._news.wait()
        if 0 < len(self._waiting) < _WRITTEN_AT_ONCE:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._linger_seconds):
                    await self._hurry.wait()

    async def _settle(self, count: int, *, lost: int) -> None:
        for _ in range(count):
            self._waiting.popleft()
        if not self._waiting and not self._is_closing:
            self._news.clear()
            self._hurry.clear()
        if lost:
            self._on_dropped(lost)
        async with self._progress:
            self._settled += count
            self._progress.notify_all()

    async def _write(self, batch: Sequence[Execution]) -> int:
        """Write executions, however long the database is down, and return how many it refuses."""
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                return await self._try_batch(batch)
            except _DOWN as error:
                self._report_failure(error)
            # Whatever a driver raises, the writer must live: nobody would notice its end.
            except Exception as error:  # noqa: BLE001  see above
                self._report_failure(error)
                return len(batch)
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311  no secret, but several workers at once
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    async def _try_batch(self, batch: Sequence[Execution]) -> int:
        async with asyncio.timeout(_WRITE_SECONDS):
            await self._create()
            try:
                await self._table.insert(batch)
                lost = 0
            except _REFUSED:
                lost = await self._write_singly(batch)
        self._report_success()
        return lost

    async def _write_singly(self, batch: Sequence[Execution]) -> int:
        lost = 0
        for execution in batch:
            try:
                await self._table.insert([execution])
            except _REFUSED:
                lost += 1
        return lost

    async def _tidy(self) -> bool:
        """Delete some of what is too old or too much; return whether none of that is left. A failure does no harm."""
        oldest = int((self._now() - self._options.retention_seconds) * 1e6)
        try:
            async with asyncio.timeout(_WRITE_SECONDS):
                await self._create()
                if self._delete_before is None:
                    self._delete_before = max(oldest, await self._table.oldest_kept(self._options.max_rows))
                are_more = await self._table.delete_some(before_microseconds=self._delete_before)
        except Exception as error:  # noqa: BLE001  as for what is written
            self._report_failure(error)
            are_more = False
        else:
            self._report_success()
        if not are_more:
            self._delete_before = None
        return not are_more

    async def _create(self) -> None:
        if not self._is_created:
            await self._table.create()
            self._is_created = True

    def _report_failure(self, error: Exception) -> None:
        self.failure = self._table.describe(error)
        # A repaired database may be empty.
        self._is_created = False
        if self._is_up:
            self._is_up = False
            self._on_state(type(error).__name__)

    def _report_success(self) -> None:
        self.failure = None
        if not self._is_up:
            self._is_up = True
            self._on_state(None)
