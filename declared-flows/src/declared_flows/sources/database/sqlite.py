"""SQLite, by aiosqlite: each connection has a thread of its own."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiosqlite import Connection
from host_environment.files import is_denied
from sqlalchemy import URL, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry
from upstream_resilience.errors import UpstreamUnavailable

from declared_flows.sources.database.binding import check_value, json_text
from declared_flows.sources.database.driver import CHUNK, Gathered, Rows
from declared_flows.sources.database.options import DatabaseOptions
from declared_flows.sources.database.sql_text import SqlText
from declared_flows.sources.database.translation import NAME

_FILE = "file"
"""Under which a connection keeps which file it has open."""


class Sqlite:
    """An SQLite file, which must exist.

    Args:
        file: where it is.
        options: how many connections there may be, and how long to wait for those who write.
        max_bytes: how much a statement may give.
    """

    ends_when_cancelled = False
    """The thread would go on."""

    def __init__(self, file: Path, options: DatabaseOptions, max_bytes: int) -> None:
        self._file = file
        self._options = options
        self._max_bytes = max_bytes

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
        event.listen(engine.sync_engine, "checkout", self._check_connection)
        return engine

    def _check_file(self, _dialect: object, record: ConnectionPoolEntry, *_: object) -> None:
        """Said here, since aiosqlite leaves a thread behind for a while when it can't open a file."""
        if not self._file.is_file():
            raise UpstreamUnavailable("its file is not there", upstream=NAME)
        if is_denied(self._file):
            raise UpstreamUnavailable("its file belongs to another user, and may not be read here", upstream=NAME)
        record.info[_FILE] = self._identity()

    def _check_connection(self, _raw: object, record: ConnectionPoolEntry, _proxy: object) -> None:
        """A file that was put in the place of another is read from then on: the pool connects again."""
        if record.info.get(_FILE) != self._identity():
            raise DisconnectionError

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self._file.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def text(self, sql: SqlText) -> str:
        """As it is: SQLite knows `:name` itself."""
        return sql.text

    def bind(self, name: str, value: Any) -> Any:
        """Lists and objects are JSON text.

        Raises:
            UnusableParams: if there is no such value there.
        """
        return json_text(name, value) if isinstance(value, list | tuple | dict) else check_value(name, value)

    async def read(self, connection: Connection, sql: str, params: Mapping[str, Any], most: int) -> Rows:
        """Return the rows of a statement, at most ``most`` of them."""
        async with connection.execute(sql, params) as cursor:
            columns: Sequence[Sequence[Any]] | None = cursor.description
            if columns is None:
                return Rows((), (), max(cursor.rowcount, 0))
            gathered = Gathered(self._max_bytes)
            while (left := most - len(gathered.rows)) > 0:
                rows = list(await cursor.fetchmany(min(left, CHUNK)))
                for row in rows:
                    gathered.add(row)
                if len(rows) < CHUNK:
                    break
            return Rows(tuple(column[0] for column in columns), gathered.rows)

    write = read

    async def interrupt(self, connection: Connection) -> None:
        """End what the connection's thread does."""
        with suppress(ValueError):  # it is closed
            await connection.interrupt()

    def is_broken(self, connection: Connection) -> bool:  # noqa: ARG002  the port's
        """Never: a file does not go away."""
        return False
