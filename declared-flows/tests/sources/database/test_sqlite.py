"""A real SQLite file behind a source."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from threading import enumerate as threads
from typing import Any

import pytest
from declared_flows.errors import UnusableParams
from declared_flows.sources.database.source import Database
from declared_flows.sources.port import NO_CALL, Answer, OpenSource, SourceContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from upstream_resilience.errors import BadUpstreamAnswer, UpstreamUnavailable

TABLE = """
create table houses (parcel integer primary key, name text not null, area real, pool integer, extras text);
insert into houses values (1, 'a', 120.5, 1, '{"garage": 2}'), (2, 'b', null, 0, null), (3, 'b', 80, 0, null);
"""
ENDLESS = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"

type Opened = Callable[..., AbstractAsyncContextManager[OpenSource]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a b%41.db"
    connection = sqlite3.connect(path)
    connection.executescript(TABLE)
    connection.close()
    return path


@pytest.fixture
def opened(file: Path) -> Opened:
    @asynccontextmanager
    async def opened(operations: Mapping[str, Any], **more: Any) -> AsyncIterator[OpenSource]:
        declared = {"kind": "database", "url": "sqlite:///a%20b%2541.db", "operations": operations, **more}
        async with Database().open("db", Database.options.model_validate(declared), SourceContext(file.parent)) as db:
            yield db

    return opened


async def asked(opened: Opened, operation: Mapping[str, Any], **params: Any) -> Answer:
    async with opened({"it": operation}) as database:
        return await database.operations["it"](params, NO_CALL)


async def test_a_row_is_an_object_and_no_row_is_nothing(opened: Opened) -> None:
    by_parcel = {"sql": "select * from houses where parcel = :parcel", "params": {"parcel": {"type": "integer"}}}
    fields = {"pool": {"type": "boolean"}, "extras": {"type": "object"}}

    found = await asked(opened, {**by_parcel, "answer": fields}, parcel=1)

    assert found == Answer({"parcel": 1, "name": "a", "area": 120.5, "pool": True, "extras": {"garage": 2}}, 1)
    assert await asked(opened, by_parcel, parcel=9) == Answer(None, 0)


async def test_many_rows_are_a_list_and_a_value_is_bare(opened: Opened) -> None:
    names = {"sql": "select name from houses where name = :name -- it's", "params": {"name": {"type": "string"}}}
    count = {"sql": "select count(*), 2 from houses", "returns": "value"}

    assert await asked(opened, {**names, "returns": "many"}, name="b") == Answer([{"name": "b"}, {"name": "b"}], 2)
    assert await asked(opened, {**names, "returns": "many"}, name="c") == Answer([], 0)
    assert await asked(opened, count) == Answer(3, 1)


async def test_a_parameter_that_is_not_given_has_its_default(opened: Opened) -> None:
    params = {"least": {"type": "number", "default": 100}, "most": {"type": "number", "optional": True}}
    sql = "select parcel from houses where area > :least and (:most is null or area < :most)"

    assert (await asked(opened, {"sql": sql, "params": params})).value == {"parcel": 1}


async def test_a_list_is_json_text(opened: Opened) -> None:
    sql = "select parcel from houses where parcel in (select value from json_each(:parcels)) order by parcel"
    operation = {"sql": sql, "params": {"parcels": {"type": "array"}}, "returns": "many"}

    assert (await asked(opened, operation, parcels=[3, 1])).value == [{"parcel": 1}, {"parcel": 3}]


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ({"sql": "select * from houses"}, "more than 1 row"),
        ({"sql": "select * from houses", "returns": "value"}, "more than 1 row"),
        ({"sql": "select * from houses", "returns": "many", "max_rows": 2}, "more than 2 rows"),
        ({"sql": ENDLESS.replace("count(*)", "i"), "returns": "many"}, "more than 1,000 rows"),
        ({"sql": "select 1 as a, 2 as a"}, "columns of the same name"),
        ({"sql": "select x'00' as picture"}, "column `picture` has a value of the kind `bytes`"),
        ({"sql": "select 9e999 as area"}, "column `area` has a value that is not finite"),
        ({"sql": "select cast(x'ff' as text) as name"}, "a value that can't be read"),
        ({"sql": "select * from nothing"}, "the statement is refused by the database"),
        ({"sql": "with x as (select 1) select load_extension('evil')"}, "refused by the database"),
    ],
)
async def test_what_is_no_answer_is_told_apart(opened: Opened, operation: dict[str, Any], said: str) -> None:
    with pytest.raises(BadUpstreamAnswer, match=said):
        await asked(opened, operation)


async def test_a_hidden_write_meets_a_read_only_connection(opened: Opened, file: Path) -> None:
    async with opened({"it": {"sql": "with x as (select 1) delete from houses"}}) as database:
        with pytest.raises(BadUpstreamAnswer, match="say `write: true`"):
            await database.operations["it"]({}, NO_CALL)

    assert count(file) == 3


async def test_a_write_is_committed_and_says_how_much_it_changed(opened: Opened, file: Path) -> None:
    rename = {
        "sql": "update houses set name = :name where parcel > :parcel",
        "params": {"name": {"type": "string"}, "parcel": {"type": "integer"}},
        "write": True,
    }

    assert await asked(opened, rename, name="c", parcel=1) == Answer({"changed": 2}, 2)
    assert await asked(opened, rename, name="c", parcel=9) == Answer(None, 0)
    assert count(file, "where name = 'c'") == 2


@pytest.mark.parametrize("begin", ["", "with x as (select 1) "])
async def test_a_write_that_gives_too_much_is_rolled_back(opened: Opened, file: Path, begin: str) -> None:
    with pytest.raises(BadUpstreamAnswer, match="more than 1 row"):
        await asked(opened, {"sql": begin + "delete from houses returning parcel", "write": True})

    assert count(file) == 3


async def test_a_write_gives_its_row(opened: Opened, file: Path) -> None:
    added = {"sql": "insert into houses (name) values ('d') returning parcel", "write": True}

    assert await asked(opened, added) == Answer({"parcel": 4}, 1)
    assert count(file) == 4


async def test_values_against_the_rules_are_the_callers(opened: Opened) -> None:
    twice = {"sql": "insert into houses (parcel, name) values (1, 'a')", "write": True}

    with pytest.raises(UnusableParams, match="the rules of the database refuse these values"):
        await asked(opened, twice)


async def test_a_file_that_others_lock_is_unavailable(opened: Opened, file: Path) -> None:
    other = sqlite3.connect(file)
    other.execute("begin exclusive")
    operation = {"sql": "select count(*) as n from houses"}
    try:
        async with opened({"it": operation}, timeout="50ms") as database:
            with pytest.raises(UpstreamUnavailable, match="locked"):
                await database.operations["it"]({}, NO_CALL)
            other.rollback()
            assert (await database.operations["it"]({}, NO_CALL)).value == {"n": 3}
    finally:
        other.close()


@pytest.mark.parametrize("write", [True, False])
async def test_a_file_that_replaces_another_is_read(opened: Opened, file: Path, write: bool) -> None:
    operation = {"sql": "select count(*) as n from houses", "write": write}
    async with opened({"it": operation}) as database:
        assert (await database.operations["it"]({}, NO_CALL)).value == {"n": 3}
        replace(file, "delete from houses where parcel > 1")
        assert (await database.operations["it"]({}, NO_CALL)).value == {"n": 1}
        remove(file)
        with pytest.raises(UpstreamUnavailable, match="not there"):
            await database.operations["it"]({}, NO_CALL)


async def test_rows_that_are_too_large_are_no_answer(file: Path) -> None:
    many = {"sql": "select replace(hex(zeroblob(20)), '0', 'a') as text from houses, houses", "returns": "many"}
    declared = {"kind": "database", "url": "sqlite:///a%20b%2541.db", "operations": {"it": many}}
    options = Database.options.model_validate(declared)

    async def asked_with(most_bytes: int) -> Answer:
        context = SourceContext(file.parent, max_answer_bytes=most_bytes)
        async with Database().open("db", options, context) as database:
            return await database.operations["it"]({}, NO_CALL)

    assert (await asked_with(9 * 40)).rows == 9
    with pytest.raises(BadUpstreamAnswer, match="larger than 359 bytes"):
        await asked_with(9 * 40 - 1)


async def test_more_rows_than_are_taken_at_once_are_all_there(opened: Opened) -> None:
    numbers = "with recursive n(i) as (select 1 union all select i + 1 from n limit 250) select i from n"

    found = await asked(opened, {"sql": numbers, "returns": "many"})

    assert [row["i"] for row in found.value] == list(range(1, 251))


async def test_a_file_that_is_none_is_said(opened: Opened, file: Path) -> None:
    write(file, b"no database at all" * 100)

    with pytest.raises(BadUpstreamAnswer, match="no SQLite database"):
        await asked(opened, {"sql": "select 1 from houses"})


@pytest.mark.parametrize("write", [True, False])
async def test_a_missing_file_is_unavailable_and_not_made(opened: Opened, file: Path, write: bool) -> None:
    remove(file)

    with pytest.raises(UpstreamUnavailable, match="not there"):
        await asked(opened, {"sql": "insert into houses (name) values ('d')", "write": write})

    assert not exists(file)


async def test_what_the_database_would_refuse_is_found_beforehand(opened: Opened, file: Path) -> None:
    operations = {
        "right": {"sql": "select * from houses where parcel = :p", "params": {"p": {"type": "integer"}}},
        "table": {"sql": "select * from house"},
        "column": {"sql": "select size from houses"},
        "write": {"sql": "delete from houses", "write": True},
        "wrong_write": {"sql": "delete from house", "write": True},
    }
    async with opened(operations) as database:
        assert list(await database.verify()) == [
            "operation `table` is refused by the database: no such table: house",
            "operation `column` is refused by the database: no such column: size",
            "operation `wrong_write` is refused by the database: no such table: house",
        ]

    assert count(file) == 3


async def test_who_leaves_does_so_at_once_and_ends_what_runs(opened: Opened) -> None:
    operations = {"endless": {"sql": ENDLESS}, "quick": {"sql": "select 1 as one"}}

    async with opened(operations, max_concurrency=2) as database:
        for _ in range(5):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await database.operations["endless"]({}, NO_CALL)
        # Both connections are free again.
        answers = await asyncio.gather(*(database.operations["quick"]({}, NO_CALL) for _ in range(10)))

    assert [answer.value for answer in answers] == [{"one": 1}] * 10
    for thread in threads():
        if "_connection_worker" in thread.name:
            thread.join(5)
            assert not thread.is_alive()


async def test_a_write_that_is_left_is_rolled_back(opened: Opened, file: Path) -> None:
    slow = {"sql": f"insert into houses (name) values ('d') returning ({ENDLESS})", "write": True}

    async with opened({"slow": slow, "quick": {"sql": "select 1"}}) as database:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await database.operations["slow"]({}, NO_CALL)

    assert count(file) == 3


async def test_crowds_that_leave_at_any_moment_leak_no_connection(opened: Opened) -> None:
    async with opened({"quick": {"sql": "select 1 as one"}}, max_concurrency=3) as database:
        for turns in range(12):
            calls = [asyncio.ensure_future(database.operations["quick"]({}, NO_CALL)) for _ in range(20)]
            for _ in range(turns):
                await asyncio.sleep(0)
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)

        answers = await asyncio.gather(*(database.operations["quick"]({}, NO_CALL) for _ in range(20)))

    assert len(answers) == 20


TEXTS = st.one_of(
    st.text(), st.sampled_from(["' or 1=1 --", "'; drop table houses; --", ":name", "%(name)s", "?", "\\'"])
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(text=TEXTS)
def test_no_value_is_ever_a_part_of_the_statement(opened: Opened, file: Path, text: str) -> None:
    operation = {
        "sql": "select :name as given, (select count(*) from houses where name = :name) as found",
        "params": {"name": {"type": "string"}},
    }
    if "\0" in text:
        with pytest.raises(UnusableParams):
            asyncio.run(asked(opened, operation, name=text))
        return

    answer = asyncio.run(asked(opened, operation, name=text))

    assert answer.value == {"given": text, "found": {"a": 1, "b": 2}.get(text, 0)}
    assert count(file) == 3


def write(file: Path, content: bytes) -> None:
    file.write_bytes(content)


def remove(file: Path) -> None:
    file.unlink()


def replace(file: Path, change: str) -> None:
    new = Path(shutil.copy(file, file.with_name("new.db")))
    connection = sqlite3.connect(new)
    connection.execute(change)
    connection.commit()
    connection.close()
    new.replace(file)


def exists(file: Path) -> bool:
    return file.exists()


def count(file: Path, where: str = "") -> int:
    connection = sqlite3.connect(file)
    found: int = connection.execute(f"select count(*) from houses {where}").fetchone()[0]
    connection.close()
    return found
