"""The record of a run of a flow. It holds no payload that is not redacted."""

import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

type Status = Literal["succeeded", "degraded", "not_found", "refused", "failed", "cancelled"]
"""How a run ended. `degraded`: it answered with the default of a step that failed; `not_found`: there is no such thing;
`refused`: the caller's mistake, or too many runs at once."""

type StepStatus = Literal["succeeded", "cached", "defaulted", "skipped", "failed", "cancelled"]
"""How a step ended; `cached`: the answer came from the cache."""


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
    """How one step of a run went."""

    name: str
    source: str
    operation: str
    status: StepStatus
    started_after_seconds: float | None = None
    """Time from the start of the run; None if the step did not start."""
    duration_seconds: float = 0.0
    attempts: int = 0
    """Calls to the source."""
    cache_hit: bool = False
    rows: int | None = None
    """Rows or items of the response, if it has any."""
    served_by: str | None = None
    """The strategy that responded, or the version of a model."""
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
    """The request, redacted (see ``redaction.py``); None if the flow does not keep it."""
    steps: tuple[StepRun, ...] = ()


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def new_execution_id(at_nanoseconds: int | None = None) -> str:
    """Return an id that sorts by time: a UUID of version 7 (RFC 9562, method 3), as 32 hex digits."""
    now = time.time_ns() if at_nanoseconds is None else at_nanoseconds
    milliseconds, rest = divmod(now, 1_000_000)
    fraction = (rest << 12) // 1_000_000
    return f"{milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | random.getrandbits(62):032x}"


def to_microseconds(moment: datetime) -> int:
    """Return a moment as microseconds since 1970, exactly."""
    return (moment - _EPOCH) // _MICROSECOND


def from_microseconds(microseconds: int) -> datetime:
    """Return the moment that many microseconds after 1970, in UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)
