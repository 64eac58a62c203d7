"""How trials are measured: in turns, after a warm-up, and longer with a slow server."""

from typing import Any

import pytest
from fake_load_generator import WARM_UP_SECONDS, FakeGenerator, make_meter, make_trial
from housing_price_bench.prices.case import Case


async def test_subjects_take_turns() -> None:
    generator = FakeGenerator()
    finished: list[Case] = []

    cases = await make_meter(generator, on_case=finished.append).measure_in_turns(
        [make_trial("a"), make_trial("c")], rounds=2
    )

    assert [load.url for load in generator.measured] == ["http://a", "http://c"] * 2
    assert [len(case.rounds) for case in cases] == [2, 2]
    assert finished == cases


async def test_each_round_warms_up_with_few_connections() -> None:
    generator = FakeGenerator()

    await make_meter(generator).measure(make_trial(connections=64))

    assert [(load.seconds, load.connections) for load in generator.sent] == [(WARM_UP_SECONDS, 4), (2.0, 64)]


async def test_a_slow_server_is_measured_again_for_longer() -> None:
    generator = FakeGenerator(requests_per_second=1)

    case: Case = await make_meter(generator).measure(make_trial())

    assert [load.seconds for load in generator.measured] == [2.0, 10.0]
    assert case.requests == 10


@pytest.mark.parametrize("changes", [{"bodies": None}, {"pause_seconds": 0.02}, {"counts_statuses": True}], ids=str)
async def test_the_bundled_generator_sends_what_a_program_cannot(changes: dict[str, Any]) -> None:
    program, bundled = FakeGenerator(takes_many_bodies=False), FakeGenerator()

    await make_meter(program, bundled).send(make_trial(**changes).load)

    assert (len(program.sent), len(bundled.sent)) == (0, 1)
