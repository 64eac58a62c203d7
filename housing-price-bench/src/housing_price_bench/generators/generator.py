"""What a load generator is: a command for a load, and a reading of what it wrote."""

import asyncio
import os
import resource
from collections.abc import Callable
from dataclasses import dataclass

from supervised_processes.child import running
from supervised_processes.environment import child_environment
from supervised_processes.process import Process

from housing_price_bench.errors import GeneratorError
from housing_price_bench.load import Load, Outcome

_PATIENCE_SECONDS = 60.0
_GRACE_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Generator:
    """A program that sends a load from a process of its own.

    `shortest_seconds` is the least that it can run, `takes_many_bodies` whether it can send them in turn.
    """

    name: str
    version: str
    command: Callable[[Load], tuple[str, ...]]
    read: Callable[[str], Outcome]
    shortest_seconds: float = 0.0
    takes_many_bodies: bool = True

    async def run(self, load: Load) -> Outcome:
        """Send the load and return what became of it.

        Raises:
            GeneratorError: if the program fails, does not end, or tells nothing that can be relied on.
        """
        process = Process(
            name=self.name,
            command=self.command(load),
            # oha would use every core; one thread is what wrk and the bundled generator have.
            environment=child_environment(os.environ, TOKIO_WORKER_THREADS="1"),
        )
        return self.read(await ended_well(process, load.seconds))


async def ended_well(process: Process, seconds: float) -> str:
    """Run a load generator that should need so many seconds, and return what it wrote.

    Raises:
        GeneratorError: if it fails, or does not end.
    """
    written: list[str] = []

    def keep(_name: str, line: str) -> None:
        written.append(line)

    async with running(process, show=keep, grace_seconds=_GRACE_SECONDS) as child:
        try:
            exit_code = await asyncio.wait_for(child.exit_code(), seconds + _PATIENCE_SECONDS)
        except TimeoutError:
            raise GeneratorError(f"{process.name} did not end {_PATIENCE_SECONDS:.0f} s after its time") from None
    if exit_code != 0:
        raise GeneratorError(f"{process.name} ended with exit code {exit_code}: {' / '.join(written[-3:])}")
    return "\n".join(written)


def cpu_seconds_of_ended() -> float:
    """CPU time of all processes that this one has started and that have ended, generators above all."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
