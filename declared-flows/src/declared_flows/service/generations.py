"""Sets of flows that are loaded together, and the sources that they share.

A request finishes with the generation that it began with, whose sources stay open until then. A source that did not
change is shared with the next generation.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

import structlog

from declared_flows.errors import STEP_ERRORS
from declared_flows.execution.dry_run import try_examples
from declared_flows.execution.engine import Engine
from declared_flows.execution.run import CallableSource
from declared_flows.notation.diagnostics import InvalidFlows
from declared_flows.planning.loading import DeclaredSource, LoadedFlows, load_flows
from declared_flows.planning.plan import FlowPlan
from declared_flows.planning.surroundings import Surroundings
from declared_flows.service.routes import RouteTable
from declared_flows.service.state import FlowState
from declared_flows.service.verification import verify_sources
from declared_flows.sources.port import OpenSource, SourceContext, SourceOptions

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

type Guard = Callable[[str, OpenSource, SourceOptions], CallableSource]
"""Puts guards around a source, by its name."""


@dataclass(frozen=True, kw_only=True)
class SourceParts:
    """What generations are made with.

    Args:
        read_files: the texts of the files by name.
        surroundings: what they may refer to.
        context: what sources are given.
        own_sources: the sources that need no declaration, guarded.
        guard: puts guards around the others.
    """

    read_files: Callable[[], Awaitable[Mapping[str, str]]]
    surroundings: Surroundings
    context: SourceContext
    own_sources: Mapping[str, CallableSource]
    guard: Guard


@dataclass
class SharedSource:
    """An open source and who uses it."""

    declared: DeclaredSource
    manager: AbstractAsyncContextManager[OpenSource]
    source: OpenSource
    callable: CallableSource
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


class Generations:
    """Loads flows, and swaps them while they serve.

    Args:
        parts: what they are made with.
        now: a clock (seconds).
    """

    def __init__(self, parts: SourceParts, now: Callable[[], float] = time.perf_counter) -> None:
        self._parts = parts
        self._now = now
        self._closing: set[asyncio.Task[None]] = set()
        self.current = Generation(0)

    def begin(self) -> Generation:
        """Return the generation of now, which stays until ``end``."""
        self.current.in_flight += 1
        return self.current

    def end(self, generation: Generation) -> None:
        """Close the sources of a generation that nobody needs any longer."""
        generation.in_flight -= 1
        if generation.is_retired and not generation.in_flight:
            self._close(generation)

    async def load(self, verify_seconds: float) -> FlowState:
        """Load the files into a new generation.

        Args:
            verify_seconds: how long sources have to verify their declarations.

        Raises:
            InvalidFlows: if the files are wrong; what was served before stays.
            OSError: if they can't be read.
        """
        files = await self._parts.read_files()
        # In a thread: fifty files take a tenth of a second.
        flows = await asyncio.to_thread(load_flows, files, self._parts.surroundings)
        shared = await self._open_sources(flows)
        try:
            verified = [(source.declared, source.source) for source in shared]
            diagnostics = [*await verify_sources(verified, verify_seconds), *await try_examples(flows.plans)]
            if diagnostics and self.current.number:
                raise InvalidFlows(diagnostics)  # noqa: TRY301  what was opened is closed below
        except BaseException:
            await self._close_unused(shared)
            raise
        # At the start nothing is served yet: one source that lacks something must not block all flows.
        self._swap(flows, shared)
        return FlowState(self.current.number, [plan.name for plan in flows.plans], tuple(sorted(diagnostics)))

    async def aclose(self) -> None:
        """Close all sources, once the requests that are under way have ended."""
        self._retire(self.current)
        await asyncio.gather(*self._closing)

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
        except STEP_ERRORS as error:  # such as a secret that is not an address
            raise InvalidFlows([declared.location.diagnostic(str(error))]) from error
        return SharedSource(declared, manager, source, self._parts.guard(declared.name, source, declared.options))

    def _swap(self, flows: LoadedFlows, shared: Sequence[SharedSource]) -> None:
        before = self.current
        sources = {**self._parts.own_sources, **{source.declared.name: source.callable for source in shared}}
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
        closing = asyncio.create_task(self._close_engine(generation.engine, unused))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def _close_engine(self, engine: Engine, unused: Sequence[SharedSource]) -> None:
        await engine.aclose()
        await self._close_unused(unused)

    async def _close_unused(self, shared: Iterable[SharedSource]) -> None:
        for source in shared:
            if not source.users:
                try:
                    await source.manager.__aexit__(None, None, None)
                except Exception:  # one source that can't be closed must not keep the others open
                    log.exception("a source could not be closed", source=source.declared.name)
