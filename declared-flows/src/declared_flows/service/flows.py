"""The flows that are served: loaded, tried, swapped while they serve, and run for one request after another."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
from pydantic_core import to_json
from upstream_resilience.errors import Overloaded

from declared_flows.errors import STEP_ERRORS, StepError
from declared_flows.execution.run import Run
from declared_flows.executions.record import Status, new_execution_id
from declared_flows.executions.sampling import Sampler
from declared_flows.executions.store import Executions, NoExecutions
from declared_flows.notation.diagnostics import Diagnostic, InvalidFlows
from declared_flows.planning.plan import FlowPlan
from declared_flows.service.generations import Generation, Generations, SourceParts
from declared_flows.service.recording import Recorder, RunEnded, status_of
from declared_flows.service.requests import FlowRequest
from declared_flows.service.routes import RouteTable
from declared_flows.service.state import FlowState
from declared_flows.sources.port import Call

VERIFY_SECONDS = 2.0
"""How long sources have to verify their declarations while the service waits to start."""

PATIENT_VERIFY_SECONDS = 120.0
"""The limit for reloads and for runs without callers, since a model may take long to start."""

_MAX_LOGGED = 20
"""Diagnostics of one attempt to load that are logged at most."""

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def _name_class(error: StepError) -> str:
    return type(error).__name__


@dataclass(frozen=True, kw_only=True)
class FlowParts(SourceParts):
    """What the flows of a service are made with, beside what their generations need.

    Args:
        max_in_flight: runs at the same time.
        executions: where runs are kept.
        sampler: which of them.
        code_of: names the kind of an error, as the program answers it.
        on_state: hears of each attempt to load.
        on_run: hears of each run.
    """

    max_in_flight: int
    executions: Executions = field(default_factory=NoExecutions)
    sampler: Sampler = field(default_factory=lambda: Sampler(0))
    code_of: Callable[[StepError], str] = _name_class
    on_state: Callable[[FlowState], object] = lambda _state: None
    on_run: Callable[[RunEnded], object] = lambda _run: None


class FlowService:
    """Serves flows.

    Args:
        parts: what they are made with.
        now: a clock (seconds).
    """

    def __init__(self, parts: FlowParts, now: Callable[[], float] = time.perf_counter) -> None:
        self._parts = parts
        self._generations = Generations(parts, now)
        self._recorder = Recorder(
            parts.executions, parts.sampler, parts.code_of, parts.surroundings.records, parts.on_run, now
        )
        self._one_at_a_time = asyncio.Lock()
        self._running = 0
        self.state = FlowState(0, ())

    @property
    def current(self) -> Generation:
        """The generation that new requests begin with."""
        return self._generations.current

    @property
    def routes(self) -> RouteTable:
        """Finds the flow of a request."""
        return self.current.routes

    @asynccontextmanager
    async def open(self, verify_seconds: float = VERIFY_SECONDS) -> AsyncIterator[None]:
        """Load the flows, as far as they are sound; in the end close their sources."""
        await self.reload(verify_seconds)
        try:
            yield
        finally:
            async with self._one_at_a_time:
                await self._generations.aclose()

    async def reload(self, verify_seconds: float = PATIENT_VERIFY_SECONDS) -> FlowState:
        """Load the files again. If they are wrong, the state reports it, and the flows of before stay."""
        async with self._one_at_a_time:
            before = self.state
            try:
                self.state = await self._generations.load(verify_seconds)
            except InvalidFlows as error:
                self.state = self._unsound(error.diagnostics)
            except OSError as error:
                self.state = self._unsound((), problem=f"The files can't be read: {error.strerror}.")
            except Exception:  # a bug must not end the watch over the files
                log.exception("the flows could not be loaded")
                self.state = self._unsound((), problem="Loading them failed; that has been logged.")
        if self.state.problem is None or self.state != before:  # files that can't be read are tried every second
            _log_state(self.state)
        self._parts.on_state(self.state)
        return self.state

    async def follow(self, changes: AsyncIterator[object]) -> None:
        """Load the files again whenever they change; to be cancelled."""
        async for _ in changes:
            await self.reload()

    async def run(self, plan: FlowPlan, request: FlowRequest) -> bytes:
        """Run a flow for a request and return its answer, as JSON.

        Args:
            plan: the flow, of the current generation.
            request: the request; it is read once there is room for it.

        Raises:
            FlowError: if a step failed that the answer needs.
            DeadlineExceeded: if the run took longer than it may.
            Overloaded: if too many runs are under way.
        """
        self._check_room()
        generation = self._generations.begin()
        try:
            seconds = request.check_deadline(plan.timeout_seconds)
            return await self._run(generation, plan, await request.read(plan), request, seconds)
        finally:
            self._generations.end(generation)

    async def _run(
        self, generation: Generation, plan: FlowPlan, given: Mapping[str, Any], request: FlowRequest, seconds: float
    ) -> bytes:
        execution_id = new_execution_id()
        deadline = request.start(execution_id, seconds)
        run = generation.engine.begin(plan, given, Call(deadline, request.outgoing_headers, request.context))
        status: Status = "cancelled"
        failure: StepError | None = None
        try:
            async with deadline.limit():
                document = await self._finish(generation, run)
            answer = to_json(document, inf_nan_mode="null")
            status = "degraded" if run.degraded else "succeeded"
        except STEP_ERRORS as error:
            status, failure = status_of(error), error
            raise
        except Exception:  # a bug, which the program answers as one
            status = "failed"
            raise
        finally:
            self._recorder.record(execution_id, request.id, run, status, failure)
        return answer

    async def _finish(self, generation: Generation, run: Run) -> dict[str, Any]:
        """From here on a run counts: callers who send slowly take nobody's place."""
        self._check_room()
        self._running += 1
        try:
            return await generation.engine.finish(run)
        finally:
            self._running -= 1

    def _check_room(self) -> None:
        if self._running >= self._parts.max_in_flight:
            raise Overloaded(f"{self._running} flows are being done")

    def _unsound(self, diagnostics: Sequence[Diagnostic], problem: str | None = None) -> FlowState:
        served = [plan.name for plan in self.current.plans]
        return FlowState(self.current.number, served, tuple(diagnostics), problem)


def _log_state(state: FlowState) -> None:
    if state.is_sound and not state.flows:
        log.warning("the folder of the flows has no flows: files end in .yaml or .yml")
    elif state.is_sound:
        log.info("flows loaded", generation=state.generation, flows=list(state.flows))
    else:
        _log_mistakes(state)


def _log_mistakes(state: FlowState) -> None:
    for diagnostic in state.diagnostics[:_MAX_LOGGED]:
        log.error("a mistake in the flows", place=f"{diagnostic.file}:{diagnostic.line}", mistake=diagnostic.message)
    log.error(
        "the flows are not as their files say",
        mistakes=len(state.diagnostics),
        problem=state.problem,
        served=list(state.flows),
    )
