"""More is asked for than can be computed, for a minute; when that is over, everything is answered again at once."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from house_record import EXAMPLE
from housing_price_bench.overload.arrivals import draw_poisson_arrivals
from housing_price_bench.overload.open_loop import OpenLoop, Sample
from price_routes import PREDICT
from programmable import model_process
from running_orchestrator import orchestrator

pytestmark = [pytest.mark.resilience, pytest.mark.slow]

CAPACITY = 200.0
STEPS = (0.5, 1.0, 2.0, 3.0, 5.0)
STEP_SECONDS = 3.0
SHEDS = 0.2
"""Share of refusals from which on it counts as shedding."""

HOLD_SECONDS = 60.0
AFTER = 0.25
"""Load after the drop, as a share of the capacity."""

AFTER_SECONDS = 15.0
RECOVERED_WITHIN_SECONDS = 5.0


def statuses(samples: list[Sample]) -> Counter[tuple[int, str | None]]:
    return Counter((sample.status, sample.code) for sample in samples)


def held_then_dropped(per_second: float) -> Iterator[float]:
    yield from draw_poisson_arrivals(per_second, HOLD_SECONDS, seed=1)
    for at in draw_poisson_arrivals(AFTER * CAPACITY, AFTER_SECONDS, seed=2):
        yield HOLD_SECONDS + at


async def shedding_rate(callers: OpenLoop) -> float:
    """The first rate of the steps at which it sheds."""
    for step in STEPS:
        samples = await callers.send(draw_poisson_arrivals(step * CAPACITY, STEP_SECONDS, seed=0))
        if statuses(samples)[503, "OVERLOADED"] >= SHEDS * len(samples):
            return step * CAPACITY
    raise AssertionError("it never shed")


@pytest.mark.timeout(180)
async def test_drill_recovery_full_success_within_five_seconds_of_an_overload(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with (
        model_process("--seconds-a-call", str(1 / CAPACITY), "--at-once", "1") as model,
        orchestrator(tmp_path, PRICING_MODEL__URL=model.url, PRICING_MODEL__MAX_MERGED_ROWS="1") as (port, _),
    ):
        async with OpenLoop(f"http://127.0.0.1:{port}{PREDICT}", json.dumps(dict(EXAMPLE)).encode()) as callers:
            rate = await shedding_rate(callers)
            samples = await callers.send(held_then_dropped(rate))

    held = [sample for sample in samples if sample.due < HOLD_SECONDS]
    late = [sample.due - HOLD_SECONDS for sample in samples if sample.due >= HOLD_SECONDS and sample.status != 200]
    record_property("offered_per_second", rate)
    record_property("held", dict(statuses(held)))
    record_property("recovered_after_seconds", max(late, default=0.0))
    assert set(statuses(held)) == {(200, None), (503, "OVERLOADED")}
    assert max(late, default=0.0) <= RECOVERED_WITHIN_SECONDS
