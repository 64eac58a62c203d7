"""wrk, with one thread. Its script prints the outcome as JSON, so that no text for people has to be parsed."""

import math
from pathlib import Path

from housing_price_bench.errors import GeneratorError
from housing_price_bench.generators.generator import Generator
from housing_price_bench.generators.load import Load, parse_outcome_line

SCRIPT = Path(__file__).with_name("wrk.lua")
_LONGEST_ANSWER_SECONDS = 60
"""With wrk's own 2 s, slow responses of a stock server under load would count as failures."""


def make_wrk_generator(program: str, version: str) -> Generator:
    """Make the generator for an installed wrk."""

    def build_command(load: Load) -> tuple[str, ...]:
        if load.bodies is None or load.pause_seconds:
            raise GeneratorError("wrk sends only requests with bodies, without pauses")
        size = ("-t1", f"-c{load.connections}", f"-d{math.ceil(load.seconds)}s")
        script = ("-s", str(SCRIPT), load.url, "--", str(load.bodies))
        statuses = ("statuses",) if load.counts_statuses else ()
        return (program, *size, f"--timeout={_LONGEST_ANSWER_SECONDS}s", *script, *statuses)

    return Generator(name="wrk", version=version, command=build_command, read=parse_outcome_line, shortest_seconds=1.0)
