"""SQLite, by aiosqlite: each connection has a thread of its own."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiosqlite import Connection
from sqlalchemy import URL, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from housing_price_orchestrator.errors import UpstreamUnavailable
from housing_price_orchestrator.provider.sources.database.binding import checked, json_text
from housing_price_orchestrator.provider.sources.database.driver import Rows
from housing_price_orchestrator.provider.sources.database.options import DatabaseOptions
from housing_price_orchestrator.provider.sources.database.sql_text import SqlText


class Sqlite:
    """An SQLite file, which must exist.

    Args:
        file: where it is.
        options: how many connections there may be, and how long to wait for those who write.
    """

    ends_when_cancelled = False
    """The thread would go on."""

    def __init__(self, file: Path, options: DatabaseOptions) -> None:
        self._file = file
        self._options = options

    def engine(self, *, writable: bool) -> AsyncEngine:
        """A pool. A connection that reads can't write, and none makes a file."""
        mode = {"mode": "rw" if writable else "ro", "uri": "true"}
        url = URL.create("sqlite+aiosqlite", database=f"file:{quote(str(self._file.absolute()))}", query=mode)
        waiting = {"timeout": self._options.timeout}
        pool = {
            "pool_size": self._options.max_concurrency,
            "max_overflow": 0,
            "pool_timeout": self._options.timeout,
        }
        if writable:
            # Without this, Python opens no transaction for a `with … insert`.
            engine = create_async_engine(url, connect_args={**waiting, "autocommit": False}, **pool)
        else:
            # One statement that reads needs no transaction, nor the rollback, which would be one more turn of a thread.
            alone = {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}
            engine = create_async_engine(url, connect_args=waiting, **alone, **pool)
        event.listen(engine.sync_engine, "do_connect", self._check_file)
        return engine

    def _check_file(self, *_: object) -> None:
        """Said here, since aiosqlite leaves a thread behind for a while when it can't open a file."""
        if not self._file.is_file():
            raise UpstreamUnavailable("its file is not there")

    def text(self, sql: SqlText) -> str:
        """As it is: SQLite knows `:name` itself."""
        return sql.text

    def bind(self, name: str, value: Any) -> Any:
        """Lists and objects are JSON text.

        Raises:
            UnusableParams: if there is no such value there.
        """
        return json_text(name, value) if isinstance(value, list | tuple | dict) else checked(name, value)

    async def read(self, connection: Connection, sql: str, params: Mapping[str, Any], most: int) -> Rows:
        """What a statement gives: at most so many rows, whatever else it would give."""
        async with connection.execute(sql, params) as cursor:
            columns: Sequence[Sequence[Any]] | None = cursor.description
            if columns is None:
                return Rows((), (), max(cursor.rowcount, 0))
            return Rows(tuple(column[0] for column in columns), list(await cursor.fetchmany(most)))

    write = read

    async def interrupt(self, connection: Connection) -> None:
        """End what the connection's thread does."""
        with suppress(ValueError):  # it is closed
            await connection.interrupt()

    def is_broken(self, connection: Connection) -> bool:  # noqa: ARG002  the port's
        """Never: a file does not go away."""
        return False
