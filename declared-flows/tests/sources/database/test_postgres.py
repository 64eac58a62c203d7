"""A real PostgreSQL behind a source."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from declared_flows.errors import UnusableParams
from declared_flows.sources.database.source import Database
from declared_flows.sources.port import NO_CALL, Answer, OpenSource, SourceContext
from hypothesis import given, settings
from hypothesis import strategies as st
from running_postgres import PASSWORD, PostgresServer, postgres
from upstream_resilience.errors import BadUpstreamAnswer, UpstreamUnavailable

__all__ = ["postgres"]

pytestmark = [pytest.mark.integration, pytest.mark.needs("postgres")]


@pytest.fixture
def server(postgres: PostgresServer) -> PostgresServer:
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("drop table if exists houses")
        connection.execute("create table houses (parcel integer primary key, name text, area numeric(10, 2))")
        connection.execute("insert into houses values (1, 'a', 120.50), (2, 'b', null), (3, 'b', 80)")
    return postgres


@asynccontextmanager
async def opened(server: PostgresServer, operations: Mapping[str, Any], **more: Any) -> AsyncIterator[OpenSource]:
    declared = {
        "kind": "database",
        "url": server.place,
        "user": "alice",
        "password": {"secret": "password"},
        "timeout": 5,
        "operations": operations,
        **more,
    }
    context = SourceContext(Path("/"), {"password": PASSWORD})
    async with Database().open("db", Database.options.model_validate(declared), context) as database:
        yield database


async def asked(server: PostgresServer, operation: Mapping[str, Any], **params: Any) -> Answer:
    async with opened(server, {"it": operation}) as database:
        return await database.operations["it"](params, NO_CALL)


def count(server: PostgresServer) -> int:
    with psycopg.connect(server.url) as connection:
        row = connection.execute("select count(*) from houses").fetchone()
    assert row is not None
    found: int = row[0]
    return found


async def test_rows_are_objects_with_plain_values(server: PostgresServer) -> None:
    by_parcel = {"sql": "select * from houses where parcel = :parcel::int", "params": {"parcel": {"type": "integer"}}}
    kinds = {
        "sql": """select 12.5::numeric as n, 5::numeric as i, '2026-11-21'::date as d, '8:30'::time as t,
            '00000000-0000-0000-0000-000000000001'::uuid as u, '{"a": [1, 2.5]}'::jsonb as j, array[1, 2] as l,
            true as b, '10.0.0.1'::inet as a, interval '1 hour' as v, ':no 50%' as s"""
    }

    assert await asked(server, by_parcel, parcel=1) == Answer({"parcel": 1, "name": "a", "area": 120.5}, 1)
    assert await asked(server, by_parcel, parcel=9) == Answer(None, 0)
    assert (await asked(server, kinds)).value == {
        "n": 12.5,
        "i": 5,
        "d": "2026-11-21",
        "t": "08:30:00",
        "u": "00000000-0000-0000-0000-000000000001",
        "j": {"a": [1, 2.5]},
        "l": [1, 2],
        "b": True,
        "a": "10.0.0.1",
        "v": "PT1H",
        "s": ":no 50%",
    }


async def test_lists_are_arrays_and_objects_are_jsonb(server: PostgresServer) -> None:
    any_of = {
        "sql": "select parcel from houses where parcel = any(:parcels) order by parcel",
        "params": {"parcels": {"type": "array"}},
        "returns": "many",
    }
    within = {"sql": "select :given::jsonb -> 'a' as a", "params": {"given": {"type": "object"}}}

    assert (await asked(server, any_of, parcels=[3, 1])).value == [{"parcel": 1}, {"parcel": 3}]
    assert (await asked(server, any_of, parcels=[])).value == []
    assert (await asked(server, within, given={"a": [{"b": 1}]})).value == {"a": [{"b": 1}]}


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ({"sql": "select * from houses"}, "more than 1 row"),
        ({"sql": "select generate_series(1, 100000000)", "returns": "many", "max_rows": 10}, "more than 10 rows"),
        ({"sql": "select 1 as a, 2 as a"}, "columns of the same name"),
        ({"sql": "select 'a'::bytea as picture"}, "column `picture` has a value of the kind `bytes`"),
        ({"sql": "select 'NaN'::numeric as area"}, "column `area` has a value that is not finite"),
        ({"sql": "select 'infinity'::date as day"}, "a value that can't be read"),
        ({"sql": "select * from nothing"}, "refused by the database"),
        ({"sql": "select 1 / (parcel - parcel) from houses"}, "fails on these rows"),
        ({"sql": "with x as (delete from houses returning 1) select * from x"}, "say `write: true`"),
        ({"sql": "select nextval('numbers')"}, "refused by the database|say `write: true`"),
        ({"sql": "call nothing()"}, "refused by the database"),
    ],
)
async def test_what_is_no_answer_is_told_apart(server: PostgresServer, operation: dict[str, Any], said: str) -> None:
    with pytest.raises(BadUpstreamAnswer, match=said):
        await asked(server, operation)

    assert count(server) == 3


async def test_rows_that_are_too_large_are_no_answer(server: PostgresServer) -> None:
    declared = {
        "kind": "database",
        "url": server.place,
        "user": "alice",
        "password": {"secret": "password"},
        "timeout": 5,
        "operations": {
            "it": {"sql": "select repeat('a', 1000) as t from generate_series(1, 900)", "returns": "many"},
            "small": {"sql": "select i from generate_series(1, 250) as i", "returns": "many"},
        },
    }
    context = SourceContext(Path("/"), {"password": PASSWORD}, max_answer_bytes=10_000)
    async with Database().open("db", Database.options.model_validate(declared), context) as database:
        with pytest.raises(BadUpstreamAnswer, match="larger than 10,000 bytes"):
            await database.operations["it"]({}, NO_CALL)
        assert (await database.operations["small"]({}, NO_CALL)).rows == 250


@pytest.mark.parametrize("value", ["no number", "1" * 30, "a\0b", 2**63])
async def test_values_that_do_not_fit_are_the_callers(server: PostgresServer, value: Any) -> None:
    operation = {"sql": "select * from houses where parcel = :p::int", "params": {"p": {}}}

    with pytest.raises(UnusableParams):
        await asked(server, operation, p=value)


async def test_writes_are_committed_or_rolled_back(server: PostgresServer) -> None:
    added = {"sql": "insert into houses values (:p, 'd') returning parcel", "params": {"p": {}}, "write": True}
    all_gone = {"sql": "delete from houses returning parcel", "write": True}
    renamed = {"sql": "update houses set name = 'x' where parcel < 3", "write": True}

    assert await asked(server, added, p=4) == Answer({"parcel": 4}, 1)
    assert await asked(server, renamed) == Answer({"changed": 2}, 2)
    with pytest.raises(UnusableParams, match="the rules of the database"):
        await asked(server, added, p=4)
    with pytest.raises(BadUpstreamAnswer, match="more than 1 row"):
        await asked(server, all_gone)
    assert count(server) == 4


async def test_what_the_database_would_refuse_is_found_beforehand(server: PostgresServer) -> None:
    operations = {
        "right": {"sql": "select * from houses where name like :n || '%'", "params": {"n": {"type": "string"}}},
        "table": {"sql": "select * from house"},
        "types": {"sql": "select * from houses where parcel = 'a'::text"},
        "write": {"sql": "delete from houses", "write": True},
        "wrong_write": {"sql": "insert into house values (1)", "write": True},
        "call": {"sql": "call nothing()", "write": True},
    }

    async with opened(server, operations) as database:
        diagnostics = list(await database.verify())

    assert diagnostics[0] == 'operation `table` is refused by the database: relation "house" does not exist'
    assert diagnostics[1].startswith("operation `types` is refused by the database: operator does not exist")
    assert diagnostics[2] == 'operation `wrong_write` is refused by the database: relation "house" does not exist'
    assert len(diagnostics) == 3
    assert count(server) == 3


@pytest.mark.parametrize("change", [{"user": "bob"}, {"url": "{place}_not_there"}, {"password": None}])
async def test_who_is_not_let_in_is_told_without_the_password(server: PostgresServer, change: dict[str, Any]) -> None:
    change = {**change, "url": change["url"].format(place=server.place)} if "url" in change else change

    async with opened(server, {"it": {"sql": "select 1"}}, **change) as database:
        with pytest.raises(UpstreamUnavailable, match=r"does not let this user in|no connection") as refused:
            await database.operations["it"]({}, NO_CALL)

    assert PASSWORD not in str(refused.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"user": "bob"}, "password authentication failed"),
        ({"url": "{place}_not_there"}, "does not exist"),
        ({"url": "{place}?sslmode=require"}, "server does not support SSL"),
        ({"url": "postgresql://127.0.0.1:1/postgres"}, "onnection refused"),
    ],
)
async def test_who_declares_a_database_reads_why_it_does_not_answer(
    server: PostgresServer, change: dict[str, str], said: str
) -> None:
    change = {name: value.format(place=server.place) for name, value in change.items()}

    async with opened(server, {"it": {"sql": "select 1"}}, **change) as database:
        with pytest.raises(UpstreamUnavailable, match=said) as refused:
            await database.verify()

    assert PASSWORD not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    ["postgresql+asyncpg://{host}/postgres", "postgres://{host}/postgres", "postgresql://127.0.0.1:1,{host}/postgres"],
)
async def test_an_address_as_platforms_write_it_reaches_the_database(server: PostgresServer, url: str) -> None:
    url = url.format(host=f"127.0.0.1:{server.port}")

    async with opened(server, {"it": {"sql": "select 1 as n"}}, url=url) as database:
        assert (await database.operations["it"]({}, NO_CALL)).value == {"n": 1}


async def test_no_password_comes_out_of_the_environment(
    server: PostgresServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    passwords = tmp_path / ".pgpass"
    passwords.touch(mode=0o600)
    passwords.write_text(f"*:*:*:*:{PASSWORD}\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PGPASSWORD", PASSWORD)

    async with opened(server, {"it": {"sql": "select 1"}}, password=None) as database:
        with pytest.raises(UpstreamUnavailable):
            await database.operations["it"]({}, NO_CALL)


def active(server: PostgresServer) -> int:
    with psycopg.connect(server.url) as connection:
        row = connection.execute(
            "select count(*) from pg_stat_activity "
            "where query like '%pg_sleep%' and state = 'active' and pid <> pg_backend_pid()"
        ).fetchone()
    assert row is not None
    found: int = row[0]
    return found


@pytest.mark.parametrize("write", [False, True])
async def test_a_caller_leaves_at_once_and_ends_the_query(server: PostgresServer, write: bool) -> None:
    operations = {"slow": {"sql": "select pg_sleep(600)", "write": write}, "quick": {"sql": "select 1 as one"}}

    async with opened(server, operations, max_concurrency=2) as database:
        await database.operations["quick"]({}, NO_CALL)
        calls = [asyncio.ensure_future(database.operations["slow"]({}, NO_CALL)) for _ in range(2)]
        while await asyncio.to_thread(active, server) < 2:
            pass
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        while await asyncio.to_thread(active, server):
            pass
        answers = await asyncio.gather(*(database.operations["quick"]({}, NO_CALL) for _ in range(5)))

    assert [answer.value for answer in answers] == [{"one": 1}] * 5


async def test_a_caller_leaves_a_silent_server_at_once(server: PostgresServer) -> None:
    async with opened(server, {"quick": {"sql": "select 1 as one"}}, max_concurrency=2) as database:
        await database.operations["quick"]({}, NO_CALL)
        server.pause()
        try:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await database.operations["quick"]({}, NO_CALL)
            # What it left behind, which waits for the server, is still there.
            assert len(asyncio.all_tasks()) > 1
        finally:
            server.resume()
        assert (await database.operations["quick"]({}, NO_CALL)).value == {"one": 1}


async def test_a_database_that_comes_back_is_found_again(server: PostgresServer) -> None:
    async with opened(server, {"quick": {"sql": "select 1 as one"}}) as database:
        await asyncio.gather(*(database.operations["quick"]({}, NO_CALL) for _ in range(5)))
        server.stop()
        with pytest.raises(UpstreamUnavailable) as stopped:
            await database.operations["quick"]({}, NO_CALL)
        server.start()
        answers = await asyncio.gather(*(database.operations["quick"]({}, NO_CALL) for _ in range(5)))

    assert stopped.value.is_refused
    assert len(answers) == 5


TEXTS = st.lists(
    st.one_of(
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
        st.sampled_from(["' or 1=1 --", "'; drop table houses; --", ":name", "%(name)s", "$1", "\\'", "$$", "{a}"]),
    ),
    min_size=5,
    max_size=20,
)


@settings(max_examples=15)
@given(texts=TEXTS)
def test_no_value_is_ever_a_part_of_the_statement(postgres: PostgresServer, texts: list[str]) -> None:
    operation = {"sql": "select :name::text as given, '%' as sign", "params": {"name": {"type": "string"}}}

    async def asked_each() -> list[Any]:
        async with opened(postgres, {"it": operation}) as database:
            return [(await database.operations["it"]({"name": text}, NO_CALL)).value for text in texts]

    assert asyncio.run(asked_each()) == [{"given": text, "sign": "%"} for text in texts]
