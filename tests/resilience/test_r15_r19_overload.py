"""What can't be served in time is refused early and cheaply, batches first; what nobody waits for is not computed."""

import asyncio
import json
import socket
from asyncio import StreamReader, StreamWriter
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from housing_price_bench.programmable_model import Behaviour, ProgrammableModel
from housing_price_orchestrator.settings import AdmissionSettings
from price_routes import BATCH, PREDICT
from served_orchestrator import Api, code, house, served, until
from upstream_resilience.admission import Admission
from upstream_resilience.errors import Overloaded

pytestmark = pytest.mark.resilience

ONE_AT_A_TIME = {"max_merged_rows": 1, "max_connections": 1, "max_slice_calls": 1, "timeout_seconds": 10}
TWO_HOUSES = json.dumps({"data": [house(), house(id=2)]}).encode()


async def waiting(api: Api) -> float:
    return await api.figure("model_calls_waiting")


async def wait_for(api: Api, count: int) -> None:
    async def do_wait() -> bool:
        return await waiting(api) == count

    await until(do_wait)


async def is_asked(api: Api, model: ProgrammableModel) -> None:
    async def has_a_call() -> bool:
        await api.get("/health")
        return model.stats.in_flight > 0

    await until(has_a_call)


async def in_the_queue(api: Api, model: ProgrammableModel, count: int) -> list[asyncio.Task[object]]:
    """So many requests of which one is with the model, which stalls, and all others wait."""
    model.behaviour = Behaviour(kind="stall")
    tasks: list[asyncio.Task[object]] = [asyncio.create_task(api.price()) for _ in range(count)]
    await wait_for(api, count - 1)
    await is_asked(api, model)
    return tasks


@asynccontextmanager
async def half_a_body(api: Api, route: str, header: str) -> AsyncIterator[tuple[StreamReader, StreamWriter]]:
    """A connection on which the first byte of a body of two came."""
    host, port = api.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port), family=socket.AF_INET)
    head = (
        f"POST {route} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        f"content-length: 2\r\n{header}\r\n"
    )
    writer.write(head.encode() + b"{")
    yield reader, writer
    writer.close()


async def wait_for_half_read(api: Api, count: int) -> None:
    async def are_there() -> bool:
        return await api.figure("http_requests_in_flight") == count + 1  # with the one that asks

    await until(are_there)


