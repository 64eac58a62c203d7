"""Runs of flows in a real PostgreSQL, also while it is down."""

from collections.abc import AsyncIterator, Iterator

import pytest
from declared_flows.errors import ExecutionsUnavailable
from executions_store_contract import ExecutionsStoreContract, Opened, opening_stores
from made_executions import made_execution
from running_postgres import PostgresServer, postgres_server
from sqlalchemy import create_engine, text

pytestmark = [pytest.mark.integration, pytest.mark.needs("postgres")]


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as postgres:
        yield postgres


@pytest.fixture
def url(postgres: PostgresServer) -> str:
    """The address of a database without a table."""
    run(postgres, "drop table if exists flow_executions")
    return postgres.url


@pytest.fixture
async def opened() -> AsyncIterator[Opened]:
    async with opening_stores() as open_:
        yield open_


def run(postgres: PostgresServer, statement: str) -> None:
    engine = create_engine(postgres.url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


class TestPostgres(ExecutionsStoreContract):
    """What every database does."""


async def test_a_run_that_it_does_not_take_is_lost_alone(url: str, opened: Opened) -> None:
    observed = await opened(url)
    fine = made_execution()

    observed.store.record(made_execution(1, flow="a\0b"))
    observed.store.record(fine)

    assert await observed.ids() == [fine.id]
    assert (observed.dropped, observed.states) == (1, [])


async def test_too_many_runs_are_deleted_by_several_workers_at_once(url: str, opened: Opened) -> None:
    workers = [await opened(url, max_rows=3) for _ in range(3)]
    executions = [made_execution(second) for second in range(30)]

    for execution in executions:
        workers[0].store.record(execution)

    assert await workers[0].left_are([execution.id for execution in reversed(executions[-3:])])
    assert [worker.dropped for worker in workers] == [0, 0, 0]


async def test_runs_recorded_during_an_outage_are_written_later(
    postgres: PostgresServer, url: str, opened: Opened
) -> None:
    observed = await opened(url)
    before, meanwhile = made_execution(), made_execution(1)
    observed.store.record(before)
    await observed.store.flush()

    postgres.stop()
    try:
        observed.store.record(meanwhile)
        await observed.state_is("OperationalError")
        with pytest.raises(ExecutionsUnavailable):
            await observed.store.find(before.id)
    finally:
        postgres.start()
    await observed.store.flush()

    assert await observed.ids() == [meanwhile.id, before.id]
    assert observed.states == ["OperationalError", None]
    assert observed.dropped == 0


async def test_a_table_that_somebody_dropped_is_made_anew(postgres: PostgresServer, url: str, opened: Opened) -> None:
    observed = await opened(url)
    observed.store.record(made_execution())
    await observed.store.flush()

    run(postgres, "drop table flow_executions")
    after = made_execution(1)
    observed.store.record(after)

    assert await observed.ids() == [after.id]
