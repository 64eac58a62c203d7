"""Computes costly templates in processes of their own, which are killed when their time is up.

A thread would not do: nothing can end it, and what it computes holds the interpreter again and again.
"""

import asyncio
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from typing import Any

from upstream_resilience.deadline import Deadline

from declared_flows.execution.own_process_main import HEAD_BYTES, OWN_VALUE, Outcome
from declared_flows.execution.pickling import pickled, unpickled
from declared_flows.notation.expressions import NotComputable, Values
from declared_flows.notation.templates import Template

AT_ONCE = 2
"""Processes that there may be."""

MOST_SECONDS = 60.0
"""How long a template may take where nothing else limits it."""


class OwnProcesses:
    """Computes templates beside the event loop. Processes start when they are needed, and stay until the end."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(AT_ONCE)
        self._idle: list[Process] = []

    async def aclose(self) -> None:
        """End the processes that are idle."""
        while self._idle:
            await _kill(self._idle.pop())

    async def value(self, template: Template, values: Values, deadline: Deadline | None) -> Any:
        """Return the value of a template.

        Args:
            template: what to compute.
            values: what it may read.
            deadline: when the value must be there. At that time, or when the caller is cancelled, the work ends.

        Raises:
            NotComputable: if it has none, or needs too much memory.
            DeadlineExceeded: if it takes too long.
        """
        read = {found.root for found in template.reads()}
        given = {root: value for root, value in values.items() if root in read}
        deadline = deadline or Deadline.after(MOST_SECONDS)
        async with deadline.limit(), self._room:
            left = max(0.0, deadline.ends_at - asyncio.get_running_loop().time())
            outcome = await self._compute(await pickled((template, given, left)))
            if outcome.value is None:
                raise NotComputable(outcome.source, outcome.reason)
            return await unpickled(outcome.value)

    async def _compute(self, task: bytes) -> Outcome:
        process = self._take_idle() or await _start()
        try:
            outcome = await _ask(process, task)
        except (asyncio.IncompleteReadError, OSError) as error:
            await _kill(process)
            raise NotComputable(OWN_VALUE, "it takes too much memory or time") from error
        except BaseException:
            await _kill(process)
            raise
        self._idle.append(process)
        return outcome

    def _take_idle(self) -> Process | None:
        """Return a process that waits for work, if there is one. It may have been killed while it waited."""
        while self._idle:
            if (process := self._idle.pop()).returncode is None:
                return process
        return None


async def _start() -> Process:
    # A session of its own: a terminal's Ctrl-C is for the service, which ends the process.
    module = "declared_flows.execution.own_process_main"
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, stdin=PIPE, stdout=PIPE, start_new_session=True
    )


async def _ask(process: Process, task: bytes) -> Outcome:
    assert process.stdin and process.stdout  # noqa: S101, PT018  it was started with both
    process.stdin.write(len(task).to_bytes(HEAD_BYTES) + task)
    await process.stdin.drain()
    length = int.from_bytes(await process.stdout.readexactly(HEAD_BYTES))
    outcome: Outcome = pickle.loads(await process.stdout.readexactly(length))  # noqa: S301  our own process made it
    return outcome


async def _kill(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    if process.stdin:
        process.stdin.close()
    await process.wait()
