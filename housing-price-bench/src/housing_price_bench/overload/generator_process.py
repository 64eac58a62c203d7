"""`python -m housing_price_bench.overload.generator_process URL …`: sends one rate and prints its outcome.

The load comes from a process of its own, so that the bench's own work delays nothing that it measures.
"""

import argparse
import gc
import sys
from pathlib import Path

import uvloop

from housing_price_bench.overload.arrivals import draw_poisson_arrivals
from housing_price_bench.overload.open_loop import OpenLoop
from housing_price_bench.overload.outcome import RateOutcome, format_outcome_line, summarize_samples


async def send_rate(
    url: str, body: bytes, *, per_second: float, seconds: float, warm_up_seconds: float, deadline_seconds: float
) -> RateOutcome:
    """POST the body at random times at this rate; requests of the warm-up do not count."""
    arrivals = draw_poisson_arrivals(per_second, warm_up_seconds + seconds, seed=round(per_second))
    async with OpenLoop(url, body) as callers:
        samples = await callers.send(arrivals)
        counted = [sample for sample in samples if sample.due >= warm_up_seconds]
        return summarize_samples(
            counted, seconds=seconds, deadline_seconds=deadline_seconds, connections=callers.connections
        )


def main() -> None:
    """Send the load of the command line and print its outcome."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--body", type=Path, required=True)
    for number in ("--per-second", "--seconds", "--warm-up-seconds", "--deadline-seconds"):
        parser.add_argument(number, type=float, required=True)
    chosen = parser.parse_args()
    gc.disable()  # a collection would delay requests, and this process soon ends
    load = send_rate(
        chosen.url,
        chosen.body.read_bytes().strip(),
        per_second=chosen.per_second,
        seconds=chosen.seconds,
        warm_up_seconds=chosen.warm_up_seconds,
        deadline_seconds=chosen.deadline_seconds,
    )
    sys.stdout.write(format_outcome_line(uvloop.run(load)))


if __name__ == "__main__":
    main()
