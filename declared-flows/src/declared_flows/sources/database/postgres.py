"""PostgreSQL, by psycopg, which the extra `postgres` brings: it is imported when a database is opened."""

import math
from collections.abc import Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from declared_flows.sources.database.binding import array, check_value, json_text
from declared_flows.sources.database.driver import CHUNK, Gathered, Rows
from declared_flows.sources.database.options import DatabaseOptions
from declared_flows.sources.database.sql_text import SqlText

if TYPE_CHECKING:
    from psycopg import AsyncConnection

_DEAD_PEER: dict[str, Any] = {
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""When a connection whose other end is gone without a word is given up: after half a minute (libpq's names)."""

_NO_FILE = "/dev/null/none"
"""A file that can't be: libpq takes an empty name for none given, and reads `~/.pgpass`."""

_SHORTEST_CONNECT_SECONDS = 2
"""libpq knows no shorter time."""


class Postgres:
    """A PostgreSQL database.

    Args:
        url: where it is, as declared.
        options: how many connections there may be, and how long one may take.
        password: the user's, where it is not in the URL.
        max_bytes: how much a statement may give.
    """

    ends_when_cancelled = True
    """Let psycopg cancel on the server; it gives the connection up if that takes longer than 10 s."""

    def __init__(self, url: URL, options: DatabaseOptions, password: str | None, max_bytes: int) -> None:
        url = url.set(drivername="postgresql+psycopg")
        self._url = url.set(username=options.user) if options.user else url
        self._options = options
        self._password = password or url.password
        self._max_bytes = max_bytes

    def engine(self, *, writable: bool) -> AsyncEngine:
        """A pool. A connection that reads does so in transactions that can't write."""
        connecting = {
            "connect_timeout": max(_SHORTEST_CONNECT_SECONDS, math.ceil(self._options.timeout)),
            # No password comes out of the environment (`PGPASSWORD`, `~/.pgpass`): a declaration reaches none of it.
            "password": self._password or "",
            "passfile": _NO_FILE,
            **_DEAD_PEER,
        }
        return create_async_engine(
            self._url,
            connect_args=connecting,
            execution_options={"postgresql_readonly": not writable},
            pool_size=self._options.max_concurrency,
            max_overflow=0,
            pool_timeout=self._options.timeout,
            pool_pre_ping=True,
        )

    def text(self, sql: SqlText) -> str:
        """With `%(name)s` for a parameter, and what psycopg would take for one doubled."""
        return sql.render(lambda name: f"%({name})s", lambda text: text.replace("%", "%%"))

    def bind(self, name: str, value: Any) -> Any:
        """A list of scalars is an array; other lists and objects are `jsonb`.

        Raises:
            UnusableParams: if there is no such value there.
        """
        if not isinstance(value, list | tuple | dict):
            return check_value(name, value)
        if not isinstance(value, dict) and not any(isinstance(item, list | tuple | dict) for item in value):
            return array(name, value)
        from psycopg.types.json import Jsonb

        text = json_text(name, value)
        return Jsonb(value, dumps=lambda _: text)

    async def read(self, connection: "AsyncConnection", sql: str, params: Mapping[str, Any], most: int) -> Rows:
        """Return the rows of a statement, at most ``most`` of them."""
        gathered = Gathered(self._max_bytes)
        async with connection.cursor() as cursor:
            stream = cursor.stream(_query(sql), params, size=min(most, CHUNK))
            async with aclosing(stream):  # type: ignore[type-var]  # psycopg declares a generator as an iterator
                async for row in stream:
                    gathered.add(row)
                    if len(gathered.rows) == most:
                        break
            return Rows(tuple(column.name for column in cursor.description or ()), gathered.rows)

    async def write(self, connection: "AsyncConnection", sql: str, params: Mapping[str, Any], most: int) -> Rows:
        """The same for one that may give no rows."""
        async with connection.cursor() as cursor:
            await cursor.execute(_query(sql), params)
            if cursor.description is None:
                return Rows((), (), max(cursor.rowcount, 0))
            gathered = Gathered(self._max_bytes)
            for row in await cursor.fetchmany(most):
                gathered.add(row)
            return Rows(tuple(column.name for column in cursor.description), gathered.rows)

    async def interrupt(self, connection: "AsyncConnection") -> None:
        """Nothing: that it is cancelled is enough, and a second time would be too much."""

    def is_broken(self, connection: "AsyncConnection") -> bool:
        """Whether the server is gone, or psycopg gave the connection up."""
        return connection.closed


def _query(sql: str) -> bytes:
    """psycopg's types take no text that is not written in the code, against injection; ours is a declaration's."""
    return sql.encode()
