"""The load generator that is always there: a process that runs `bundled_process.py`."""

import sys
from importlib.metadata import version

from housing_price_bench.generators.generator import Generator
from housing_price_bench.generators.load import Load, parse_outcome_line

_MODULE = "housing_price_bench.generators.bundled_process"


def make_bundled_generator() -> Generator:
    """Make the generator on asyncio, uvloop and httptools."""
    return Generator(
        name="bundled",
        version=f"uvloop {version('uvloop')}, httptools {version('httptools')}",
        command=_build_command,
        read=parse_outcome_line,
    )


def _build_command(load: Load) -> tuple[str, ...]:
    bodies = ("--bodies", str(load.bodies)) if load.bodies else ()
    times = ("--seconds", str(load.seconds), "--pause-seconds", str(load.pause_seconds))
    return (sys.executable, "-m", _MODULE, "--connections", str(load.connections), *times, *bodies, load.url)
