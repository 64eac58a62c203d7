"""Runs flows. A step starts as soon as the steps that it refers to have ended."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pydantic_core import ValidationError
from upstream_resilience.errors import BadUpstreamAnswer

from declared_flows.errors import STEP_ERRORS, NothingFound, StepError, StepFailed, UnusableParams
from declared_flows.execution.own_process import OwnProcesses
from declared_flows.execution.run import Run, Sources, StepRecord
from declared_flows.execution.turns import Turns
from declared_flows.notation.base import Place
from declared_flows.notation.expressions import NotComputable, TooCostly, Values
from declared_flows.notation.templates import Template
from declared_flows.planning.plan import REQUEST, FlowPlan, PlannedStep
from declared_flows.sources.port import NO_CALL, Call

OWN_VALUES = "values of the flow"
"""What errors call the source of a step that has none."""

RESPONSE = "response"
"""The last step, which makes the answer."""


class Engine:
    """Runs flows with a set of sources.

    Args:
        sources: by name.
        now: a clock (seconds).
    """

    def __init__(self, sources: Sources, now: Callable[[], float] = time.perf_counter) -> None:
        self._sources = sources
        self._now = now
        self._own_processes = OwnProcesses()

    async def aclose(self) -> None:
        """End the processes that computed for it."""
        await self._own_processes.aclose()

    def begin(self, plan: FlowPlan, request: Mapping[str, Any], call: Call = NO_CALL) -> Run:
        """Return a run that has not begun any step.

        Args:
            plan: the flow.
            request: what the caller gave: ``path``, ``query``, ``headers`` and ``body``, checked.
            call: what calls to sources are part of: its deadline is that of the run.
        """
        steps = {step.name: StepRecord(step.name, step.source, step.operation) for step in plan.steps}
        return Run(plan, self._now(), {REQUEST: request}, call, steps)

    async def finish(self, run: Run) -> dict[str, Any]:
        """Run all steps and return the response. The run tells how each step went, even after an error.

        Raises:
            StepFailed: if a step failed that the answer needs.
            NothingFound: if a step with `not_found` found nothing.
            DeadlineExceeded: if it took longer than the flow may.
        """
        await self._run_steps(run)
        run.document = await self._make_response(run)
        return run.document

    async def _fill(self, template: Template, values: Values, call: Call) -> Any:
        """Return the value of a template, which is computed in a process of its own if it takes long."""
        try:
            return template.value(values)
        except TooCostly:
            return await self._own_processes.value(template, values, call.deadline)

    async def _make_response(self, run: Run) -> dict[str, Any]:
        try:
            document: dict[str, Any] = await self._fill(run.plan.response, run.values, run.call)
        except NotComputable as error:
            reads_request_alone = {read.root for read in run.plan.response.reads()} == {REQUEST}
            place = (REQUEST,) if reads_request_alone else None
            raise StepFailed(RESPONSE, OWN_VALUES, UnusableParams(str(error)), place) from error
        return _check_response(run, document)

    async def _run_steps(self, run: Run) -> None:
        if len(run.plan.steps) == 1:
            await self._run_step(run.plan.steps[0], run)
            return
        left = {step.name: len(step.needs) for step in run.plan.steps}
        ready = [step for step in run.plan.steps if not step.needs]
        running: dict[asyncio.Task[None], PlannedStep] = {}
        try:
            while ready or running:
                if len(ready) == 1 and not running:
                    done = [ready.pop()]
                    await self._run_step(done[0], run)
                else:
                    running |= {asyncio.create_task(self._run_step(step, run)): step for step in ready}
                    await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                    ended = [task for task in running if task.done()]
                    for task in ended:
                        task.result()
                    done = [running.pop(task) for task in ended]
                ready = _find_ready(run.plan.steps, left, done)
        finally:
            if running:
                await _end(running)

    async def _run_step(self, step: PlannedStep, run: Run) -> None:
        record = run.steps[step.name]
        record.began = self._now()
        try:
            run.values[step.name] = await self._value_of(step, run.values, record, run.call)
        except STEP_ERRORS as error:
            record.error = error
            if not step.is_optional:
                record.status = "failed"
                raise
            record.status = "defaulted"
            run.values[step.name] = step.default
            run.degraded.append(step.name)
        except Exception:  # a bug, which the service answers as one
            record.status = "failed"
            raise
        finally:
            record.seconds = self._now() - record.began

    async def _value_of(self, step: PlannedStep, values: Values, record: StepRecord, call: Call) -> Any:
        try:
            if step.when is not None and not _holds(await self._fill(step.when, values, call)):
                record.status = "skipped"
                return step.default
            if step.for_each is not None:
                found = await self._call_each(step, await self._fill(step.for_each, values, call), values, record, call)
            else:
                found = await self._call_once(step, values, record, call)
        except NothingFound:
            raise
        except NotComputable as error:
            raise _failure_of(step, UnusableParams(str(error))) from error
        except StepFailed:
            raise
        except STEP_ERRORS as error:
            raise _failure_of(step, error) from error
        record.status = "cached" if record.is_cached else "succeeded"
        return found

    async def _call_each(
        self, step: PlannedStep, items: Any, values: Values, record: StepRecord, call: Call
    ) -> list[Any]:
        if items is None:
            return []
        if not isinstance(items, list):
            raise UnusableParams("`for_each` needs a list")
        if len(items) > step.max_items:
            raise UnusableParams(f"`for_each` was given {len(items):,} items, and {step.max_items:,} are the most")
        found: list[Any] = [None] * len(items)
        left = iter(enumerate(items))
        turns = Turns(self._now)

        async def work() -> None:
            for index, item in left:
                await turns.give()
                found[index] = await self._call_once(step, {**values, step.item: item}, record, call)

        await _run_all([asyncio.create_task(work()) for _ in range(min(step.concurrency, len(items)))])
        record.rows = len(items)
        return found

    async def _call_once(self, step: PlannedStep, values: Values, record: StepRecord, call: Call) -> Any:
        told = await self._fill(step.params, values, call)
        if step.source is None:
            return told
        called = await self._sources[step.source].call(step, _check_params(step, told), record, call)
        answer = called.answer
        record.is_cached = called.is_cached and not record.attempts
        record.rows, record.served_by = answer.rows, answer.served_by
        if answer.value is None:
            if step.is_found_or_404:
                record.status = "failed"
                raise NothingFound(step.name)
            return None if step.for_each is not None else step.default
        return answer.value


def _find_ready(steps: Sequence[PlannedStep], left: dict[str, int], done: Sequence[PlannedStep]) -> list[PlannedStep]:
    """Return the steps that waited only for these."""
    ready = []
    names = {step.name for step in done}
    for step in steps:
        if met := len(step.needs & names):
            left[step.name] -= met
            if not left[step.name]:
                ready.append(step)
    return ready


async def _run_all(workers: Sequence[asyncio.Task[None]]) -> None:
    try:
        if workers:
            done, _ = await asyncio.wait(workers, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
    finally:
        await _end(workers)


async def _end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel what still runs, and wait until it has ended."""
    ending = list(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)


