"""Runs of flows in a SQLite file: kept off the path of requests, paged, and deleted when they are old or many."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from declared_flows.errors import ExecutionsUnavailable
from execution_store import store as executions_store
from execution_store import table as executions_table
from execution_store.store import StoreOptions
from execution_store.table import store_url
from executions_store_contract import ExecutionsStoreContract, Opened, opening_stores
from housing_price_orchestrator.settings import FlowSettings
from made_executions import NOON, made_execution
from pydantic import SecretStr, ValidationError


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/of/its/own/executions.db"


@pytest.fixture
async def opened() -> AsyncIterator[Opened]:
    async with opening_stores() as open_:
        yield open_


class TestSqlite(ExecutionsStoreContract):
    """What every database does."""


def counted(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        count: int = connection.execute("select count(*) from flow_executions").fetchone()[0]
    return count


async def test_a_database_that_is_no_database_stops_nobody(tmp_path: Path, opened: Opened) -> None:
    (tmp_path / "broken.db").write_bytes(b"this is no database" * 100)
    observed = await opened(f"sqlite:///{tmp_path}/broken.db", queue_size=3)

    for second in range(5):
        observed.store.record(made_execution(second))
    with pytest.raises(ExecutionsUnavailable):
        await observed.store.page(flow=None, status=None, limit=1, before=None)

    assert observed.dropped == 2
    assert observed.states == ["DatabaseError"]
    assert observed.store.failure == "file is not a database"


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+asyncpg"])
async def test_the_database_is_tried_at_the_start_and_its_reason_kept_without_the_password(
    opened: Opened, scheme: str
) -> None:
    observed = await opened(f"{scheme}://bob:hunter2@127.0.0.1:1/x?password=hunter2")

    await observed.state_is("OperationalError")

    assert observed.store.failure is not None
    assert "Connection refused" in observed.store.failure
    assert "hunter2" not in observed.store.failure


async def test_what_waits_is_written_once_the_database_is_mended(tmp_path: Path, opened: Opened) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"this is no database" * 100)
    observed = await opened(f"sqlite:///{broken}")
    execution = made_execution()
    observed.store.record(execution)
    await observed.state_is("DatabaseError")

    broken.unlink()
    await observed.store.flush()

    assert observed.states == ["DatabaseError", None]
    assert observed.store.failure is None
    assert await observed.store.find(execution.id) == execution


async def test_a_failure_that_nobody_knows_costs_its_runs_alone(
    url: str, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    observed = await opened(url)
    after = made_execution(1)

    async def fail(*_: object) -> None:
        raise RuntimeError("of the driver's own")

    with monkeypatch.context() as failing:
        failing.setattr(executions_table.ExecutionsTable, "insert", fail)
        observed.store.record(made_execution())
        await observed.state_is("RuntimeError")
    observed.store.record(after)

    assert await observed.ids() == [after.id]
    assert observed.dropped == 1


async def test_an_unknown_failure_while_tidying_up_ends_nothing(
    url: str, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> int:
        raise RuntimeError("of the driver's own")

    monkeypatch.setattr(executions_table.ExecutionsTable, "oldest_kept", fail)
    observed = await opened(url)
    await observed.state_is("RuntimeError")
    execution = made_execution()
    observed.store.record(execution)

    assert await observed.ids() == [execution.id]


@pytest.mark.parametrize("is_replaced", [False, True], ids=["removed", "replaced"])
async def test_runs_go_into_the_file_that_is_there(tmp_path: Path, opened: Opened, *, is_replaced: bool) -> None:
    file = tmp_path / "executions.db"
    observed = await opened(f"sqlite:///{file}")
    observed.store.record(made_execution())
    await observed.store.flush()

    if is_replaced:
        (tmp_path / "empty.db").touch()
        (tmp_path / "empty.db").rename(file)
    else:
        file.unlink()
    after = made_execution(1)
    observed.store.record(after)

    assert await observed.ids() == [after.id]
    assert (counted(file), observed.dropped) == (1, 0)


async def test_one_search_for_the_oldest_run_serves_all_deletions(
    url: str, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executions_table, "DELETED_AT_ONCE", 2)
    done: list[str] = []

    class Told(executions_table.ExecutionsTable):
        async def oldest_kept(self, most: int) -> int:
            done.append("looked")
            return await super().oldest_kept(most)

        async def delete_some(self, *, before_microseconds: int) -> bool:
            done.append("deleted")
            return await super().delete_some(before_microseconds=before_microseconds)

    executions = [made_execution(second) for second in range(9)]
    table = executions_table.ExecutionsTable(store_url(url))
    await table.create()
    await table.insert(executions)
    await table.aclose()
    monkeypatch.setattr(executions_store, "ExecutionsTable", Told)
    observed = await opened(url, max_rows=3)

    assert await observed.left_are([execution.id for execution in reversed(executions[-3:])])
    assert done[:4] == ["looked", "deleted", "deleted", "deleted"]


async def test_closing_without_a_database_reports_what_is_lost(
    tmp_path: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executions_store, "CLOSE_SECONDS", 0.05)
    (tmp_path / "broken.db").write_bytes(b"this is no database" * 100)
    observed = await opened(f"sqlite:///{tmp_path}/broken.db")
    observed.store.record(made_execution())
    await observed.state_is("DatabaseError")

    await observed.store.aclose()

    assert observed.dropped == 1


async def test_a_run_that_no_database_takes_is_lost_alone(url: str, opened: Opened) -> None:
    observed = await opened(url)
    fine = [made_execution(second) for second in range(3)]
    poison = made_execution(3, flow="\ud800")

    for execution in (*fine[:2], poison, fine[2]):
        observed.store.record(execution)
    await observed.store.flush()

    page = await observed.store.page(flow=None, status=None, limit=10, before=None)
    assert [execution.id for execution in page.executions] == [execution.id for execution in reversed(fine)]
    assert observed.dropped == 1
    assert observed.states == []


async def test_ten_thousand_runs_are_recorded_before_the_first_is_written(
    tmp_path: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executions_store, "CLOSE_SECONDS", 60.0)
    file = tmp_path / "executions.db"
    observed = await opened(f"sqlite:///{file}", queue_size=10_000)
    executions = [made_execution(second / 1000) for second in range(10_000)]

    for execution in executions:
        observed.store.record(execution)
    waiting = observed.store.waiting
    await observed.store.aclose()

    assert waiting == 10_000
    assert (observed.dropped, counted(file)) == (0, 10_000)


async def test_requests_go_on_while_thousands_of_runs_are_written(url: str, opened: Opened) -> None:
    observed = await opened(url)
    turns = 0

    for second in range(5000):
        observed.store.record(made_execution(second / 1000))
    flushed = asyncio.create_task(observed.store.flush())
    while not flushed.done():
        turns += 1
        await asyncio.sleep(0)

    assert turns > 10, "the event loop stood still between batches"


async def test_old_runs_are_deleted_and_a_batch_at_a_time(
    url: str, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executions_table, "DELETED_AT_ONCE", 2)
    observed = await opened(url, retention_seconds=60, now=lambda: NOON.timestamp() + 100)
    kept, old = made_execution(41), [made_execution(second) for second in range(5)]

    for execution in (*old, kept):
        observed.store.record(execution)

    assert await observed.left_are([kept.id])


async def test_of_too_many_runs_the_newest_are_kept(url: str, opened: Opened) -> None:
    observed = await opened(url, max_rows=3)
    executions = [made_execution(second) for second in range(10)]

    for execution in executions:
        observed.store.record(execution)

    assert await observed.left_are([execution.id for execution in reversed(executions[-3:])])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("sqlite://", "need a file"),
        ("sqlite:///:memory:", "need a file"),
        ("mysql://bob:hunter2@db/x", "begins with"),
        ("hunter2", "is sqlite:///FILE or"),
        ("postgresql://u:p@ss:hunter2@host/db", "is sqlite:///FILE or"),
    ],
)
def test_an_unknown_database_address_is_refused_without_repeating_it(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as refused:
        store_url(text)

    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    "address",
    [
        *("postgres://bob:a%40b@db:5432/x", "postgresql://bob@db/x", "postgresql+psycopg://db", "postgresql:///x"),
        *("postgresql://bob@[::1]:5432/x?sslmode=require", "postgresql://bob:a/b:c@db/x", "postgresql:///x?host=/run"),
        *("postgresql+asyncpg://bob@db/x", "postgresql+psycopg2://db/x", "postgresql://bob:x@db1:5432,db2/x"),
        *("sqlite:///executions.db", "sqlite+aiosqlite:////var/lib/executions.db?timeout=5"),
    ],
)
def test_the_settings_take_every_address_of_the_store(address: str) -> None:
    assert store_url(address).drivername in ("postgresql+psycopg", "sqlite+aiosqlite")
    assert FlowSettings(executions_url=SecretStr(address)).executions_place == address


@pytest.mark.parametrize(
    "address",
    [
        *("postgresql://u:p@ss:hunter2@host/db", "postgresql://hunter2@db:x/y", "postgresql://u:hunter2/db"),
        *("mysql://bob:hunter2@db/x", "sqlite:///:memory:", "sqlite:///", "hunter2"),
    ],
)
def test_settings_refuse_unknown_databases_without_repeating_the_address(address: str) -> None:
    with pytest.raises(ValidationError) as refused:
        FlowSettings(executions_url=SecretStr(address))

    assert "hunter2" not in str(refused.value)


def test_options_do_not_show_the_password() -> None:
    assert "hunter2" not in repr(StoreOptions("postgresql://bob:hunter2@db/x"))
