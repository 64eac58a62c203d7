"""How trials are measured: in turns, after a warm-up, and longer where nothing is answered yet."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from housing_price_bench.errors import GeneratorError
from housing_price_bench.generators.load import Load, Outcome
from housing_price_bench.prices.case import Case, Trial
from housing_price_bench.prices.meanwhile import measure_meanwhile
from housing_price_bench.prices.memory import REQUESTS, measure_memory
from housing_price_bench.prices.meter import Meter

WARM_UP_SECONDS = 0.5


class FakeGenerator:
    """Answers at a rate, at once, while its clock goes on."""

    def __init__(self, *, requests_per_second: float = 1000.0, takes_many_bodies: bool = True) -> None:
        self.requests_per_second = requests_per_second
        self.takes_many_bodies = takes_many_bodies
        self.sent: list[Load] = []
        self.now = 0.0

    async def run(self, load: Load) -> Outcome:
        self.sent.append(load)
        self.now += load.seconds
        good = round(self.requests_per_second * load.seconds)
        return Outcome(seconds=load.seconds, good=good, failures=0, p50_ms=1.0, p95_ms=1.0, p99_ms=1.0)

    @property
    def measured(self) -> list[Load]:
        return [load for load in self.sent if load.seconds != WARM_UP_SECONDS]


def meter(generator: FakeGenerator, bundled: FakeGenerator | None = None, on_case: Any = lambda case: None) -> Meter:
    return Meter(
        generator=generator,  # type: ignore[arg-type]  # the fake
        bundled=bundled or FakeGenerator(),  # type: ignore[arg-type]  # the fake
        warm_up_seconds=WARM_UP_SECONDS,
        on_case=on_case,
        clock=lambda: generator.now,
    )


def trial(subject: Any = "a", **changes: Any) -> Trial:
    load = Load(url=f"http://{subject}", bodies=Path("bodies"), connections=16, seconds=2.0)
    return Trial(subject=subject, kind="single", load=replace(load, **changes), processes=[])


async def test_subjects_take_turns() -> None:
    generator = FakeGenerator()
    finished: list[Case] = []

    cases = await meter(generator, on_case=finished.append).measure_in_turns([trial("a"), trial("c")], rounds=2)

    assert [load.url for load in generator.measured] == ["http://a", "http://c"] * 2
    assert [len(case.rounds) for case in cases] == [2, 2]
    assert finished == cases


async def test_each_round_is_warmed_up_on_few_connections() -> None:
    generator = FakeGenerator()

    await meter(generator).measure(trial(connections=64))

    assert [(load.seconds, load.connections) for load in generator.sent] == [(WARM_UP_SECONDS, 4), (2.0, 64)]


async def test_what_answers_too_little_is_measured_once_more_and_longer() -> None:
    generator = FakeGenerator(requests_per_second=1)

    case: Case = await meter(generator).measure(trial())

    assert [load.seconds for load in generator.measured] == [2.0, 10.0]
    assert case.requests == 10


@pytest.mark.parametrize("changes", [{"bodies": None}, {"pause_seconds": 0.02}, {"counts_statuses": True}], ids=str)
async def test_what_a_program_cannot_send_the_bundled_generator_sends(changes: dict[str, Any]) -> None:
    program, bundled = FakeGenerator(takes_many_bodies=False), FakeGenerator()

    await meter(program, bundled).send(trial(**changes).load)

    assert (len(program.sent), len(bundled.sent)) == (0, 1)


async def after_requests(rate: float, most_seconds: float) -> tuple[FakeGenerator, Any]:
    generator = FakeGenerator(requests_per_second=rate)
    clock: Callable[[], float] = lambda: generator.now  # noqa: E731 - as short as the thing
    return generator, await measure_memory(meter(generator), trial(), most_seconds=most_seconds, clock=clock)


async def test_memory_is_looked_at_after_half_of_the_requests_and_after_all() -> None:
    _, memory = await after_requests(rate=4000, most_seconds=60)

    assert memory.requests_half == REQUESTS // 2
    assert memory.requests == REQUESTS


async def test_a_slow_server_gets_as_many_as_the_time_allows() -> None:
    generator, memory = await after_requests(rate=100, most_seconds=5)

    assert (memory.requests_half, memory.requests) == (500, 1000)
    assert generator.now == pytest.approx(10)
    assert seconds_of(generator.sent) == pytest.approx([0.4, 2.0, 2.0, 0.6] * 2)


def seconds_of(loads: Sequence[Load]) -> list[float]:
    return [load.seconds for load in loads]


async def test_looks_are_taken_while_batches_run_before_and_after_them() -> None:
    generator, bundled = FakeGenerator(), FakeGenerator()
    finished: list[Case] = []
    looks = [trial("a", pause_seconds=0.02), trial("d", pause_seconds=0.02)]

    cases = await measure_meanwhile(
        meter(generator, bundled, finished.append), trial("a"), looks, head_start_seconds=0.001
    )

    assert seconds_of(generator.sent) == [2.002]
    assert seconds_of(bundled.sent) == [2.0, 2.0]
    assert [(case.subject, case.kind) for case in cases] == [
        *(("a", "single"), ("d", "single")),
        ("a", "batches meanwhile"),
    ]
    assert finished == cases


class FailingGenerator(FakeGenerator):
    """Cannot send anything."""

    async def run(self, load: Load) -> Outcome:
        raise GeneratorError("it broke")


async def test_a_load_that_cannot_be_sent_is_told_as_it_is() -> None:
    looks = [trial("a", pause_seconds=0.02)]

    with pytest.raises(GeneratorError, match="it broke"):
        await measure_meanwhile(meter(FailingGenerator()), trial("a"), looks, head_start_seconds=0.001)
