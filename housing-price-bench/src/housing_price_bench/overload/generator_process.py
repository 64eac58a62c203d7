"""`python -m housing_price_bench.overload.generator_process URL …`: one rate, told in one line.

The load comes from a process of its own: what it computes must not delay what it measures.
"""

import argparse
import gc
import sys
from pathlib import Path

import uvloop

from housing_price_bench.overload.arrivals import poisson_arrivals
from housing_price_bench.overload.open_loop import OpenLoop
from housing_price_bench.overload.outcome import RateOutcome, outcome_line, outcome_of


async def send_rate(
    url: str, body: bytes, *, per_second: float, seconds: float, warm_up_seconds: float, deadline_seconds: float
) -> RateOutcome:
    """Post the body at random times at this rate; what is sent while it warms up does not count."""
    arrivals = poisson_arrivals(per_second, warm_up_seconds + seconds, seed=round(per_second))
    async with OpenLoop(url, body) as callers:
        samples = await callers.send(arrivals)
        counted = [sample for sample in samples if sample.due >= warm_up_seconds]
        return outcome_of(counted, seconds=seconds, deadline_seconds=deadline_seconds, connections=callers.connections)


def main() -> None:
    """Send the load of the command line and print its outcome."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--body", type=Path, required=True)
    for number in ("--per-second", "--seconds", "--warm-up-seconds", "--deadline-seconds"):
        parser.add_argument(number, type=float, required=True)
    chosen = parser.parse_args()
    gc.disable()  # a collection would delay what is due meanwhile, and this process soon ends
    load = send_rate(
        chosen.url,
        chosen.body.read_bytes().strip(),
        per_second=chosen.per_second,
        seconds=chosen.seconds,
        warm_up_seconds=chosen.warm_up_seconds,
        deadline_seconds=chosen.deadline_seconds,
    )
    sys.stdout.write(outcome_line(uvloop.run(load)))


if __name__ == "__main__":
    main()
