"""The table of executions, and its queries. SQLAlchemy Core, for SQLite or PostgreSQL."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from declared_flows.executions.record import (
    Execution,
    ExecutionSummary,
    Failure,
    Status,
    StepRun,
    from_microseconds,
    to_microseconds,
)
from declared_flows.executions.store import Cursor, Page
from host_environment.files import describe_denied, is_denied
from host_environment.postgres_addresses import NoPostgresAddress, is_postgres, read_postgres_address
from pydantic import TypeAdapter
from pydantic_core import from_json, to_json
from sqlalchemy import (
    BigInteger,
    Column,
    Delete,
    Double,
    Index,
    Insert,
    MetaData,
    Row,
    Select,
    Table,
    Text,
    delete,
    event,
    func,
    select,
    tuple_,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.schema import CreateIndex, CreateTable

DELETED_AT_ONCE = 500
"""Rows that one statement deletes: others wait for it no longer than that takes."""

_WAIT_SECONDS = 2
"""How long SQLite waits for another process that writes, and PostgreSQL for a connection."""

_POOL = {"pool_size": 2, "max_overflow": 2, "pool_timeout": _WAIT_SECONDS}
_FILE = "file"
_CREATED_BY_ONE = 0x686F757365
"""A number of our own for PostgreSQL's lock, since `IF NOT EXISTS` alone fails where two create at once."""

