"""What else is answered, and how soon, while batches keep the servers busy."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from housing_price_bench.case import Case, Trial
from housing_price_bench.load import Outcome
from housing_price_bench.meter import Meter, Seen, case_of

_HEAD_START_SECONDS = 0.5


async def measured_meanwhile(
    meter: Meter, batches: Trial, looks: Sequence[Trial], *, head_start_seconds: float = _HEAD_START_SECONDS
) -> list[Case]:
    """The looks, each beside all others and the batches, which begin earlier and end later; then the batches.

    Raises:
        GeneratorError: if one of the loads cannot be sent; the others are given up then.
    """
    longer = replace(batches.load, seconds=batches.load.seconds + 2 * head_start_seconds)
    try:
        async with asyncio.TaskGroup() as together:
            of_batches = together.create_task(meter.send(longer))
            of_looks = [together.create_task(_after_a_moment(meter, look, head_start_seconds)) for look in looks]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    cases = [case_of(look, [Seen(seen.result(), {})]) for look, seen in zip(looks, of_looks, strict=True)]
    cases.append(replace(case_of(batches, [Seen(of_batches.result(), {})]), kind="batches meanwhile"))
    for case in cases:
        meter.done(case)
    return cases


async def _after_a_moment(meter: Meter, look: Trial, head_start_seconds: float) -> Outcome:
    await asyncio.sleep(head_start_seconds)
    return await meter.send(look.load)
