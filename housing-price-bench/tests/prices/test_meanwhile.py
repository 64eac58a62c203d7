"""Probes while batches run."""

import pytest
from fake_load_generator import FailingGenerator, FakeGenerator, make_meter, make_trial, seconds_of
from housing_price_bench.errors import GeneratorError
from housing_price_bench.prices.case import Case
from housing_price_bench.prices.meanwhile import measure_meanwhile


async def test_probes_run_while_batches_run() -> None:
    generator, bundled = FakeGenerator(), FakeGenerator()
    finished: list[Case] = []
    looks = [make_trial("a", pause_seconds=0.02), make_trial("d", pause_seconds=0.02)]

    cases = await measure_meanwhile(
        make_meter(generator, bundled, finished.append), make_trial("a"), looks, head_start_seconds=0.001
    )

    assert seconds_of(generator.sent) == [2.002]
    assert seconds_of(bundled.sent) == [2.0, 2.0]
    assert [(case.subject, case.kind) for case in cases] == [
        *(("a", "single"), ("d", "single")),
        ("a", "batches meanwhile"),
    ]
    assert finished == cases


async def test_the_error_of_a_generator_passes_through() -> None:
    looks = [make_trial("a", pause_seconds=0.02)]

    with pytest.raises(GeneratorError, match="it broke"):
        await measure_meanwhile(make_meter(FailingGenerator()), make_trial("a"), looks, head_start_seconds=0.001)