_metadata = MetaData()
_runs = Table(
    "flow_executions",
    _metadata,
    Column("id", Text, primary_key=True),
    Column("flow", Text, nullable=False),
    Column("route", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("started_at", BigInteger, nullable=False, comment="microseconds since 1970, UTC"),
    Column("duration_seconds", Double, nullable=False),
    Column("error_code", Text),
    Column("error_message", Text),
    Column("request_id", Text),
    Column("request", Text, comment="JSON, redacted"),
    Column("steps", Text, nullable=False, comment="JSON"),
)
_AT = _runs.c.started_at, _runs.c.id
_INDEXES = (
    Index("flow_executions_by_time", *_AT),
    Index("flow_executions_by_flow", _runs.c.flow, *_AT),
    Index("flow_executions_by_status", _runs.c.status, *_AT),
)
_SUMMARY = [column for column in _runs.c if column.name not in ("request", "steps")]
_STEPS = TypeAdapter(tuple[StepRun, ...])


def store_url(text: str) -> URL:
    """Return the address of a database as SQLAlchemy takes it.

    Raises:
        ValueError: if it is none of a SQLite file or of PostgreSQL; its text never holds the address.
    """
    try:
        url = make_url(read_postgres_address(text) if is_postgres(text) else text)
    except NoPostgresAddress:
        raise
    # ValueError: what follows the last colon is not a port. Its text holds that, which may be part of a password.
    except (ArgumentError, ValueError):
        raise ValueError("an address of a database is sqlite:///FILE or postgresql://USER@HOST/NAME") from None
    match url.drivername:
        case "sqlite" | "sqlite+aiosqlite" if url.database and url.database != ":memory:":
            return url.set(drivername="sqlite+aiosqlite")
        case "sqlite" | "sqlite+aiosqlite":
            raise ValueError("executions need a file: sqlite:///FILE")
        case "postgresql" if find_spec("psycopg") is None:
            raise ValueError(
                "PostgreSQL needs the extra `postgres` of housing-price-orchestrator, which `uv sync` installs"
            )
        case "postgresql":
            return url.set(drivername="postgresql+psycopg")
    raise ValueError("an address of a database begins with sqlite:/// or postgresql://")


class ExecutionsTable:
    """The table, in a database whose connections are made when they are first needed.

    Every method raises the errors of SQLAlchemy and of its drivers.

    Args:
        url: see ``store_url``.
    """

    def __init__(self, url: URL) -> None:
        self._url = url
        self._file = Path(url.database) if url.database and url.drivername.startswith("sqlite") else None
        self._engine = _engine(url, is_file=self._file is not None)
        self._insert = _insert(is_file=self._file is not None)

    def describe(self, error: Exception) -> str:
        """Return the driver's own sentence in one line, without the password; a file that may not be read is named."""
        if self._file and is_denied(self._file):
            return describe_denied(self._file)
        original = getattr(error, "orig", None) or error
        text = " ".join(str(original).split()) or type(original).__name__
        listed = self._url.query.get("password", ())
        for password in filter(None, (self._url.password, *([listed] if isinstance(listed, str) else listed))):
            text = text.replace(str(password), "***")
        return text

    async def aclose(self) -> None:
        """Close its connections."""
        await self._engine.dispose()

    async def create(self) -> None:
        """Create the table if there is none; many processes may do so at once."""
        if self._file:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        async with self._engine.begin() as connection:
            if self._file is None:
                await connection.execute(select(func.pg_advisory_xact_lock(_CREATED_BY_ONE)))
            await connection.execute(CreateTable(_runs, if_not_exists=True))
            for index in _INDEXES:
                await connection.execute(CreateIndex(index, if_not_exists=True))

    async def insert(self, executions: Sequence[Execution]) -> None:
        """Insert executions; one that exists already stays as it is."""
        async with self._engine.begin() as connection:
            await connection.execute(self._insert, [_row(execution) for execution in executions])

    async def page(self, *, flow: str | None, status: Status | None, limit: int, before: Cursor | None) -> Page:
        """Return at most ``limit`` executions, newest first."""
        query = _page(flow, status, before).limit(limit + 1)
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query)).all()
        found = [_summary(row) for row in rows[:limit]]
        return Page(found, Cursor.of(found[-1]) if len(rows) > limit else None)

    async def find(self, execution_id: str) -> Execution | None:
        """Return the execution with this id."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(select(_runs).where(_runs.c.id == execution_id))).one_or_none()
        return _execution(row) if row is not None else None

    async def oldest_kept(self, most: int) -> int:
        """Return when the oldest of the newest ``most`` executions began, in microseconds; 0 if there are fewer."""
        newest = select(_runs.c.started_at).order_by(*(column.desc() for column in _AT)).offset(most - 1).limit(1)
        async with self._engine.connect() as connection:
            return (await connection.execute(newest)).scalar() or 0

    async def delete_some(self, *, before_microseconds: int) -> bool:
        """Delete the oldest executions before a moment, and return whether any may be left."""
        async with self._engine.begin() as connection:
            deleted = (await connection.execute(_delete(before_microseconds))).rowcount
        return deleted == DELETED_AT_ONCE


def _engine(url: URL, *, is_file: bool) -> AsyncEngine:
    if not is_file:
        arguments = {"connect_timeout": _WAIT_SECONDS}
        return create_async_engine(url, **_POOL, pool_pre_ping=True, connect_args=arguments)
    engine = create_async_engine(url, **_POOL, connect_args={"timeout": _WAIT_SECONDS})
    event.listen(engine.sync_engine, "connect", _prepare_file)
    _follow_file(engine, Path(str(url.database)))
    return engine


def _follow_file(engine: AsyncEngine, file: Path) -> None:
    """Reconnect if the file of a connection was replaced or removed: nobody would see what it writes there."""

    def remember(_: object, record: ConnectionPoolEntry) -> None:
        record.info[_FILE] = _identity(file)

    def check(_: object, record: ConnectionPoolEntry, __: object) -> None:
        if record.info[_FILE] != _identity(file):
            raise InvalidatePoolError("its file is another one now")

    event.listen(engine.sync_engine, "connect", remember)
    event.listen(engine.sync_engine, "checkout", check)


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _prepare_file(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    # Readers and the writer do not wait for each other; what a power cut takes is the last moment, not the file.
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


def _insert(*, is_file: bool) -> Insert:
    if is_file:
        return sqlite.insert(_runs).on_conflict_do_nothing()
    return postgresql.insert(_runs).on_conflict_do_nothing()


def _page(flow: str | None, status: Status | None, before: Cursor | None) -> Select[Any]:
    query = select(*_SUMMARY).order_by(*(column.desc() for column in _AT))
    if flow is not None:
        query = query.where(_runs.c.flow == flow)
    if status is not None:
        query = query.where(_runs.c.status == status)
    if before is not None:
        query = query.where(tuple_(*_AT) < tuple_(to_microseconds(before.started_at), before.id))
    return query


def _delete(before: int) -> Delete:
    # Of several workers that tidy up, each takes rows that no other one is taking.
    oldest = select(_runs.c.id).where(_runs.c.started_at < before).order_by(*_AT).limit(DELETED_AT_ONCE)
    return delete(_runs).where(_runs.c.id.in_(oldest.with_for_update(skip_locked=True)))


def _row(execution: Execution) -> dict[str, Any]:
    error = execution.error
    return {
        "id": execution.id,
        "flow": execution.flow,
        "route": execution.route,
        "status": execution.status,
        "started_at": to_microseconds(execution.started_at),
        "duration_seconds": execution.duration_seconds,
        "error_code": error.code if error else None,
        "error_message": error.message if error else None,
        "request_id": execution.request_id,
        "request": to_json(execution.request).decode() if execution.request is not None else None,
        "steps": _STEPS.dump_json(execution.steps).decode(),
    }


def _heads(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "flow": row.flow,
        "route": row.route,
        "status": row.status,
        "started_at": from_microseconds(row.started_at),
        "duration_seconds": row.duration_seconds,
        "error": Failure(row.error_code, row.error_message) if row.error_code is not None else None,
        "request_id": row.request_id,
    }


def _summary(row: Row[Any]) -> ExecutionSummary:
    return ExecutionSummary(**_heads(row))


def _execution(row: Row[Any]) -> Execution:
    request = from_json(row.request) if row.request is not None else None
    return Execution(**_heads(row), request=request, steps=_STEPS.validate_json(row.steps))
