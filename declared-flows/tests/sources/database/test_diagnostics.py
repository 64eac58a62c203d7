"""What is wrong with the declaration of a database is found without one, and all at once."""

from typing import Any

import pytest
from declared_flows.sources.database.source import Database

type Found = dict[tuple[str | int, ...], list[str]]


def found(url: Any = "sqlite:///houses.db", operation: Any = None, **more: Any) -> Found:
    operations = {"house": operation or {"sql": "select 1"}}
    declared = {"kind": "database", "url": url, "operations": operations, **more}
    diagnostics: Found = {}
    for place, sentence in Database().diagnose(Database.options.model_validate(declared)):
        diagnostics.setdefault(place, []).append(sentence)
    return diagnostics


def test_a_right_one_has_none() -> None:
    assert found("postgresql://db:5432/houses", user="alice", password={"secret": "password"}) == {}
    assert found({"secret": "address"}) == {}


def test_all_mistakes_of_a_statement_are_there_at_once() -> None:
    wrong = {
        "sql": "delete from houses where parcel = :parcel_id and area > :least",
        "params": {"parcel_ids": {"type": "integer"}, "nothing": {"type": "string"}},
    }

    diagnostics = found(operation=wrong)

    assert diagnostics[("operations", "house", "sql")] == [
        "the statement writes (`delete`): say `write: true`",
        "`:parcel_id` is not among `params`: declare it there; did you mean `parcel_ids`?",
        "`:least` is not among `params`: declare it there",
    ]
    assert diagnostics[("operations", "house", "params", "parcel_ids")] == [
        "the statement has no `:parcel_ids`: leave it out; did you mean `parcel_id`?"
    ]
    assert ("operations", "house", "params", "nothing") in diagnostics


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select 1; select 2", "these are 2"),
        ("-- nothing", "these are 0"),
        ("drop table houses", "begins with `drop`"),
        ("pragma user_version", "begins with `pragma`"),
        ("attach 'other.db' as o", "begins with `attach`"),
        ("commit", "begins with `commit`"),
        ("with x as (select 1) delete from houses", "one below `with`"),
    ],
)
def test_a_statement_that_is_none_for_an_operation_is_refused(sql: str, said: str) -> None:
    [sentence] = found(operation={"sql": sql})[("operations", "house", "sql")]

    assert said in sentence


def test_a_write_that_says_so_is_right() -> None:
    assert found(operation={"sql": "update houses set area = 1", "write": True}) == {}


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "no URL of a database"),
        ("mysql://db/houses", "`mysql` is not known here"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("sqlite:///file:houses.db", "needs a file"),
        ("sqlite://houses.db", "three slashes"),
        ("sqlite:///houses.db?mode=rwc", "no options"),
        ("postgresql:///houses", "host is missing"),
        ("postgresql://db", "name of the database is missing"),
        (
            "postgresql+nonsense://alice@db/houses",
            "an address of PostgreSQL is postgresql://USER:PASSWORD@HOST:5432/NAME",
        ),
        ("postgresql://db1:x,db2/houses", "HOST1:PORT,HOST2:PORT"),
        ("postgresql:///?service=houses", "names a file of this machine's users"),
        ("postgresql+asyncpg://db/houses?ssl=require", "say `sslmode=require`"),
        ("postgresql://alice:hunter2@db/houses", "a password does not stand in a file"),
        ("postgresql://db/houses?password=hunter2", "a password does not stand in a file"),
    ],
)
def test_an_address_that_is_none_is_refused_without_its_password(url: str, said: str) -> None:
    [sentence] = found(url)[("url",)]

    assert said in sentence
    assert "hunter2" not in sentence


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+asyncpg://db/houses",
        "postgresql+psycopg2://db/houses",
        "postgres://db/houses",
        "postgresql://db1,db2:5433/houses?target_session_attrs=read-write",
    ],
)
def test_an_address_as_platforms_and_libraries_write_it_is_taken(url: str) -> None:
    assert found(url) == {}


def test_passwords_in_files_and_repeated_users_are_refused() -> None:
    diagnostics = found("postgresql://alice@db/houses", user="bob", password="hunter2")

    assert set(diagnostics) == {("user",), ("password",)}
    assert "hunter2" not in str(diagnostics)


def test_sqlite_has_no_users() -> None:
    assert set(found(user="alice")) == {("user",)}


def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("declared_flows.sources.database.address.find_spec", lambda name: None)

    assert "install housing-price-orchestrator[postgres]" in found("postgresql://db/houses")[("url",)][0]
