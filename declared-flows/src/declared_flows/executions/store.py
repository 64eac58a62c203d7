"""What keeps the records of runs, and how they are paged."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from declared_flows.executions.record import Execution, ExecutionSummary, Status, from_microseconds, to_microseconds

CURSOR_PATTERN = "^([0-9]{1,16})-([0-9A-Za-z_-]{1,64})$"


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the list of all runs, newest first: what comes next is older than this one."""

    started_at: datetime
    id: str

    @classmethod
    def of(cls, execution: ExecutionSummary) -> Self:
        """The place of a run."""
        return cls(execution.started_at, execution.id)

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a cursor from its text.

        Raises:
            ValueError: if the text is not a cursor.
        """
        found = re.fullmatch(CURSOR_PATTERN, text)
        if found is None:
            raise ValueError("no cursor")
        return cls(from_microseconds(int(found[1])), found[2])

    def __str__(self) -> str:
        return f"{to_microseconds(self.started_at)}-{self.id}"


@dataclass(frozen=True, slots=True)
class Page:
    """Some runs, newest first."""

    executions: Sequence[ExecutionSummary]
    next: Cursor | None
    """Where the next page begins; None if nothing is older."""


class Executions(Protocol):
    """Where runs are kept."""

    def record(self, execution: Execution) -> None:
        """Keep a run, unless there is no room for it; never waits and never raises."""
        ...

    async def page(self, *, flow: str | None, status: Status | None, limit: int, before: Cursor | None) -> Page:
        """Return at most ``limit`` runs, newest first, optionally of one flow or with one status.

        Raises:
            ExecutionsUnavailable: if they can't be read now.
        """
        ...

    async def find(self, execution_id: str) -> Execution | None:
        """The run with this id, if it is kept.

        Raises:
            ExecutionsUnavailable: if it can't be read now.
        """
        ...


class NoExecutions:
    """Where no runs are kept."""

    def record(self, execution: Execution) -> None:
        """Keep nothing."""

    async def page(self, *, flow: str | None, status: Status | None, limit: int, before: Cursor | None) -> Page:  # noqa: ARG002  there are none of any kind
        """No runs."""
        return Page((), None)

    async def find(self, execution_id: str) -> Execution | None:  # noqa: ARG002  there is none
        """No run."""
        return None
