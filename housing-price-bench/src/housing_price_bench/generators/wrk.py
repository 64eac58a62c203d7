"""wrk, with one thread; its script tells the outcome as JSON, so that no text for people is read."""

import math
from pathlib import Path

from housing_price_bench.errors import GeneratorError
from housing_price_bench.generators.generator import Generator
from housing_price_bench.load import Load, outcome_line

SCRIPT = Path(__file__).with_name("wrk.lua")
_LONGEST_ANSWER_SECONDS = 60
"""wrk's own 2 s would call the slow answers of a stock server under load failures."""


def wrk(program: str, version: str) -> Generator:
    """The generator for an installed wrk."""

    def command(load: Load) -> tuple[str, ...]:
        if load.bodies is None or load.pause_seconds:
            raise GeneratorError("wrk is used for requests with bodies and without pauses alone")
        size = ("-t1", f"-c{load.connections}", f"-d{math.ceil(load.seconds)}s")
        script = ("-s", str(SCRIPT), load.url, "--", str(load.bodies))
        statuses = ("statuses",) if load.counts_statuses else ()
        return (program, *size, f"--timeout={_LONGEST_ANSWER_SECONDS}s", *script, *statuses)

    return Generator(name="wrk", version=version, command=command, read=outcome_line, shortest_seconds=1.0)
