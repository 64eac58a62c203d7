"""The bundled generator against tiny servers."""

import pytest
from housing_price_bench.generators.bundled_process import send_load
from housing_price_bench.servers.fixed_response import FixedResponse
from tiny_servers import BODIES, Babbling, Breaking, Closing, Refusing, Silent, serving

pytestmark = pytest.mark.integration


async def test_bodies_are_sent_in_turn_and_statuses_counted() -> None:
    async with serving(Refusing) as url:
        outcome = await send_load(url, BODIES, connections=1, seconds=0.1)

    assert outcome.good > 0
    assert outcome.failures == outcome.statuses["422"]
    assert abs(outcome.good - 3 * outcome.failures) <= 3


async def test_percentiles_are_in_order() -> None:
    async with serving(FixedResponse) as url:
        outcome = await send_load(url, BODIES, connections=3, seconds=0.1)

    assert outcome.p50_ms
    assert outcome.p95_ms
    assert outcome.p99_ms
    assert 0 < outcome.p50_ms <= outcome.p95_ms <= outcome.p99_ms <= 1000 * outcome.seconds
    assert outcome.seconds >= 0.1


async def test_a_connection_closed_after_its_response_is_no_failure() -> None:
    async with serving(Closing) as url:
        outcome = await send_load(url, BODIES, connections=2, seconds=0.1)

    assert outcome.good > 2
    assert outcome.failures == 0


@pytest.mark.parametrize("server", [Breaking, Babbling])
async def test_a_broken_response_is_a_failure(server: type[FixedResponse]) -> None:
    async with serving(server) as url:
        outcome = await send_load(url, BODIES, connections=2, seconds=0.1)

    assert outcome.good == 0
    assert outcome.failures > 0


async def test_requests_open_at_the_end_do_not_count() -> None:
    async with serving(Silent) as url:
        outcome = await send_load(url, BODIES, connections=2, seconds=0.1)

    assert (outcome.good, outcome.failures, outcome.p50_ms) == (0, 0, None)


async def test_each_attempt_at_a_missing_server_is_a_failure() -> None:
    async with serving(FixedResponse) as url:
        pass

    outcome = await send_load(url, BODIES, connections=2, seconds=0.1)

    assert outcome.good == 0
    assert 2 <= outcome.failures <= 6


async def test_pauses_limit_the_number_of_requests() -> None:
    async with serving(FixedResponse) as url:
        outcome = await send_load(url, [], connections=1, seconds=0.2, pause_seconds=0.05)

    assert 1 <= outcome.good <= 4
