"""What a run of a flow consists of, and what it needs of its sources."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from declared_flows.errors import StepError
from declared_flows.executions.record import StepStatus
from declared_flows.planning.plan import FlowPlan, PlannedStep
from declared_flows.sources.port import NO_CALL, Answer, Call, Params


@dataclass(frozen=True, slots=True)
class CallResult:
    """The outcome of a call to a source."""

    answer: Answer
    is_cached: bool = False


class CallableSource(Protocol):
    """A source whose calls are guarded."""

    async def call(self, step: PlannedStep, params: Params, record: "StepRecord", call: Call = NO_CALL) -> CallResult:
        """Call it as the step says.

        Args:
            step: the step.
            params: the parameters of the call.
            record: where each attempt is counted as it begins.
            call: what the call is part of.

        Raises:
            FlowError, ResilienceError: if there is no usable answer.
        """
        ...


type Sources = Mapping[str, CallableSource]


@dataclass(slots=True)
class StepRecord:
    """How a step went."""

    name: str
    source: str | None
    operation: str | None
    status: StepStatus = "cancelled"
    began: float | None = None
    """A clock's time (seconds); None if it did not begin."""
    seconds: float = 0.0
    attempts: int = 0
    is_cached: bool = False
    rows: int | None = None
    served_by: str | None = None
    error: StepError | None = None


@dataclass(slots=True)
class Run:
    """One run of a flow: the values so far, and how its steps went."""

    plan: FlowPlan
    began: float
    values: dict[str, Any]
    call: Call
    """What its calls to sources are part of."""
    steps: Mapping[str, StepRecord]
    """All of them, in the order of the plan; one that is never begun stays `cancelled`."""
    degraded: list[str] = field(default_factory=list)
    """The steps that failed and could."""
    document: dict[str, Any] | None = None
    """The response; None until there is one."""
