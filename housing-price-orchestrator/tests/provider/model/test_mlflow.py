"""The provider against misbehaving servers on loopback, over the real pooled client."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from housing_price_orchestrator.domain import ModelIdentity, ModelRequest, RequestContext
from housing_price_orchestrator.provider.model.mlflow import MlflowModel
from housing_price_orchestrator.settings import PricingModelSettings
from upstream_resilience.bulkhead import Bulkhead
from upstream_resilience.deadline import Deadline
from upstream_resilience.errors import BadUpstreamAnswer, DeadlineExceeded, Overloaded, UpstreamUnavailable
from upstream_resilience.http.transport import pooled_transport

pytestmark = pytest.mark.integration

type Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

PREDICTIONS = b'{"predictions": [1.5]}'


def whole(body: bytes, head: str = "") -> bytes:
    return f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\n{head}\r\n".encode() + body


def answering(data: bytes) -> Behaviour:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(data)
        await writer.drain()
        writer.close()

    return behave


async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
    while not writer.is_closing():
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)


async def stalling(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


@asynccontextmanager
async def model_behind(behaviour: Behaviour, **settings: object) -> AsyncIterator[MlflowModel]:
    server = await asyncio.start_server(behaviour, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    chosen = PricingModelSettings.model_validate({"url": address, **settings})
    async with server, pooled_transport(chosen.pool_size) as client:
        yield MlflowModel(chosen.url, client, Bulkhead(chosen.max_connections, chosen.max_waiting), chosen)
        server.close_clients()


async def predict(model: MlflowModel) -> object:
    return (await model.predict(ModelRequest(["a"], [[1.0]]))).outputs


async def test_predictions_come_back_with_who_made_them() -> None:
    head = "X-Model-Name: m\r\nX-Model-Version: 7\r\n"

    async with model_behind(answering(whole(PREDICTIONS, head))) as model:
        predictions = await model.predict(ModelRequest(["a"], [[1.0]]))

    assert list(predictions.outputs) == [1.5]
    assert predictions.model == ModelIdentity("m", "7")


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", UpstreamUnavailable),
        (b"SMTP ready\r\n\r\n", BadUpstreamAnswer),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{", BadUpstreamAnswer),
        (whole(b"\x1f\x8b", "content-encoding: gzip\r\n"), BadUpstreamAnswer),
        (whole(PREDICTIONS + b" " * 2_000), BadUpstreamAnswer),
        (b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n", UpstreamUnavailable),
    ],
)
async def test_a_broken_answer_is_one_of_our_errors(data: bytes, error: type[Exception]) -> None:
    async with model_behind(answering(data), max_answer_bytes=1_000) as model:
        with pytest.raises(error):
            await predict(model)


async def test_a_refused_connection_is_unavailable() -> None:
    settings = PricingModelSettings(url="http://127.0.0.1:9")
    async with pooled_transport(settings.pool_size) as client:
        with pytest.raises(UpstreamUnavailable) as refused:
            await predict(MlflowModel(settings.url, client, Bulkhead(1, 1), settings))
    assert refused.value.is_refused


@pytest.mark.parametrize("behaviour", [dripping, stalling])
async def test_a_server_that_drips_or_stalls_ends_at_the_deadline(behaviour: Behaviour) -> None:
    async with model_behind(behaviour) as model:
        with pytest.raises(DeadlineExceeded):
            async with Deadline.after(0.05).limit():
                await predict(model)


async def test_the_pool_works_on_after_many_cancelled_calls() -> None:
    release = asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await release.wait()
        writer.write(whole(PREDICTIONS))
        await writer.drain()
        writer.close()

    async with model_behind(slow, max_connections=5) as model:
        calls = [asyncio.create_task(predict(model)) for _ in range(60)]
        await asyncio.sleep(0)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        release.set()

        assert await predict(model) == [1.5]


async def test_more_callers_than_may_wait_are_refused_at_once() -> None:
    async with model_behind(stalling, max_connections=1, max_waiting=2) as model:
        calls = [asyncio.create_task(predict(model)) for _ in range(4)]
        done, _ = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)

        assert [type(call.exception()) for call in done] == [Overloaded]
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)


async def test_the_requests_ids_go_on_to_the_model_server() -> None:
    seen: list[bytes] = []

    async def listening(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(whole(PREDICTIONS))
        await writer.drain()
        writer.close()

    async with model_behind(listening) as model:
        await model.predict(ModelRequest(["a"], [[1.0]], context=RequestContext("abc")))

    assert b"abc" in seen[0]


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    async with model_behind(answering(whole(PREDICTIONS))) as model:
        assert await predict(model) == [1.5]
