"""What is known of a run of a flow when it is over, and what keeps it. No payload in here that is not redacted."""

import random
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Protocol, Self

FLOW_NAME = "^[a-z0-9][a-z0-9-]{0,63}$"
"""What a flow may be called."""

type Status = Literal["succeeded", "degraded", "not_found", "refused", "failed", "cancelled"]
"""How a run ended. `degraded`: it answered with the default of a step that failed; `not_found`: there is no such thing;
`refused`: the caller's mistake, or too many runs at once."""

type StepStatus = Literal["succeeded", "cached", "defaulted", "skipped", "failed", "cancelled"]
"""How a step ended; `cached` is one that was answered without asking its source."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run or a step failed.

    Args:
        code: stable name of the kind of error, as in problem documents.
        message: a sentence for people; never a value, a body or a secret.
    """

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRun:
    """What became of one step of a run."""

    name: str
    source: str
    operation: str
    status: StepStatus
    started_after_seconds: float | None = None
    """Time from the beginning of the run; None where it did not start."""
    duration_seconds: float = 0.0
    attempts: int = 0
    """Calls to the source; none where it was not asked."""
    cache_hit: bool = False
    rows: int | None = None
    """Rows or items of the answer, where that means something."""
    served_by: str | None = None
    """Which of several strategies answered, or which version of a model."""
    error: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionSummary:
    """What a list of runs shows of each."""

    id: str
    flow: str
    route: str
    """Method and path of the endpoint, with names in place of values: `GET /api/v1/houses/{id}`."""
    status: Status
    started_at: datetime
    """With its zone; kept to the microsecond."""
    duration_seconds: float
    error: Failure | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution(ExecutionSummary):
    """A run of a flow."""

    request: Any = None
    """What was asked, redacted (see ``redaction.py``); None where the flow does not keep it."""
    steps: tuple[StepRun, ...] = ()


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
        """The place that a text stands for.

        Raises:
            ValueError: if it stands for none.
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
    """Where to go on; None where nothing is older."""


class Executions(Protocol):
    """Where runs are kept."""

    def record(self, execution: Execution) -> None:
        """Keep a run, unless there is no room for it; never waits and never raises."""
        ...

    async def page(self, *, flow: str | None, status: Status | None, limit: int, before: Cursor | None) -> Page:
        """At most so many runs, newest first, of one flow or with one status where that is given.

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


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def new_execution_id(at_nanoseconds: int | None = None) -> str:
    """An id that sorts by the time it was made: a UUID of version 7 (RFC 9562, method 3), as 32 hex digits."""
    now = time.time_ns() if at_nanoseconds is None else at_nanoseconds
    milliseconds, rest = divmod(now, 1_000_000)
    fraction = (rest << 12) // 1_000_000
    return f"{milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | random.getrandbits(62):032x}"


def to_microseconds(moment: datetime) -> int:
    """A moment as microseconds since 1970, exactly."""
    return (moment - _EPOCH) // _MICROSECOND


def from_microseconds(microseconds: int) -> datetime:
    """The moment so many microseconds after 1970, in UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)
