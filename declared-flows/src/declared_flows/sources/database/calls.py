"""Runs statements so that a caller who leaves does so at once, while what it began is ended behind it.

A driver ends a statement only after the database agreed: SQLite's thread must be interrupted, PostgreSQL be asked to
cancel, which takes long where it does not answer. No caller waits for that, and the connection goes back to the pool,
or is closed, when it is over.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from declared_flows.sources.database.driver import Driver

_INTERRUPT_EVERY_SECONDS = 0.02
_CLOSE_SECONDS = 1.0

type Work[T] = Callable[[Any], Awaitable[T]]
"""Runs statements on a connection of the driver."""


class Calls:
    """Runs statements on the connections of a pool.

    Args:
        driver: the database.
        writable: whether they may write; the transaction of each is committed then.
    """

    def __init__(self, driver: Driver, *, writable: bool) -> None:
        self._driver = driver
        self._engine = driver.engine(writable=writable)
        self._writable = writable
        self._left: dict[asyncio.Task[None], asyncio.Task[Any]] = {}

    async def run[T](self, work: Work[T], *, is_kept: bool = True) -> T:
        """What the work gives, on a connection of its own.

        Args:
            work: runs statements.
            is_kept: whether what it writes is committed, else it is rolled back.

        Raises:
            SQLAlchemyError: if there is no connection; what the driver raises is passed on.
        """
        call = _Call(self._driver, self._engine)
        task = asyncio.create_task(call.written(work) if self._writable and is_kept else call.read(work))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            call.leave(task)
            ending = asyncio.create_task(call.end(task))
            self._left[ending] = task
            ending.add_done_callback(self._left.pop)
            raise

    async def aclose(self) -> None:
        """Close the connections, after what was left behind is ended or given up."""
        if self._left:
            await asyncio.wait(self._left, timeout=_CLOSE_SECONDS)
            for task in self._left.values():
                task.cancel()
        if self._left:
            await asyncio.wait(self._left, timeout=_CLOSE_SECONDS)
        await self._engine.dispose()


class _Call:
    """One run, whose caller may leave.

    It can't be cancelled while it gets its connection, or commits: a connection that is half made would leak, and
    nobody knows what a commit that is half done did.
    """

    def __init__(self, driver: Driver, engine: AsyncEngine) -> None:
        self._driver = driver
        self._engine = engine
        self._is_left = False
        self._running_on: Any = None

    async def read[T](self, work: Work[T]) -> T:
        async with self._engine.connect() as connection:
            return await self._done(work, connection)

    async def written[T](self, work: Work[T]) -> T:
        async with self._engine.begin() as connection:
            return await self._done(work, connection)

    async def _done[T](self, work: Work[T], connection: AsyncConnection) -> T:
        raw = (await connection.get_raw_connection()).driver_connection
        if self._is_left:
            raise asyncio.CancelledError
        self._running_on = raw
        try:
            return await work(raw)
        finally:
            self._running_on = None
            if self._driver.is_broken(raw):
                await connection.invalidate()

    def leave(self, task: asyncio.Task[Any]) -> None:
        """The caller is gone: end the statement, or don't begin it."""
        self._is_left = True
        if self._running_on is not None and self._driver.ends_when_cancelled:
            task.cancel()

    async def end(self, task: asyncio.Task[Any]) -> None:
        """Be there until the run is over."""
        while not task.done():
            if self._running_on is not None:
                await self._driver.interrupt(self._running_on)
            await asyncio.wait([task], timeout=_INTERRUPT_EVERY_SECONDS)
        if not task.cancelled():
            task.exception()
