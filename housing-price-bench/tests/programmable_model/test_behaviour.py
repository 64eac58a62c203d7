"""Which requests fail."""

import pytest
from housing_price_bench.programmable_model import Behaviour, Kind
from housing_price_bench.programmable_model.behaviour import Script


@pytest.fixture
def clock() -> list[float]:
    return [100.0]


def test_a_share_of_failures_follows_from_the_seed() -> None:
    def drawn(seed: int) -> list[Kind]:
        script = Script(Behaviour(kind="error_500", share=0.25, seed=seed), lambda: 0.0)
        return [script.choose_for_request("/invocations") for _ in range(1000)]

    assert drawn(1) == drawn(1) != drawn(2)
    assert 200 < drawn(1).count("error_500") < 300


def test_only_the_given_routes_fail() -> None:
    script = Script(Behaviour(kind="stall", routes=("/ping",)), lambda: 0.0)

    assert [script.choose_for_request(path) for path in ("/ping", "/model", "/invocations")] == ["stall", "ok", "ok"]


def test_a_slow_start_ends_after_its_time(clock: list[float]) -> None:
    script = Script(Behaviour(kind="slow_start", seconds=3), lambda: clock[0])

    assert script.choose_for_request("/invocations") == "unavailable"
    clock[0] = 103.0
    assert script.choose_for_request("/invocations") == "ok"
