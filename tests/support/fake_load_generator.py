"""A load generator whose clock moves on while it responds at once, and what measures with it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from housing_price_bench.errors import GeneratorError
from housing_price_bench.generators.load import Load, Outcome
from housing_price_bench.prices.case import Trial
from housing_price_bench.prices.meter import Meter

WARM_UP_SECONDS = 0.5


class FakeGenerator:
    """Responds at a rate, at once, and moves its clock on."""

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


def make_meter(
    generator: FakeGenerator, bundled: FakeGenerator | None = None, on_case: Any = lambda case: None
) -> Meter:
    return Meter(
        generator=generator,  # type: ignore[arg-type]  # the fake
        bundled=bundled or FakeGenerator(),  # type: ignore[arg-type]  # the fake
        warm_up_seconds=WARM_UP_SECONDS,
        on_case=on_case,
        clock=lambda: generator.now,
    )


def make_trial(subject: Any = "a", **changes: Any) -> Trial:
    load = Load(url=f"http://{subject}", bodies=Path("bodies"), connections=16, seconds=2.0)
    return Trial(subject=subject, kind="single", load=replace(load, **changes), processes=[])


def seconds_of(loads: Sequence[Load]) -> list[float]:
    return [load.seconds for load in loads]


class FailingGenerator(FakeGenerator):
    """Cannot send anything."""

    async def run(self, load: Load) -> Outcome:
        raise GeneratorError("it broke")
