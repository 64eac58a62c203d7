"""The flows that are served: loaded, tried, swapped while they serve, and done for one request after another.

A set of flows that is loaded together is a generation. A request finishes with the generation that it began with, whose
sources stay open until then; sources that did not change go on into the next one.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
from upstream_resilience.deadline import deadline
from upstream_resilience.errors import DeadlineExceeded, Overloaded, UpstreamError

from declared_flows.errors import STEP_ERRORS
from declared_flows.execution.dry_run import try_examples
from declared_flows.execution.engine import CallableSource, Engine, Run
from declared_flows.notation.diagnostics import Diagnostic, InvalidFlows
from declared_flows.planning.loading import DeclaredSource, LoadedFlows, load_flows
from declared_flows.planning.plan import FlowPlan
from declared_flows.planning.surroundings import Surroundings
from declared_flows.service.routes import RouteTable
from declared_flows.sources.port import OpenSource, SourceContext, SourceOptions

VERIFY_SECONDS = 2.0
"""Time in which the sources must say whether they have what is declared, while the service waits for them to start."""

PATIENT_VERIFY_SECONDS = 120.0
"""The same while others are served meanwhile, or nobody is: a model that is started takes its time."""

_SENDERS_A_RUN = 2
"""Requests that may be here, those that are still being read among them, for each run that there may be."""

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

type Guard = Callable[[str, OpenSource, SourceOptions], CallableSource]
"""Puts guards around a source, by its name."""


@dataclass
class SharedSource:
    """An open source and who uses it."""

    declared: DeclaredSource
    manager: AbstractAsyncContextManager[OpenSource]
    source: OpenSource
    called: CallableSource
    users: int = 0


@dataclass
class Generation:
    """Flows that were loaded together."""

    number: int
    plans: Sequence[FlowPlan] = ()
    routes: RouteTable = field(default_factory=lambda: RouteTable(()))
    engine: Engine = field(default_factory=lambda: Engine({}))
    shared: Sequence[SharedSource] = ()
    in_flight: int = 0
    is_retired: bool = False


@dataclass(frozen=True, slots=True)
class FlowState:
    """What is served, and what keeps it from being what the files say."""

    generation: int
    flows: Sequence[str]
    diagnostics: Sequence[Diagnostic] = ()
    problem: str | None = None

    @property
    def serves_nothing(self) -> bool:
        """Whether there are flows and none could be loaded yet: other instances should be asked."""
        return self.generation == 0 and not self.is_sound

    @property
    def is_sound(self) -> bool:
        """Whether what is served is what the files say."""
        return not self.diagnostics and self.problem is None


@dataclass(frozen=True)
class FlowParts:
    """What the flows of a service are made with.

    Args:
        read_files: the texts of the files by name.
        surroundings: what they may refer to.
        context: what sources are given.
        own_sources: the sources that the service has of itself, guarded.
        guard: puts guards around the others.
        max_in_flight: runs at the same time.
        on_state: told after each attempt to load.
    """

    read_files: Callable[[], Awaitable[Mapping[str, str]]]
    surroundings: Surroundings
    context: SourceContext
    own_sources: Mapping[str, CallableSource]
    guard: Guard
    max_in_flight: int
    on_state: Callable[[FlowState], object] = lambda _state: None


class FlowService:
    """Serves flows.

    Args:
        parts: what they are made with.
        now: a clock (seconds).
    """

    def __init__(self, parts: FlowParts, now: Callable[[], float] = time.perf_counter) -> None:
        self._parts = parts
        self._now = now
        self._one_at_a_time = asyncio.Lock()
        self._closing: set[asyncio.Task[None]] = set()
        self._running = 0
        self._held = 0
        self.current = Generation(0)
        self.state = FlowState(0, ())

    @asynccontextmanager
    async def open(self, verify_seconds: float = VERIFY_SECONDS) -> AsyncIterator[None]:
        """The flows are loaded, as far as they are sound; in the end their sources are closed."""
        await self.reload(verify_seconds)
        try:
            yield
        finally:
            async with self._one_at_a_time:
                self._retire(self.current)
            await asyncio.gather(*self._closing)

    async def reload(self, verify_seconds: float = PATIENT_VERIFY_SECONDS) -> FlowState:
        """Load the files again. What is wrong with them is said, and what was served before stays."""
        async with self._one_at_a_time:
            try:
                self.state = await self._load(verify_seconds)
            except InvalidFlows as error:
                self.state = self._unsound(error.diagnostics)
            except OSError as error:
                self.state = self._unsound((), problem=f"The files can't be read: {error.strerror}.")
            except Exception:  # a bug must not end the watch over the files
                log.exception("the flows could not be loaded")
                self.state = self._unsound((), problem="Loading them failed; that has been logged.")
        self._announce()
        self._parts.on_state(self.state)
        return self.state

    async def follow(self, changes: AsyncIterator[object]) -> None:
        """Load the files again whenever they change; to be cancelled."""
        async for _ in changes:
            await self.reload()

    def begin(self) -> Generation:
        """The generation of now, which stays until ``end`` is told of it.

        Raises:
            Overloaded: if too many runs are under way.
        """
        self._check_room()
        if self._held >= _SENDERS_A_RUN * self._parts.max_in_flight:
            raise Overloaded(f"{self._held} requests for flows are being read")
        generation = self.current
        generation.in_flight += 1
        self._held += 1
        return generation

    def end(self, generation: Generation) -> None:
        """A request is done with its generation."""
        self._held -= 1
        generation.in_flight -= 1
        if generation.is_retired and not generation.in_flight:
            self._close(generation)

    async def done(self, generation: Generation, run: Run, seconds: float) -> dict[str, Any]:
        """The answer of a run within its time. From here on it counts: callers who send slowly take nobody's place.

        Raises:
            FlowError, ResilienceError: if there is none.
        """
        self._check_room()
        self._running += 1
        try:
            async with deadline(seconds):
                return await generation.engine.finish(run)
        finally:
            self._running -= 1

    def _check_room(self) -> None:
        if self._running >= self._parts.max_in_flight:
            raise Overloaded(f"{self._running} flows are being done")

    async def _load(self, verify_seconds: float) -> FlowState:
        files = await self._parts.read_files()
        # Beside everything else: fifty files are a tenth of a second of work.
        flows = await asyncio.to_thread(load_flows, files, self._parts.surroundings)
        shared = await self._open_sources(flows)
        try:
            diagnostics = [*await _verify(shared, verify_seconds), *await try_examples(flows.plans)]
            if diagnostics and self.current.number:
                raise InvalidFlows(diagnostics)  # noqa: TRY301  what was opened is closed below
        except BaseException:
            await self._close_unused(shared)
            raise
        # At the start nothing is served yet: one source that lacks something does not keep all flows from it.
        self._swap(flows, shared)
        return FlowState(self.current.number, [plan.name for plan in flows.plans], tuple(sorted(diagnostics)))

    async def _open_sources(self, flows: LoadedFlows) -> list[SharedSource]:
        known = {source.declared.name: source for source in self.current.shared}
        used = {step.source for plan in flows.plans for step in plan.steps}
        shared: list[SharedSource] = []
        try:
            for name, declared in flows.sources.items():
                before = known.get(name)
                if name not in used:
                    continue
                if before and before.declared.options == declared.options and before.declared.kind is declared.kind:
                    before.declared = declared  # it may stand elsewhere now
                    shared.append(before)
                else:
                    shared.append(await self._open(declared))
        except BaseException:
            await self._close_unused(shared)
            raise
        return shared

    async def _open(self, declared: DeclaredSource) -> SharedSource:
        manager = declared.kind.open(declared.name, declared.options, self._parts.context)
        try:
            source = await manager.__aenter__()
        except STEP_ERRORS as error:  # such as a secret that is no address
            raise InvalidFlows([declared.location.diagnostic(str(error))]) from error
        return SharedSource(declared, manager, source, self._parts.guard(declared.name, source, declared.options))

    def _swap(self, flows: LoadedFlows, shared: Sequence[SharedSource]) -> None:
        before = self.current
        sources = {**self._parts.own_sources, **{source.declared.name: source.called for source in shared}}
        for source in shared:
            source.users += 1
        self.current = Generation(
            before.number + 1, flows.plans, RouteTable(flows.plans), Engine(sources, self._now), shared
        )
        self._retire(before)

    def _retire(self, generation: Generation) -> None:
        generation.is_retired = True
        if not generation.in_flight:
            self._close(generation)

    def _close(self, generation: Generation) -> None:
        for source in generation.shared:
            source.users -= 1
        unused = [source for source in generation.shared if not source.users]
        if unused:
            closing = asyncio.create_task(self._close_unused(unused))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    async def _close_unused(self, shared: Iterable[SharedSource]) -> None:
        for source in shared:
            if not source.users:
                try:
                    await source.manager.__aexit__(None, None, None)
                except Exception:  # one source that can't be closed must not keep the others open
                    log.exception("a source could not be closed", source=source.declared.name)

    def _unsound(self, diagnostics: Sequence[Diagnostic], problem: str | None = None) -> FlowState:
        served = [plan.name for plan in self.current.plans]
        return FlowState(self.current.number, served, tuple(diagnostics), problem)

    def _announce(self) -> None:
        state = self.state
        if state.is_sound:
            log.info("flows loaded", generation=state.generation, flows=list(state.flows))
            return
        for diagnostic in state.diagnostics[:20]:
            log.error(
                "a mistake in the flows", place=f"{diagnostic.file}:{diagnostic.line}", mistake=diagnostic.message
            )
        log.error(
            "the flows are not as their files say",
            mistakes=len(state.diagnostics),
            problem=state.problem,
            served=list(state.flows),
        )


async def _verify(shared: Sequence[SharedSource], seconds: float) -> list[Diagnostic]:
    """What sources lack. One that can't say so now is no mistake: it may come later."""
    found = await asyncio.gather(*(_verify_source(source, seconds) for source in shared))
    return [diagnostic for diagnostics in found for diagnostic in diagnostics]


async def _verify_source(shared: SharedSource, seconds: float) -> list[Diagnostic]:
    declared = shared.declared
    try:
        async with deadline(seconds):
            missing = await shared.source.verify()
    except (UpstreamError, DeadlineExceeded) as error:
        reason = getattr(error, "reason", None) or str(error)
        log.warning("a source can't be verified now", source=declared.name, reason=reason)
        return []
    except STEP_ERRORS as error:
        return [declared.location.diagnostic(str(error))]
    return [declared.location.diagnostic(sentence) for sentence in missing]
