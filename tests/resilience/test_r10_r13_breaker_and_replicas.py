"""A model that keeps failing is left alone for a while, and so is one of several servers that does."""

import asyncio
from collections import Counter

import pytest
from housing_price_bench.programmable_model import Behaviour, Kind, ProgrammableModel
from housing_price_orchestrator.settings import BreakerSettings, ReadinessSettings
from price_routes import BATCH
from served_orchestrator import Api, code, served, until
from upstream_resilience.settings import EjectionSettings

pytestmark = pytest.mark.resilience

PATIENT = BreakerSettings(ping_seconds=3600)
QUICK = BreakerSettings(ping_seconds=0.02)

CLOSED, HALF_OPEN, OPEN = 0, 1, 2


async def fail(api: Api, times: int) -> None:
    for _ in range(times):
        assert (await api.price()).status_code >= 500


async def state(api: Api) -> float:
    return await api.figure("circuit_breaker_state")


async def is_no_longer_open(api: Api) -> bool:
    return await state(api) != OPEN


@pytest.mark.parametrize("kind", ["unavailable", "error_500", "reset"])
async def test_r10_it_opens_after_twenty_failures(model: ProgrammableModel, kind: Kind) -> None:
    async with served(model, breaker=PATIENT) as api:
        model.behaviour = Behaviour(kind=kind, retry_after=None)
        await fail(api, 18)
        assert await state(api) == CLOSED

        await fail(api, 2)

        assert await state(api) == OPEN
        assert await api.figure("circuit_breaker_opened_total") == 1


async def test_r10_pings_find_out_that_the_model_is_well_and_calls_close_it(model: ProgrammableModel) -> None:
    async with served(model, breaker=QUICK) as api:
        model.behaviour = Behaviour(kind="error_500", routes=("/invocations", "/ping"))
        await fail(api, 21)
        assert await state(api) == OPEN

        model.behaviour = Behaviour()
        await until(lambda: is_no_longer_open(api))
        answers = [await api.price() for _ in range(4)]

        assert [answer.status_code for answer in answers] == [200] * 4
        assert await state(api) == CLOSED
        assert model.stats.calls["/ping"] >= 2


async def test_r10_probes_that_fail_open_it_again(model: ProgrammableModel) -> None:
    async with served(model, breaker=QUICK) as api:
        model.behaviour = Behaviour(kind="error_500")  # it answers pings well, and prices nothing
        await fail(api, 21)
        await until(lambda: is_no_longer_open(api))
        await fail(api, 1)

        assert await api.figure("circuit_breaker_opened_total") >= 2


async def test_r11_while_open_the_refusal_names_the_next_probe_and_the_model_hears_nothing(
    model: ProgrammableModel,
) -> None:
    async with served(model, breaker=PATIENT) as api:
        model.behaviour = Behaviour(kind="error_500")
        await fail(api, 21)
        model.stats.clear()

        single, batch = await api.price(), await api.prices(100)

        assert code(single) == code(batch) == (503, "UPSTREAM_UNAVAILABLE")
        assert 1 <= int(single.headers["retry-after"]) <= 5
        assert not model.stats.calls


async def test_r11_while_open_model_details_are_rejected_without_a_call(
    model: ProgrammableModel,
) -> None:
    async with served(model, breaker=PATIENT) as api:
        model.behaviour = Behaviour(kind="error_500")
        await fail(api, 21)
        model.stats.clear()

        answer = await api.get("/api/v1/price/model")

        assert code(answer) == (503, "UPSTREAM_UNAVAILABLE")
        assert 1 <= int(answer.headers["retry-after"]) <= 5
        assert not model.stats.calls


async def is_asked(api: Api, model: ProgrammableModel) -> bool:
    await api.get("/health")
    return model.stats.in_flight > 0


async def is_idle(api: Api, model: ProgrammableModel) -> bool:
    return not await is_asked(api, model)


async def test_r12_what_callers_get_wrong_and_calls_that_they_leave_are_no_failures(model: ProgrammableModel) -> None:
    async with served(model, breaker=PATIENT) as api:
        for _ in range(30):
            assert (await api.price(street="Dirt")).status_code == 422
            too_large = await api.post(BATCH, b" " * 6_000_000)
            assert too_large.status_code == 413
        model.behaviour = Behaviour(kind="stall")
        for _ in range(30):
            caller = asyncio.create_task(api.price())
            await until(lambda: is_asked(api, model))
            caller.cancel()
            await asyncio.gather(caller, return_exceptions=True)
            await until(lambda: is_idle(api, model))

        model.behaviour = Behaviour()

        assert (await api.price()).status_code == 200
        assert await state(api) == CLOSED


async def test_r12_rows_that_the_model_rejects_do_not_count_as_failures(model: ProgrammableModel) -> None:
    async with served(model, breaker=PATIENT) as api:
        model.behaviour = Behaviour(kind="error_400")
        await fail(api, 30)

        assert await state(api) == CLOSED


async def test_r12_deadlines_shortened_by_callers_do_not_count_as_failures(model: ProgrammableModel) -> None:
    async with ProgrammableModel(seconds_a_call=0.15) as slow, served(slow, breaker=PATIENT) as api:
        for _ in range(21):
            assert (await api.price({"X-Request-Timeout-Ms": "100"})).status_code == 504

        assert await state(api) == CLOSED


