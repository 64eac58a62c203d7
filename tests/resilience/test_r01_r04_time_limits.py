"""Every request has one deadline, which a caller may shorten; each way in which time runs out has its own cause."""

import asyncio
import socket

import httpx
import pytest
from fake_model_server import FakeModelServer
from housing_price_bench.programmable_model import Behaviour, ProgrammableModel
from housing_price_orchestrator.bootstrap.app import create_app
from housing_price_orchestrator.settings import Settings
from price_routes import PREDICT
from scripted_model import settle
from served_orchestrator import SELDOM, Api, code, house, served
from structlog.testing import capture_logs
from upstream_resilience.bulkhead import Bulkhead
from upstream_resilience.deadline import Deadline
from upstream_resilience.errors import UpstreamUnavailable, cause_of
from virtual_time import in_virtual_time

pytestmark = pytest.mark.resilience

SHORT = {"timeout_seconds": 0.2, "batch_timeout_seconds": 0.3}


async def cause_in_metrics(api: Api, cause: str) -> float:
    return await api.figure("model_call_failures_total", cause=cause)


async def which_model(api: Api, milliseconds: str) -> httpx.Response:
    headers = {"X-Request-Timeout-Ms": milliseconds}
    async with api.session.get(f"{api.url}/api/v1/price/model", headers=headers) as answer:
        return httpx.Response(answer.status, content=await answer.read())


async def repeated_while_the_model_stalls(**headers: str) -> tuple[float, httpx.Response]:
    """How long the second of two callers with the same key waits (seconds), and for which answer."""

    healthy = FakeModelServer()

    async def answer_to(request: httpx.Request) -> httpx.Response:
        return await asyncio.Future() if request.headers.get("x-request-id") == "stalls" else healthy(request)

    app = create_app(Settings.model_construct(readiness=SELDOM), httpx.MockTransport(answer_to))
    key = {"Idempotency-Key": "the-same", "X-Request-ID": "stalls"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client,
        asyncio.TaskGroup() as callers,
    ):
        callers.create_task(client.post(PREDICT, json=house(), headers=key))
        await settle()
        began = asyncio.get_running_loop().time()
        answer = await client.post(PREDICT, json=house(), headers=key | headers)
        return asyncio.get_running_loop().time() - began, answer


async def test_r01_a_stalled_model_ends_single_and_batch_at_their_deadlines(model: ProgrammableModel) -> None:
    async with served(model, calls=SHORT) as api:
        model.behaviour = Behaviour(kind="stall")

        single, batch = await asyncio.gather(api.price(), api.prices(100))

        assert code(single) == code(batch) == (504, "DEADLINE_EXCEEDED")
        assert "0.2 seconds" in single.json()["detail"]
        assert "0.3 seconds" in batch.json()["detail"]


@pytest.mark.parametrize(("seconds", "margin"), [(10.0, 0.05), (2.0, 0.05), (0.5, 0.05), (0.2, 0.02), (0.1, 0.01)])
def test_r01_a_call_gets_what_remains_less_a_margin(seconds: float, margin: float) -> None:
    assert Deadline(ends_at=100.0, seconds=seconds).calls_end_at == pytest.approx(100.0 - margin)


def test_r01_who_waits_for_another_with_the_same_key_has_the_one_deadline() -> None:
    waits, answer = in_virtual_time(repeated_while_the_model_stalls())

    assert code(answer) == (504, "DEADLINE_EXCEEDED")
    assert waits <= 2


async def test_r01_the_model_is_let_go_when_the_time_is_up(model: ProgrammableModel) -> None:
    async with served(model, calls={"timeout_seconds": 60}) as api:
        model.behaviour = Behaviour(kind="stall")
        await api.price({"X-Request-Timeout-Ms": "200"})

        model.behaviour = Behaviour()
        answer = await api.price()

        assert answer.status_code == 200
        assert model.stats.in_flight == 0


