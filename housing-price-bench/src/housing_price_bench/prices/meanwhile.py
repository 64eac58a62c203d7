"""Probes: how quickly the servers respond while batches keep them busy."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from housing_price_bench.generators.load import Outcome
from housing_price_bench.prices.case import Case, Trial
from housing_price_bench.prices.meter import Meter, Round, make_case

_HEAD_START_SECONDS = 0.5


async def measure_meanwhile(
    meter: Meter, batches: Trial, probes: Sequence[Trial], *, head_start_seconds: float = _HEAD_START_SECONDS
) -> list[Case]:
    """Measure all probes at once, while batches run that begin earlier and end later; the batches are the last case.

    Raises:
        GeneratorError: if one of the loads can't be sent; the others are cancelled.
    """
    longer = replace(batches.load, seconds=batches.load.seconds + 2 * head_start_seconds)
    try:
        async with asyncio.TaskGroup() as together:
            of_batches = together.create_task(meter.send(longer))
            of_probes = [together.create_task(_send_later(meter, probe, head_start_seconds)) for probe in probes]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    cases = [make_case(probe, [Round(sent.result(), {})]) for probe, sent in zip(probes, of_probes, strict=True)]
    cases.append(replace(make_case(batches, [Round(of_batches.result(), {})]), kind="batches meanwhile"))
    for case in cases:
        meter.on_case(case)
    return cases


async def _send_later(meter: Meter, probe: Trial, head_start_seconds: float) -> Outcome:
    await asyncio.sleep(head_start_seconds)
    return await meter.send(probe.load)