async def test_r10_a_model_that_hangs_opens_it_after_a_few_calls(model: ProgrammableModel) -> None:
    quick = {"calls": {"timeout_seconds": 0.1}, "breaker": BreakerSettings(slow_seconds=0.05, ping_seconds=3600)}
    async with served(model, **quick) as api:
        model.behaviour = Behaviour(kind="stall")

        await fail(api, 4)

        assert await state(api) == OPEN


async def test_r13_one_dead_replica_of_two_leaves_the_service_ready(model: ProgrammableModel) -> None:
    often = ReadinessSettings(interval_seconds=0.01, timeout_seconds=1)
    async with ProgrammableModel() as other, served(model, other, readiness=often) as api:
        await other.__aexit__(None, None, None)
        model.stats.clear()
        statuses = set()

        async def is_probed_ten_times() -> bool:
            statuses.add((await api.get("/ready")).status_code)
            return model.stats.calls["/model"] >= 10

        await until(is_probed_ten_times)
        assert statuses == {200}


@pytest.mark.parametrize("routes", [("/model", "/invocations", "/ping"), ("/invocations",)])
@pytest.mark.parametrize("is_first", [True, False])
async def test_r13_a_hung_replica_leaves_the_idle_service_ready_and_is_ejected(
    model: ProgrammableModel, routes: tuple[str, ...], is_first: bool
) -> None:
    often = ReadinessSettings(interval_seconds=0.01, timeout_seconds=0.5)
    model.behaviour = Behaviour(kind="stall", routes=routes)
    async with ProgrammableModel() as other:
        replicas = (model, other) if is_first else (other, model)
        async with served(*replicas, readiness=often) as api:
            statuses = set()

            async def is_ejected() -> bool:
                statuses.add((await api.get("/ready")).status_code)
                statuses.add((await api.get("/api/v1/price/model")).status_code)
                return bool(await api.figure("model_replica_ejected", replica=model.url))

            await until(is_ejected)
            assert statuses == {200}


async def test_r13_a_replica_that_says_who_it_is_and_prices_nothing_is_ejected(model: ProgrammableModel) -> None:
    async with ProgrammableModel() as other, served(model, other) as api:
        model.behaviour = Behaviour(kind="error_500")
        for _ in range(12):
            await api.price()
            await api.get("/api/v1/price/model")

        assert await api.figure("model_replica_ejected", replica=model.url) == 1


@pytest.mark.parametrize("kind", ["unavailable", "error_500", "reset", "garbage"])
async def test_r13_of_two_replicas_the_bad_one_is_ejected(model: ProgrammableModel, kind: Kind) -> None:
    async with ProgrammableModel() as other, served(model, other) as api:
        model.behaviour = Behaviour(kind=kind, retry_after=None)
        for _ in range(12):
            await api.price()
        assert await api.figure("model_replica_ejected", replica=model.url) == 1
        assert model.stats.calls["/invocations"] == 5

        answers = Counter([(await api.price()).status_code for _ in range(20)])

        assert answers == {200: 20}
        assert model.stats.calls["/invocations"] == 5


async def test_r13_an_ejected_replica_comes_back(model: ProgrammableModel) -> None:
    async with ProgrammableModel() as other, served(model, other, ejection=EjectionSettings(seconds=0.05)) as api:
        model.behaviour = Behaviour(kind="error_500")
        for _ in range(12):
            await api.price()
        model.behaviour = Behaviour()
        model.stats.clear()

        async def is_back() -> bool:
            assert (await api.price()).status_code == 200
            return model.stats.calls["/invocations"] > 0

        await until(is_back)
        assert await api.figure("model_replica_ejected", replica=model.url) == 0


async def test_r13_the_last_replica_is_never_ejected(model: ProgrammableModel) -> None:
    never_open = BreakerSettings(minimum_calls=1_000_000)
    async with ProgrammableModel() as other, served(model, other, breaker=never_open) as api:
        model.behaviour = other.behaviour = Behaviour(kind="error_500")
        await fail(api, 40)

        ejected = [await api.figure("model_replica_ejected", replica=server.url) for server in (model, other)]
        assert sum(ejected) <= 1
        other.behaviour = model.behaviour = Behaviour()
        assert [(await api.price()).status_code for _ in range(10)] == [200] * 10


@pytest.mark.parametrize("kind", ["error_500", "unavailable", "stall"])
async def test_r13_two_replicas_one_of_which_fails_serve_nearly_all_requests(
    model: ProgrammableModel, kind: Kind
) -> None:
    quick = {"calls": {"timeout_seconds": 1}, "breaker": BreakerSettings(slow_seconds=0.8)}
    async with ProgrammableModel() as other, served(model, other, **quick) as api:
        model.behaviour = Behaviour(kind=kind, retry_after=None)

        async def is_ejected() -> bool:
            await asyncio.gather(*(api.price(lotArea=5000 + number) for number in range(8)))
            return bool(await api.figure("model_replica_ejected", replica=model.url))

        await until(is_ejected)
        answers: Counter[int] = Counter()
        for _ in range(50):
            asked = await asyncio.gather(*(api.price(lotArea=5000 + number) for number in range(8)))
            answers.update(answer.status_code for answer in asked)

        assert answers == {200: 400}
