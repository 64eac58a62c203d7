"""What differs from one database to another; ``sqlite.py`` and ``postgres.py`` are the two there are.

SQLAlchemy keeps the pools and transactions. Statements go to the driver itself: through SQLAlchemy's own cursors an
asynchronous result is in memory as a whole before its rows can be counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncEngine
from upstream_resilience.errors import BadUpstreamAnswer

from declared_flows.sources.database.sql_text import SqlText

CHUNK = 100
"""Rows that are taken from a database at once."""

_SCALAR_BYTES = 8


@dataclass(frozen=True, slots=True)
class Rows:
    """What a statement gave."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    changed: int | None = None
    """How many rows it changed, for a statement that gives none."""


@dataclass(slots=True)
class Gathered:
    """Rows as they come, as long as there is room for them."""

    most_bytes: int
    rows: list[Sequence[Any]] = field(default_factory=list)
    _bytes: int = 0

    def add(self, row: Sequence[Any]) -> None:
        """One more row.

        Raises:
            BadUpstreamAnswer: if there is no room for it.
        """
        self._bytes += _size(row)
        if self._bytes > self.most_bytes:
            raise BadUpstreamAnswer(f"it is larger than {self.most_bytes:,} bytes")
        self.rows.append(row)


def _size(value: Any) -> int:
    """About how long a value is as text."""
    match value:
        case str() | bytes():
            return len(value)
        case list() | tuple():
            return sum(map(_size, value))
        case dict():
            return sum(len(name) + _size(part) for name, part in value.items())
    return _SCALAR_BYTES


class Driver(Protocol):
    """A database as its driver knows it; a `connection` is the driver's own."""

    ends_when_cancelled: bool
    """Whether the driver ends a statement in the database when its caller is cancelled; else it must be interrupted."""

    def engine(self, *, writable: bool) -> AsyncEngine:
        """A pool; nothing is connected yet.

        Args:
            writable: whether statements may write.
        """
        ...

    def text(self, sql: SqlText) -> str:
        """A statement with its parameters as the driver writes them."""
        ...

    def bind(self, name: str, value: Any) -> Any:
        """The value of a parameter as the driver takes it.

        Raises:
            UnusableParams: if there is no such value there.
        """
        ...

    async def read(self, connection: Any, sql: str, params: Mapping[str, Any], most: int) -> Rows:
        """Return the rows of a statement, at most ``most`` of them.

        Raises:
            BadUpstreamAnswer: if they are too large.
        """
        ...

    async def write(self, connection: Any, sql: str, params: Mapping[str, Any], most: int) -> Rows:
        """The same for one that may give no rows."""
        ...

    async def interrupt(self, connection: Any) -> None:
        """End the statement that runs on the connection; again and again, since it may not have begun."""
        ...

    def is_broken(self, connection: Any) -> bool:
        """Whether the connection is of no more use."""
        ...
