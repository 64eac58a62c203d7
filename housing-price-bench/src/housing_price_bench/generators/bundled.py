"""The load generator that needs nothing installed: a process that runs `bundled_process.py`."""

import sys
from importlib.metadata import version

from housing_price_bench.generators.generator import Generator
from housing_price_bench.load import Load, outcome_line

_MODULE = "housing_price_bench.generators.bundled_process"


def bundled() -> Generator:
    """The generator on asyncio, uvloop and httptools."""
    return Generator(
        name="bundled",
        version=f"uvloop {version('uvloop')}, httptools {version('httptools')}",
        command=_command,
        read=outcome_line,
    )


def _command(load: Load) -> tuple[str, ...]:
    bodies = ("--bodies", str(load.bodies)) if load.bodies else ()
    times = ("--seconds", str(load.seconds), "--pause-seconds", str(load.pause_seconds))
    return (sys.executable, "-m", _MODULE, "--connections", str(load.connections), *times, *bodies, load.url)
