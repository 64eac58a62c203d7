"""Records runs: how each ended, what became of its steps, and what of the request may be kept."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import chain

from upstream_resilience.errors import Overloaded

from declared_flows.errors import NothingFound, StepError, StepFailed
from declared_flows.execution.run import Run, StepRecord
from declared_flows.executions.record import Execution, Failure, Status, StepRun
from declared_flows.executions.redaction import Redaction, redact
from declared_flows.executions.sampling import Sampler
from declared_flows.executions.store import Executions
from declared_flows.notation.records import Records


@dataclass(frozen=True, slots=True)
class RunEnded:
    """A run is over."""

    flow: str
    status: Status
    steps: Iterable[StepRecord]
    is_recorded: bool


def status_of(error: StepError) -> Status:
    """Return the status of a run that an error ended."""
    match error:
        case NothingFound():
            return "not_found"
        case StepFailed() if error.callers_place is not None:
            return "refused"
        case Overloaded():
            return "refused"
    return "failed"


class Recorder:
    """Records runs, as many as are to be kept.

    Args:
        executions: where they are kept.
        sampler: which of them.
        code_of: names the kind of an error, as the program answers it.
        records: the records that requests may hold; redaction leaves their fields alone.
        on_run: hears of every run.
        now: the clock of the runs (seconds).
    """

    def __init__(
        self,
        executions: Executions,
        sampler: Sampler,
        code_of: Callable[[StepError], str],
        records: Records,
        on_run: Callable[[RunEnded], object],
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._executions = executions
        self._sampler = sampler
        self._code_of = code_of
        self._on_run = on_run
        self._now = now
        harmless = frozenset(chain.from_iterable(record.spellings for record in records.values()))
        self._redaction = lru_cache(maxsize=256)(lambda names: Redaction.with_names(names, harmless))

    def record(
        self, execution_id: str, request_id: str | None, run: Run, status: Status, error: StepError | None
    ) -> None:
        """Record a run that is over."""
        is_recorded = self._sampler.keeps(status)
        self._on_run(RunEnded(run.plan.name, status, run.steps.values(), is_recorded))
        if is_recorded:
            self._executions.record(self._execution(execution_id, request_id, run, status, error))

    def _execution(
        self, execution_id: str, request_id: str | None, run: Run, status: Status, error: StepError | None
    ) -> Execution:
        plan, seconds = run.plan, self._now() - run.began
        return Execution(
            id=execution_id,
            flow=plan.name,
            route=f"{plan.route.method} {plan.route.path}",
            status=status,
            started_at=datetime.now(UTC) - timedelta(seconds=seconds),
            duration_seconds=seconds,
            error=self._failure(error),
            request_id=request_id,
            request=redact(run.values["request"], self._redaction(plan.redact)) if plan.keeps_request else None,
            steps=tuple(self._step_run(run, step) for step in run.steps.values()),
        )

    def _step_run(self, run: Run, step: StepRecord) -> StepRun:
        return StepRun(
            name=step.name,
            source=step.source or "",
            operation=step.operation or "",
            status=step.status,
            started_after_seconds=None if step.began is None else step.began - run.began,
            duration_seconds=step.seconds,
            attempts=step.attempts,
            cache_hit=step.is_cached,
            rows=step.rows,
            served_by=step.served_by,
            error=self._failure(step.error),
        )

    def _failure(self, error: StepError | None) -> Failure | None:
        return Failure(self._code_of(error), str(error)) if error else None
