"""The kinds `database` and `api` keep the contract of all sources."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from declared_flows.errors import UnusableParams
from declared_flows.sources.database.source import Database
from declared_flows.sources.feast.source import Feast
from declared_flows.sources.http_api.source import HttpApi
from free_ports import free_port
from source_contract import (
    SECRET,
    assert_answers_plainly,
    assert_fails_as_sources_do,
    assert_is_declared_well,
    assert_opens_what_it_declares,
    context_of,
)
from upstream_resilience.errors import UpstreamUnavailable


def database(**more: Any) -> dict[str, Any]:
    by_parcel = {"sql": "select * from houses where parcel = :parcel", "params": {"parcel": {"type": "string"}}}
    return {"kind": "database", "url": "sqlite:///houses.db", "operations": {"house": by_parcel}, **more}


def api(port: int = 9, **more: Any) -> dict[str, Any]:
    index = {"path": "/areas/{area}/index", "params": {"area": {"type": "string"}}, "pick": "data"}
    return {
        "kind": "api",
        "url": f"http://127.0.0.1:{port}",
        "auth": {"bearer": {"secret": "token"}},
        "operations": {"index": index},
        **more,
    }


@pytest.fixture
def houses(tmp_path: Path) -> Path:
    file = sqlite3.connect(tmp_path / "houses.db")
    file.executescript("create table houses (parcel text, area real); insert into houses values ('p1', 120.5)")
    file.close()
    return tmp_path


@pytest.fixture
async def market() -> AsyncIterator[int]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b'{"data": {"index": 1.25}}'
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


def test_they_are_declared_well() -> None:
    assert_is_declared_well(Database(), database())
    assert_is_declared_well(HttpApi(), api())


async def test_they_open_what_they_declare(tmp_path: Path) -> None:
    context = context_of(tmp_path, token=SECRET)

    await assert_opens_what_it_declares(Database(), database(), context)
    await assert_opens_what_it_declares(HttpApi(), api(), context)


async def test_a_database_answers_plainly(houses: Path) -> None:
    answer = await assert_answers_plainly(Database(), database(), context_of(houses), "house", {"parcel": "p1"})

    assert (answer.value, answer.rows) == ({"parcel": "p1", "area": 120.5}, 1)


@pytest.mark.integration
async def test_a_service_answers_plainly(market: int, tmp_path: Path) -> None:
    context = context_of(tmp_path, token=SECRET)

    answer = await assert_answers_plainly(HttpApi(), api(market), context, "index", {"area": "north"})

    assert answer.value == {"index": 1.25}


async def test_what_is_not_there_is_unavailable(tmp_path: Path) -> None:
    context = context_of(tmp_path, token=SECRET)

    no_file = await assert_fails_as_sources_do(Database(), database(), context, "house", {"parcel": "p1"})
    no_server = await assert_fails_as_sources_do(HttpApi(), api(free_port()), context, "index", {"area": "north"})

    assert isinstance(no_file, UpstreamUnavailable)
    assert isinstance(no_server, UpstreamUnavailable)
    assert no_server.is_refused
    assert not (tmp_path / "houses.db").exists()


async def test_a_parameter_that_is_missing_is_named(tmp_path: Path) -> None:
    context = context_of(tmp_path, token=SECRET)

    for kind, declaration, operation, name in (
        (Database(), database(), "house", "parcel"),
        (HttpApi(), api(), "index", "area"),
    ):
        error = await assert_fails_as_sources_do(kind, declaration, context, operation, {})
        assert isinstance(error, UnusableParams)
        assert f"`{name}`" in str(error)


FEAST = {
    "kind": "feast",
    "url": "http://127.0.0.1:9",
    "auth": {"bearer": {"secret": "token"}},
    "operations": {"ask": {"features": ["homes:budget"], "entities": {"customer": {"type": "integer"}}}},
}


@pytest.mark.parametrize(
    ("kind", "declaration"),
    [(HttpApi(), api()), (HttpApi(), api(auth=None, headers={"X-Key": {"secret": "token"}})), (Feast(), FEAST)],
)
async def test_opening_reports_a_secret_no_header_can_hold(
    kind: Any, declaration: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(UpstreamUnavailable, match="line break at the end of a secret") as refused:
        async with kind.open(
            "source", kind.options.model_validate(declaration), context_of(tmp_path, token=f"{SECRET}\n")
        ):
            pass

    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "declaration"),
    [(Database(), database(url={"secret": "address"})), (HttpApi(), api(url={"secret": "address"}))],
)
async def test_opening_reports_a_secret_that_is_no_address(
    kind: Any, declaration: dict[str, Any], tmp_path: Path
) -> None:
    context = context_of(tmp_path, address=SECRET, token=SECRET)

    with pytest.raises(UpstreamUnavailable, match="its address can't be used") as refused:
        async with kind.open("source", kind.options.model_validate(declaration), context):
            pass

    assert SECRET not in str(refused.value)