async def test_r02_a_caller_may_shorten_the_deadline_down_to_a_tenth_of_a_second(model: ProgrammableModel) -> None:
    async with served(model) as api:
        model.behaviour = Behaviour(kind="stall")
        for asked, given in (("150", "0.15"), ("1", "0.1"), ("000", "0.1")):
            answer = await api.price({"X-Request-Timeout-Ms": asked})
            assert code(answer) == (504, "DEADLINE_EXCEEDED")
            assert f"within {given} seconds" in answer.json()["detail"]


async def test_r02_a_caller_can_not_lengthen_it(model: ProgrammableModel) -> None:
    async with served(model, calls=SHORT) as api:
        model.behaviour = Behaviour(kind="stall")

        answer = await api.price({"X-Request-Timeout-Ms": "60000"})

        assert "within 0.2 seconds" in answer.json()["detail"]


@pytest.mark.parametrize("nonsense", ["", "soon", "-5", "1.5", "1e3"])
async def test_r02_an_invalid_time_limit_is_422(model: ProgrammableModel, nonsense: str) -> None:
    async with served(model) as api:
        answer = await api.price({"X-Request-Timeout-Ms": nonsense})

        assert code(answer) == (422, "VALIDATION_ERROR")
        assert answer.json()["detail"][0]["loc"] == ["header", "X-Request-Timeout-Ms"]


async def test_r02_a_caller_may_shorten_the_deadline_of_model_details(model: ProgrammableModel) -> None:
    async with served(model) as api:
        model.behaviour = Behaviour(kind="stall", routes=("/model",))

        answer = await which_model(api, "150")

        assert code(answer) == (504, "DEADLINE_EXCEEDED")
        assert "within 0.15 seconds" in answer.json()["detail"]
        assert code(await which_model(api, "soon")) == (422, "VALIDATION_ERROR")


def test_r02_a_caller_who_waits_for_another_with_the_same_key_may_shorten_it_too() -> None:
    waits, answer = in_virtual_time(repeated_while_the_model_stalls(**{"X-Request-Timeout-Ms": "100"}))

    assert code(answer) == (504, "DEADLINE_EXCEEDED")
    assert waits == pytest.approx(0.1)


async def test_r03_a_model_that_drips_ends_at_the_deadline(model: ProgrammableModel) -> None:
    async with served(model, calls=SHORT) as api:
        model.behaviour = Behaviour(kind="drip", seconds=0.02)

        assert code(await api.price()) == (504, "DEADLINE_EXCEEDED")
        assert await cause_in_metrics(api, "read_timeout") == 1


async def test_r04_a_refused_connection_has_its_cause() -> None:
    async with ProgrammableModel() as model, served(model) as api:
        await model.__aexit__(None, None, None)

        assert code(await api.price()) == (503, "UPSTREAM_UNAVAILABLE")
        assert await cause_in_metrics(api, "refused") == 2  # the retry as well


async def test_r04_a_connection_that_is_not_made_in_time_has_its_cause() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.socket() as one, socket.socket() as two:
        # Nobody accepts here: with these two its queue is full, and a third gets no answer at all.
        for waiting in (one, two):
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        port = full.getsockname()[1]
        async with served(calls={"url": f"http://127.0.0.1:{port}", "connect_timeout_seconds": 0.05}) as api:
            assert code(await api.price()) == (503, "UPSTREAM_UNAVAILABLE")
            assert await cause_in_metrics(api, "connect_timeout") >= 2


async def test_r04_a_connection_that_is_not_free_in_time_has_its_cause() -> None:
    connections = Bulkhead(limit=1, max_waiting=1, wait_seconds=0.01)
    async with connections:
        with pytest.raises(UpstreamUnavailable) as refused:
            async with connections:
                raise AssertionError("there is one connection only")

    assert cause_of(refused.value) == "pool_timeout"


async def test_r04_the_log_line_names_the_cause(model: ProgrammableModel) -> None:
    async with served(model, calls=SHORT) as api:
        model.behaviour = Behaviour(kind="stall")
        with capture_logs() as lines:
            await api.price()
            await api.price(street="Dirt")

    causes = [line["cause"] for line in lines if line["event"] == "request completed"]
    assert causes == ["read_timeout", None]
