"""A call is made again only where that may help, after a pause by chance, within a budget, and in one place."""

import asyncio
from datetime import UTC, datetime

import httpx
import pytest
from failing_model import FailingModel
from housing_price_bench.programmable_model import Behaviour, Kind, ProgrammableModel
from housing_price_orchestrator.domain import ModelRequest
from housing_price_orchestrator.provider.model.decorators.retrying import RetryingModel
from housing_price_orchestrator.settings import BreakerSettings
from served_orchestrator import code, served
from upstream_resilience.errors import UpstreamUnavailable
from upstream_resilience.http.responses import unavailable_error
from upstream_resilience.retry import Retry
from upstream_resilience.settings import RetrySettings

pytestmark = pytest.mark.resilience

NEVER_OPEN = BreakerSettings(minimum_calls=1_000_000)


def calls(model: ProgrammableModel) -> int:
    return model.stats.calls["/invocations"]


@pytest.mark.parametrize("kind", ["reset", "bad_gateway", "unavailable", "gateway_timeout"])
async def test_r05_what_may_pass_is_asked_once_more(model: ProgrammableModel, kind: Kind) -> None:
    async with served(model) as api:
        model.behaviour = Behaviour(kind=kind, calls=1, retry_after=None)
        assert (await api.price()).status_code == 200

        model.behaviour = Behaviour(kind=kind, retry_after=None)
        assert code(await api.price()) == (503, "UPSTREAM_UNAVAILABLE")

        assert calls(model) == 4
        assert await api.figure("model_call_retries_total", outcome="made") == 2


@pytest.mark.parametrize(
    "kind", ["error_400", "error_500", "garbage", "nan", "wrong_count", "reset_midway", "error_body_200"]
)
async def test_r05_what_was_answered_is_never_asked_again(model: ProgrammableModel, kind: Kind) -> None:
    async with served(model) as api:
        model.behaviour = Behaviour(kind=kind)

        assert code(await api.price()) == (502, "UPSTREAM_BAD_ANSWER")

        assert calls(model) == 1


async def test_r05_a_connection_that_is_refused_is_tried_twice() -> None:
    async with ProgrammableModel() as model, served(model) as api:
        await model.__aexit__(None, None, None)

        assert code(await api.price()) == (503, "UPSTREAM_UNAVAILABLE")
        assert await api.figure("model_call_failures_total", cause="refused") == 2


async def test_r06_pauses_have_full_jitter_and_bounds_that_double() -> None:
    longest: list[float] = []
    shortest: list[float] = []
    for pauses, chance in ((longest, 1.0), (shortest, 0.0)):

        async def sleep(seconds: float, pauses: list[float] = pauses) -> None:
            pauses.append(seconds)

        model = FailingModel(*[UpstreamUnavailable("down", "refused")] * 7)
        many = RetrySettings(attempts=7)
        retry = Retry(many, jitter=lambda chance=chance: chance, sleep=sleep)  # type: ignore[misc]  # a default binds it
        retried = RetryingModel(model, retry)
        with pytest.raises(UpstreamUnavailable):
            await retried.predict(ModelRequest(["LotArea"], [[1]]))

    assert longest == pytest.approx([0.025, 0.05, 0.1, 0.2, 0.25, 0.25])
    assert shortest == [0.0] * 6


async def test_r07_a_retry_after_beyond_the_deadline_is_forwarded(model: ProgrammableModel) -> None:
    async with served(model) as api:
        model.behaviour = Behaviour(kind="unavailable", retry_after=7)

        answer = await api.price()

        assert code(answer) == (503, "UPSTREAM_UNAVAILABLE")
        assert answer.headers["retry-after"] == "7"
        assert calls(model) == 1
        assert await api.figure("model_call_retries_total", outcome="refused: deadline") == 1


async def test_r07_a_retry_after_that_fits_is_respected(model: ProgrammableModel) -> None:
    async with served(model) as api:
        model.behaviour = Behaviour(kind="unavailable", retry_after=1, calls=1)

        assert (await api.price()).status_code == 200

        first, second = model.stats.times
        assert second - first >= 1


NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wish", "seconds"),
    [
        ("7", 7),
        ("Sun, 22 Nov 2026 12:01:30 GMT", 90),
        ("Sunday, 22-Nov-26 12:01:30 GMT", 90),
        ("Sun Nov 22 12:01:30 2026", 90),
        ("Sun, 22 Nov 2026 11:59:59 GMT", 0),
        ("soon", None),
        ("", None),
        ("-1", None),
        ("Sun, 32 Nov 2026 12:00:00 GMT", None),
        ("Sun, 22 Nov 2026 12:00:00 +99999999999999999999", None),
    ],
)
def test_r07_retry_after_is_seconds_or_a_date(wish: str, seconds: float | None) -> None:
    answer = httpx.Response(503, headers={"retry-after": wish})

    assert unavailable_error(answer, now=NOON.timestamp).retry_after_seconds == seconds


@pytest.mark.parametrize(
    ("kind", "least"),
    [
        ("bad_gateway", 1100),
        pytest.param("reset", 1100, marks=pytest.mark.slow),
        pytest.param("error_500", 1000, marks=pytest.mark.slow),
    ],
)
async def test_r08_failing_requests_add_at_most_fifteen_percent_of_calls(
    model: ProgrammableModel, kind: Kind, least: int
) -> None:
    async with served(model, breaker=NEVER_OPEN, calls={"max_merged_rows": 1}) as api:
        model.behaviour = Behaviour(kind=kind)
        for _ in range(1000):
            assert (await api.price()).status_code in {502, 503}

        assert least <= calls(model) <= 1150


async def test_r08_merged_calls_that_are_asked_again_in_halves_have_a_budget_too(model: ProgrammableModel) -> None:
    async with served(model, breaker=NEVER_OPEN) as api:
        model.behaviour = Behaviour(kind="error_500")
        for _ in range(20):
            await asyncio.gather(*(api.price() for _ in range(50)))

        assert calls(model) <= 1150


async def test_r09_neither_the_http_client_nor_the_merging_adds_retries_of_its_own(model: ProgrammableModel) -> None:
    async with served(model, retry=RetrySettings(attempts=1)) as api:
        await api.price()  # there is a connection now, on which aiohttp would try a GET again
        await api.get("/api/v1/price/model")
        model.stats.clear()
        model.behaviour = Behaviour(kind="reset", routes=("/invocations", "/model"))

        assert code(await api.price()) == (503, "UPSTREAM_UNAVAILABLE")
        assert code(await api.get("/api/v1/price/model")) == (503, "UPSTREAM_UNAVAILABLE")

        assert dict(model.stats.calls) == {"/invocations": 1, "/model": 1}
