"""Liveness touches nothing else; readiness is what a probe in the background found last."""

import pytest
from housing_price_bench.programmable_model import Behaviour, Kind, ProgrammableModel
from housing_price_orchestrator.settings import BreakerSettings, PricingModelSettings, ReadinessSettings
from pydantic import ValidationError
from served_orchestrator import Api, served, until
from upstream_resilience.settings import EjectionSettings

pytestmark = pytest.mark.resilience

OFTEN = ReadinessSettings(interval_seconds=0.02, timeout_seconds=10)
HASTY = ReadinessSettings(interval_seconds=0.02, timeout_seconds=0.5)
NEVER_OPEN = BreakerSettings(minimum_calls=1_000_000)


async def is_seen_as(api: Api, status: int) -> None:
    async def is_so() -> bool:
        return (await api.get("/ready")).status_code == status

    await until(is_so)


async def test_r23_health_is_200_with_every_model_dead() -> None:
    async with ProgrammableModel() as model, served(model, readiness=OFTEN) as api:
        await model.__aexit__(None, None, None)
        await is_seen_as(api, 503)

        assert (await api.get("/health")).status_code == 200
        assert (await api.session.head(api.url + "/health")).status == 200


async def test_r24_the_first_pass_after_the_start_suffices(model: ProgrammableModel) -> None:
    async with served(model) as api:  # which probes once
        ready = await api.get("/ready")

    assert (ready.status_code, ready.json()["modelVersion"]) == (200, "3")


async def test_r24_a_refused_connection_counts_at_once_and_it_comes_back_by_itself() -> None:
    async with ProgrammableModel() as model, served(model, readiness=OFTEN, breaker=NEVER_OPEN) as api:
        await model.__aexit__(None, None, None)
        await is_seen_as(api, 503)
        assert "refused" in (await api.get("/ready")).json()["checks"]["modelServer"]

        async with ProgrammableModel(port=model.port):
            await is_seen_as(api, 200)


async def test_r24_one_failed_probe_does_not_flap(model: ProgrammableModel) -> None:
    async with served(model, readiness=OFTEN) as api:
        model.behaviour = Behaviour(kind="error_500", calls=1)
        statuses = set()
        while model.stats.calls["/invocations"] < 4:
            statuses.add((await api.get("/ready")).status_code)

    assert statuses == {200}


async def test_r24_two_refused_replicas_of_three_leave_the_service_ready(model: ProgrammableModel) -> None:
    never_ejected = EjectionSettings(failures=1_000_000)
    async with (
        ProgrammableModel() as second,
        ProgrammableModel() as third,
        served(model, second, third, readiness=OFTEN, breaker=NEVER_OPEN, ejection=never_ejected) as api,
    ):
        await second.__aexit__(None, None, None)
        await third.__aexit__(None, None, None)
        model.stats.clear()
        statuses = set()
        while model.stats.calls["/invocations"] < 12:
            statuses.add((await api.get("/ready")).status_code)

    assert statuses == {200}


@pytest.mark.parametrize("kind", ["error_500", "stall", "garbage", "nan"])
async def test_r24_a_model_that_does_not_price_the_known_house_is_not_ready(
    model: ProgrammableModel, kind: Kind
) -> None:
    readiness = HASTY if kind == "stall" else OFTEN
    async with served(model, readiness=readiness, breaker=NEVER_OPEN) as api:
        model.behaviour = Behaviour(kind=kind)
        await is_seen_as(api, 503)

        model.behaviour = Behaviour()
        await is_seen_as(api, 200)


async def test_r24_ready_never_calls_out_itself(model: ProgrammableModel) -> None:
    async with served(model) as api:
        for _ in range(20):
            await api.get("/ready")

        assert not model.stats.calls


@pytest.mark.parametrize("none", ["", ",", "http://a,,http://b"])
def test_r24_an_empty_set_of_models_is_no_setting(none: str) -> None:
    with pytest.raises(ValidationError):
        PricingModelSettings(url=none)
