"""The programmable model keeps the contract of a model server, and breaks it as told."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
from house_record import COLUMNS, example_house, model_row
from housing_price_bench.programmable_model import KINDS, OK, Behaviour, Kind, ProgrammableModel
from model_server_contract import assert_keeps_the_contract
from programmable import model_in_a_thread, model_process, programmable_model

__all__ = ["programmable_model"]  # a fixture, in force because it is here


ROW = list(model_row(example_house()))


PRICE = 50_000.126 + 11_622 + 50_000


def table(*rows: Any) -> dict[str, Any]:
    return {"dataframe_split": {"columns": list(COLUMNS), "data": list(rows)}}


@pytest.fixture
async def client(programmable_model: ProgrammableModel) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=programmable_model.url, timeout=120) as client:
        yield client


@pytest.mark.parametrize("options", [{}, {"gives_records": True}])
def test_it_keeps_the_contract_of_our_model_server(options: dict[str, Any]) -> None:
    with model_in_a_thread(**options) as model:
        assert_keeps_the_contract(model.url, says_who_it_is=True)


def test_without_a_version_it_keeps_the_contract_of_mlflow() -> None:
    with model_in_a_thread(version=None) as model:
        assert_keeps_the_contract(model.url, says_who_it_is=False)


@pytest.mark.integration
def test_a_process_is_controlled_over_http() -> None:
    with model_process("--behaviour", '{"kind": "garbage"}') as model:
        assert httpx.post(f"{model.url}/invocations", json=table(ROW)).content.startswith(b'{"predictions": [12')
        model.behave("error_500", calls=1)
        statuses = [httpx.post(f"{model.url}/invocations", json=table(ROW)).status_code for _ in range(2)]

        assert statuses == [500, 200]
        assert model.saw()["calls"]["/invocations"] == 3
        refused = httpx.put(f"{model.url}/behaviour", json={"kind": "sulk"})
        assert (refused.status_code, "sulk" in refused.text) == (422, True)


async def test_prices_follow_from_the_rows(client: httpx.AsyncClient) -> None:
    better = list(model_row(example_house(overall_qual=9)))

    answer = await client.post("/invocations", json=table(ROW, better))

    assert answer.json() == {"predictions": [pytest.approx(PRICE), pytest.approx(PRICE + 40_000)]}


@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [
        ("garbage", 200, '{"predictions": [12'),
        ("nan", 200, "NaN"),
        ("error_400", 400, "stack_trace"),
        ("error_500", 500, "Traceback"),
        ("error_body_200", 200, "error_code"),
        ("not_json_type", 200, "<!doctype html>"),
        ("unavailable", 503, "no model yet"),
        ("slow_start", 503, "no model yet"),
        ("bad_gateway", 502, "502"),
        ("gateway_timeout", 504, "504"),
    ],
)
async def test_it_responds_badly_as_told(
    programmable_model: ProgrammableModel, client: httpx.AsyncClient, kind: Kind, status: int, body: str
) -> None:
    programmable_model.behaviour = Behaviour(kind=kind, seconds=600)

    answer = await client.post("/invocations", json=table(ROW))

    assert (answer.status_code, body in answer.text) == (status, True)
    assert (await client.get("/ping")).status_code == 200


async def test_a_400_quotes_the_rows_of_the_caller(
    programmable_model: ProgrammableModel, client: httpx.AsyncClient
) -> None:
    programmable_model.behaviour = Behaviour(kind="error_400")

    assert "VinylSd" in (await client.post("/invocations", json=table(ROW))).text


async def test_a_wrong_count_is_one_too_few(programmable_model: ProgrammableModel, client: httpx.AsyncClient) -> None:
    programmable_model.behaviour = Behaviour(kind="wrong_count")

    assert len((await client.post("/invocations", json=table(ROW, ROW, ROW))).json()["predictions"]) == 2


async def test_a_503_says_when_to_come_back(programmable_model: ProgrammableModel, client: httpx.AsyncClient) -> None:
    programmable_model.behaviour = Behaviour(kind="unavailable", retry_after=7)

    assert (await client.post("/invocations", json=table(ROW))).headers["retry-after"] == "7"


@pytest.mark.parametrize(
    ("kind", "error"), [("reset", httpx.ReadError), ("reset_midway", httpx.ReadError), ("stall", httpx.ReadTimeout)]
)
async def test_it_breaks_or_ignores_a_request_as_told(
    programmable_model: ProgrammableModel, client: httpx.AsyncClient, kind: Kind, error: type[Exception]
) -> None:
    programmable_model.behaviour = Behaviour(kind=kind)

    patience = httpx.Timeout(30, read=0.05 if kind == "stall" else 30)

    with pytest.raises(error):
        await client.post("/invocations", json=table(ROW), timeout=patience)


async def test_half_open_accepts_a_connection_and_reads_nothing(programmable_model: ProgrammableModel) -> None:
    programmable_model.behaviour = Behaviour(kind="half_open")
    loop = asyncio.get_running_loop()
    with socket.socket() as caller:
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        caller.setblocking(False)
        await loop.sock_connect(caller, ("127.0.0.1", programmable_model.port))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await loop.sock_sendall(caller, b"x" * 50_000_000)

    assert not programmable_model.stats.calls


async def test_a_drip_is_the_right_response_byte_by_byte(
    programmable_model: ProgrammableModel, client: httpx.AsyncClient
) -> None:
    programmable_model.behaviour = Behaviour(kind="drip", seconds=0)

    assert (await client.post("/invocations", json=table(ROW))).json() == {"predictions": [pytest.approx(PRICE)]}


async def test_a_huge_response_has_no_end(programmable_model: ProgrammableModel, client: httpx.AsyncClient) -> None:
    programmable_model.behaviour = Behaviour(kind="huge")
    size = 0
    async with client.stream("POST", "/invocations", json=table(ROW)) as answer:
        async for part in answer.aiter_bytes():
            size += len(part)
            if size > 1_000_000:
                break

    assert size > 1_000_000


async def test_every_kind_of_failure_can_be_ended(
    programmable_model: ProgrammableModel, client: httpx.AsyncClient
) -> None:
    for kind in KINDS:
        programmable_model.behaviour = Behaviour(kind=kind, calls=0)
        assert (await client.post("/invocations", json=table(ROW))).status_code == 200
    programmable_model.behaviour = OK
    assert programmable_model.stats.calls["/invocations"] == len(KINDS)


async def test_it_counts_requests_rows_and_connections(
    programmable_model: ProgrammableModel, client: httpx.AsyncClient
) -> None:
    await asyncio.gather(*(client.post("/invocations", json=table(ROW, ROW)) for _ in range(3)))
    stats = programmable_model.stats

    assert (stats.calls["/invocations"], stats.rows, len(stats.times)) == (3, 6, 3)
    assert stats.in_flight == 0
    assert stats.connections_open == stats.connections_made == 3
    saw = (await client.get("/behaviour")).json()["saw"]
    assert (saw["rows"], saw["in_flight"], saw["calls"]) == (6, 0, {"/invocations": 3})


async def test_callers_without_http_are_disconnected(programmable_model: ProgrammableModel) -> None:
    for nonsense in (b"GARBAGE\r\n\r\n", b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"x" * 70_000):
        reader, writer = await asyncio.open_connection("127.0.0.1", programmable_model.port)
        writer.write(nonsense)
        with suppress(ConnectionResetError):  # where what was sent was not read to its end
            assert await reader.read() == b""
        writer.close()


def test_stats_are_json() -> None:
    with model_in_a_thread() as model:
        json.dumps(model.stats.to_json())