def _failure_of(step: PlannedStep, error: StepError) -> StepFailed:
    place: Place | None = None
    if isinstance(error, UnusableParams):
        place = step.callers.get(error.param or "") or step.callers.get("")
    return StepFailed(step.name, step.source or OWN_VALUES, error, place)


def _holds(value: Any) -> bool:
    return value is not None and value is not False


def _check_params(step: PlannedStep, told: dict[str, Any]) -> dict[str, Any]:
    if step.takes is None:
        return told
    if step.leaves_out:
        told = {name: value for name, value in told.items() if value is not None or name not in step.leaves_out}
    try:
        checked: dict[str, Any] = step.takes.validate_python(told)
    except ValidationError as error:
        raise UnusableParams(_first(error), _first_param(error)) from error
    return checked


def check_answer(step: PlannedStep, value: Any) -> Any:
    """An answer of a source, if it is what the source is declared to give.

    Raises:
        BadUpstreamAnswer: if it is not.
    """
    if step.gives is None or value is None:
        return value
    try:
        return step.gives.validate_python(value)
    except ValidationError as error:
        raise BadUpstreamAnswer(f"its answer is not as declared: {_first(error)}") from error


def _check_response(run: Run, document: dict[str, Any]) -> dict[str, Any]:
    if run.plan.checks_answer is not None:
        try:
            document = run.plan.checks_answer.validate_python(document)
        except ValidationError as error:
            raise StepFailed(RESPONSE, OWN_VALUES, BadUpstreamAnswer(_first(error))) from error
    if run.degraded:
        order = [step.name for step in run.plan.steps]
        document = {**document, "degraded": sorted(run.degraded, key=order.index)}
    return document


_MOST_TOLD = 1000
"""If one value has more mistakes, none is described: to list them all would take seconds."""


def _first_param(error: ValidationError) -> str | None:
    """The parameter that is wrong, if it is one alone."""
    if error.error_count() > _MOST_TOLD:
        return None
    params = {str(found["loc"][0]) for found in error.errors(include_url=False, include_input=False) if found["loc"]}
    return next(iter(params)) if len(params) == 1 else None


_MOST_LISTED = 20
"""Missing fields that a message lists."""


def _first(error: ValidationError) -> str:
    """The first thing that is wrong, without the value; all fields that are missing there are one."""
    if error.error_count() > _MOST_TOLD:
        return f"there are {error.error_count():,} mistakes in it"
    mistakes = error.errors(include_url=False, include_input=False)
    first, within = mistakes[0], mistakes[0]["loc"][:-1]
    missing = [found["loc"] for found in mistakes if found["type"] == "missing" and found["loc"][:-1] == within]
    if first["type"] == "missing" and len(missing) > 1:
        listed = ", ".join(f"`{'.'.join(map(str, place))}`" for place in missing[:_MOST_LISTED])
        return f"{len(missing)} fields are required, but missing: {listed}"
    place = ".".join(map(str, first["loc"]))
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    message = first["msg"][:1].lower() + first["msg"][1:]
    return f"`{place}`: {message}{more}" if place else f"{message}{more}"
