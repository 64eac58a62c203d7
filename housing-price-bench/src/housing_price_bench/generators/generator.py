"""A load generator: a command for a load, and a parser of its output."""

import asyncio
import os
import resource
from collections.abc import Callable
from dataclasses import dataclass

from supervised_processes.child import run_child
from supervised_processes.environment import make_child_environment
from supervised_processes.process import Process

from housing_price_bench.errors import GeneratorError
from housing_price_bench.generators.load import Load, Outcome

_PATIENCE_SECONDS = 60.0
_GRACE_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Generator:
    """A program that sends a load from a process of its own.

    It runs for at least `shortest_seconds`. `takes_many_bodies` says whether it can send several bodies in turn.
    """

    name: str
    version: str
    command: Callable[[Load], tuple[str, ...]]
    read: Callable[[str], Outcome]
    shortest_seconds: float = 0.0
    takes_many_bodies: bool = True

    async def run(self, load: Load) -> Outcome:
        """Send the load and return its outcome.

        Raises:
            GeneratorError: if the program fails, does not end, or prints no valid outcome.
        """
        process = Process(
            name=self.name,
            command=self.command(load),
            # oha would use every core; wrk and the bundled generator have one thread.
            environment=make_child_environment(os.environ, TOKIO_WORKER_THREADS="1"),
        )
        return self.read(await run_generator(process, load.seconds))


async def run_generator(process: Process, seconds: float) -> str:
    """Run a load generator that should take `seconds`, and return its output.

    Raises:
        GeneratorError: if it fails, or does not end.
    """
    written: list[str] = []

    def keep(_name: str, line: str) -> None:
        written.append(line)

    async with run_child(process, show=keep, grace_seconds=_GRACE_SECONDS) as child:
        try:
            exit_code = await asyncio.wait_for(child.wait(), seconds + _PATIENCE_SECONDS)
        except TimeoutError:
            raise GeneratorError(f"{process.name} did not end {_PATIENCE_SECONDS:.0f} s after its time") from None
    if exit_code != 0:
        raise GeneratorError(f"{process.name} ended with exit code {exit_code}: {' / '.join(written[-3:])}")
    return "\n".join(written)


def read_children_cpu_seconds() -> float:
    """Return the CPU time of all child processes that have ended, generators above all."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