async def cancelled(tasks: list[asyncio.Task[object]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.slow)])
async def test_r15_cancelled_requests_leak_nothing(model: ProgrammableModel, count: int) -> None:
    async with served(model) as api:
        model.behaviour = Behaviour(kind="stall")
        for _ in range(count // 50):
            seen = model.stats.calls["/invocations"]
            callers = [asyncio.create_task(api.price()) for _ in range(50)]

            async def has_a_new_call(seen: int = seen) -> bool:
                await api.get("/health")
                return model.stats.calls["/invocations"] > seen

            await until(has_a_new_call)
            await cancelled([*callers])
        model.behaviour = Behaviour()

        async def is_idle() -> bool:
            return not model.stats.in_flight and await api.figure("http_requests_in_flight") == 1

        await until(is_idle)
        assert await waiting(api) == 0
        assert [(await api.price()).status_code for _ in range(10)] == [200] * 10


async def test_r16_more_than_can_be_served_in_time_is_refused_and_the_rest_is_answered() -> None:
    async with (
        ProgrammableModel(seconds_a_call=0.02) as slow,
        served(slow, calls=ONE_AT_A_TIME, admission=AdmissionSettings(max_wait_seconds=0.2)) as api,
    ):
        await asyncio.gather(*(api.price() for _ in range(5)))

        answers = await asyncio.gather(*(api.price() for _ in range(100)))

        counted = Counter(answer.status_code for answer in answers)
        assert set(counted) == {200, 503}
        assert {code(answer) for answer in answers if answer.status_code == 503} == {(503, "OVERLOADED")}
        assert all(int(answer.headers["retry-after"]) >= 1 for answer in answers if answer.status_code == 503)
        assert counted[200] >= 1
        assert await api.figure("requests_shed_total", traffic="single") == counted[503]


async def test_r16_a_request_never_waits_for_long_behind_a_model_that_stalls(model: ProgrammableModel) -> None:
    async with served(model, calls=ONE_AT_A_TIME, admission=AdmissionSettings(max_wait_seconds=2)) as api:
        tasks = await in_the_queue(api, model, 5)

        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        while len(done) < 4:
            more, _ = await asyncio.wait(set(tasks) - done, return_when=asyncio.FIRST_COMPLETED)
            done |= more

        assert {code(task.result()) for task in done} == {(503, "OVERLOADED")}  # type: ignore[arg-type]  # an answer
        assert await api.figure("requests_shed_total", reason="waited") == 4
        await cancelled(tasks)


async def test_r16_the_queue_is_bounded(model: ProgrammableModel) -> None:
    bounded = ONE_AT_A_TIME | {"max_waiting": 3}
    async with served(model, calls=bounded, admission=AdmissionSettings(max_wait_seconds=60)) as api:
        tasks = await in_the_queue(api, model, 4)

        assert code(await api.price()) == (503, "OVERLOADED")
        await cancelled(tasks)


async def test_r17_a_refusal_comes_before_the_body_is_read(model: ProgrammableModel) -> None:
    few = AdmissionSettings(max_in_flight=1, max_wait_seconds=60)
    async with served(model, calls=ONE_AT_A_TIME, admission=few) as api:
        tasks = await in_the_queue(api, model, 1)
        host, port = api.url.removeprefix("http://").split(":")

        for route in (PREDICT, BATCH):
            reader, writer = await asyncio.open_connection(host, int(port), family=socket.AF_INET)
            writer.write(
                f"POST {route} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
                "content-length: 4000000\r\n\r\n".encode()
            )
            assert (await reader.readline()).startswith(b"HTTP/1.1 503")
            writer.close()
        await cancelled(tasks)


@pytest.mark.parametrize("header", ["", "idempotency-key: {number}\r\n"])
async def test_r17_callers_with_slow_bodies_take_no_place(model: ProgrammableModel, header: str) -> None:
    few = AdmissionSettings(max_in_flight=4, max_batches=2)
    async with served(model, admission=few) as api, AsyncExitStack() as slow:
        for route in (PREDICT, BATCH):
            for number in range(few.max_in_flight):
                await slow.enter_async_context(half_a_body(api, route, header.format(number=f"{route}{number}")))
        await wait_for_half_read(api, 2 * few.max_in_flight)

        assert (await api.price({"idempotency-key": "mine"} if header else {})).status_code == 200
        assert (await api.prices(2)).status_code == 200
        assert (await api.post(BATCH, TWO_HOUSES, **{"idempotency-key": "mine"})).status_code == 200


@pytest.mark.parametrize("header", ["", "idempotency-key: late\r\n"])
async def test_r17_who_finds_no_room_once_the_body_is_there_is_refused(model: ProgrammableModel, header: str) -> None:
    few = AdmissionSettings(max_in_flight=1, max_wait_seconds=60)
    async with served(model, calls=ONE_AT_A_TIME, admission=few) as api, half_a_body(api, PREDICT, header) as late:
        await wait_for_half_read(api, 1)
        model.behaviour = Behaviour(kind="stall")
        tasks = [asyncio.create_task(api.price({"idempotency-key": "first"}))]
        await is_asked(api, model)
        reader, writer = late

        writer.write(b"}")

        assert (await reader.readline()).startswith(b"HTTP/1.1 503")
        assert model.stats.calls["/invocations"] == 1
        await cancelled([*tasks])


async def test_r18_batches_are_refused_while_single_prices_are_not_and_the_others_never(
    model: ProgrammableModel,
) -> None:
    few = AdmissionSettings(max_in_flight=4, max_wait_seconds=60)
    async with served(model, calls=ONE_AT_A_TIME, admission=few) as api:
        tasks = await in_the_queue(api, model, 2)

        assert code(await api.prices(2)) == (503, "OVERLOADED")
        for count in (2, 3):
            tasks.append(asyncio.create_task(api.price()))
            await wait_for(api, count)
        assert code(await api.price()) == (503, "OVERLOADED")

        for route in ("/health", "/ready", "/metrics"):
            assert (await api.get(route)).status_code == 200
        assert await api.figure("requests_shed_total", traffic="batch") == 1
        await cancelled(tasks)


def test_r18_batches_are_refused_from_half_the_wait_on() -> None:
    class Queue:
        expected = 0.0

        def expected_wait_seconds(self, *, is_large: bool) -> float:
            return self.expected

        def longest_wait_seconds(self, *, is_large: bool) -> float:
            return 0.1

    def is_let_in(traffic: str) -> bool:
        try:
            with admission.of(traffic):  # type: ignore[arg-type]  # one of the two
                return True
        except Overloaded:
            return False

    queue = Queue()
    admission = Admission(AdmissionSettings(), queue)
    let_in = {}
    for queue.expected in (0.0, 0.03, 0.05, 0.07, 0.09):
        let_in[queue.expected] = is_let_in("single"), is_let_in("batch")

    assert let_in == {
        0.0: (True, True),
        0.03: (True, True),
        0.05: (True, False),
        0.07: (True, False),
        0.09: (False, False),
    }


async def test_r19_what_nobody_waits_for_is_not_computed(model: ProgrammableModel) -> None:
    patient = AdmissionSettings(max_wait_seconds=60)
    async with served(model, calls=ONE_AT_A_TIME, admission=patient) as api:
        tasks = await in_the_queue(api, model, 1)
        left = [asyncio.create_task(api.price()) for _ in range(5)]
        late = [asyncio.create_task(api.price({"X-Request-Timeout-Ms": "3000"})) for _ in range(5)]
        await wait_for(api, 10)
        await cancelled([*left])
        assert {code(answer) for answer in await asyncio.gather(*late)} == {(504, "DEADLINE_EXCEEDED")}
        await wait_for(api, 0)
        model.behaviour = Behaviour()
        await cancelled(tasks)

        assert (await api.price()).status_code == 200
        assert model.stats.calls["/invocations"] == 2  # the one that stalled, and this one
