"""Composes the flows of the service: sources, guards, files and a store of executions."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog
from declared_flows.execution.guard import DirectSource, GuardedSource
from declared_flows.executions.sampling import Sampler
from declared_flows.executions.store import Executions
from declared_flows.notation.diagnostics import InvalidFlows
from declared_flows.planning.plan import SourceSignature
from declared_flows.planning.surroundings import Surroundings
from declared_flows.service.files import FlowFiles
from declared_flows.service.flows import PATIENT_VERIFY_SECONDS, FlowParts, FlowService
from declared_flows.service.generations import Guard
from declared_flows.service.requests import PlainRequest
from declared_flows.service.state import FlowState
from declared_flows.sources.port import OpenSource, SourceContext, SourceOptions
from execution_store.store import ExecutionsStore, StoreOptions
from fastapi import FastAPI
from house_record import AMES, Record
from pydantic_core import from_json
from upstream_resilience.admission import Admission
from upstream_resilience.events import BreakerChanged, Event

from housing_price_orchestrator.api.flows.documents import describe_flows
from housing_price_orchestrator.api.flows.routes import FlowRoutes
from housing_price_orchestrator.api.http.body import BodyReader
from housing_price_orchestrator.api.http.problems import kind_of
from housing_price_orchestrator.bootstrap import flow_surroundings
from housing_price_orchestrator.bootstrap.model import Listeners, Upstream
from housing_price_orchestrator.observability.metrics.metrics import Metrics
from housing_price_orchestrator.service import flow_source
from housing_price_orchestrator.service.events import OnPricesAnswered
from housing_price_orchestrator.service.flow_source import PricingModelSource
from housing_price_orchestrator.service.pricing import PricingService
from housing_price_orchestrator.settings import FlowSettings, Settings

SECONDS_A_DAY = 86_400.0

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def surroundings(settings: Settings, record: Record = AMES) -> Surroundings:
    """Return what the files of flows may refer to with these settings."""
    return replace(
        flow_surroundings.surroundings(record),
        own_sources={
            flow_source.NAME: SourceSignature(flow_source.signatures(record), settings.pricing_model.timeout_seconds)
        },
        secrets=frozenset(settings.flows.secrets),
    )


async def run_once(settings: Settings, place: Path, flow: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Run a flow for one request with its real sources, outside of a service.

    Args:
        settings: how the service would run.
        place: the flow's file or folder.
        flow: its name.
        given: the request: `path`, `query`, `headers` and `body`.

    Raises:
        InvalidFlows: if the files are wrong.
        ValueError: if the flow does not take the request.
        FlowError, ResilienceError: if there is no answer.
    """
    metrics = Metrics()
    upstream = Upstream(settings, AMES, None, Listeners.of(metrics))
    pricing = PricingService(AMES, upstream.batcher, upstream.directory)
    files = FlowFiles(place)
    service = FlowService(
        _parts(settings, AMES, files, PricingModelSource(pricing, settings.valuation.date), _guard(settings, metrics))
    )
    async with upstream.open(), service.open(PATIENT_VERIFY_SECONDS):
        if service.state.diagnostics:
            raise InvalidFlows(service.state.diagnostics)
        if service.state.problem:
            raise ValueError(service.state.problem)
        plan = next(plan for plan in service.current.plans if plan.name == flow)
        document: dict[str, Any] = from_json(await service.run(plan, PlainRequest(given)))
        return document


class Flows:
    """The flows of a service, and where their runs are kept.

    Args:
        settings: how the service runs; with a folder of flows.
        folder: that folder.
        pricing: prices houses, for flows too.
        admission: lets their requests in, as others.
        metrics: where everything is counted.
        on_answered: hear of houses that flows priced.
    """

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        pricing: PricingService,
        admission: Admission,
        metrics: Metrics,
        on_answered: Sequence[OnPricesAnswered],
    ) -> None:
        self._settings = settings.flows
        self._metrics = metrics
        self._files = FlowFiles(folder)
        priced = PricingModelSource(pricing, settings.valuation.date, admission.of, on_answered)
        parts = _parts(settings, pricing.record, self._files, priced, _guard(settings, metrics))
        self._store = ExecutionsStore(
            StoreOptions(
                url=settings.flows.executions_place,
                retention_seconds=settings.flows.executions_days * SECONDS_A_DAY,
                max_rows=settings.flows.max_executions,
            ),
            on_dropped=metrics.flows.executions_dropped.inc,
            on_state=self._note_store,
        )
        self.service = FlowService(
            replace(
                parts,
                executions=self._store,
                sampler=Sampler(settings.flows.executions_per_second),
                code_of=lambda error: kind_of(error).code,
                on_state=self._count_flows,
                on_run=metrics.flows.count_run,
            )
        )

    @property
    def executions(self) -> Executions:
        """Where runs are kept."""
        return self._store

    def routes(self, body: BodyReader) -> FlowRoutes:
        """Return the routes of the flows."""
        return FlowRoutes(self.service, body)

    def describe(self, app: FastAPI) -> None:
        """Add the flows to what ``app.openapi()`` returns."""
        describe_flows(app, self.service)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Serve the flows meanwhile."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._store)
            await stack.enter_async_context(self.service.open())
            yield

    async def watch(self) -> None:
        """Follow the files for ever, if the settings say so; to be cancelled."""
        if self._settings.watch:
            await self.service.follow(self._files.changes())

    def find_problems(self) -> Mapping[str, str]:
        """Return what is out of order and stops no request, for `/ready`; the log has the database's own words."""
        if self._store.failure is None:
            return {}
        return {"executions": "Executions can't be stored now, and wait in memory; the log says why."}

    def _note_store(self, failure: str | None) -> None:
        if failure:
            advice = "ORCHESTRATOR_FLOWS__EXECUTIONS_URL says where; flows are served meanwhile"
            log.error(
                "executions can't be stored; they are queued", reason=self._store.failure, kind=failure, advice=advice
            )
        else:
            log.info("executions are stored again")

    def _count_flows(self, state: FlowState) -> None:
        self._metrics.flows.note_loaded(len(state.flows), sound=state.is_sound)


def _parts(settings: Settings, record: Record, files: FlowFiles, priced: PricingModelSource, guard: Guard) -> FlowParts:
    return FlowParts(
        read_files=files.read,
        surroundings=surroundings(settings, record),
        context=SourceContext(
            folder=files.folder,
            secrets=_secrets(settings.flows),
            max_answer_bytes=settings.pricing_model.max_answer_bytes,
        ),
        own_sources={flow_source.NAME: DirectSource(priced)},
        guard=guard,
        max_in_flight=settings.flows.max_in_flight,
    )


def _guard(settings: Settings, metrics: Metrics) -> Guard:
    def guarded(name: str, source: OpenSource, options: SourceOptions) -> GuardedSource:
        def observe(event: Event) -> None:
            if isinstance(event, BreakerChanged):
                metrics.flows.set_source_breaker(name, event.state)
                log.warning("circuit breaker of a source changed", source=name, state=event.state)

        metrics.flows.set_source_breaker(name, "closed")
        return GuardedSource(source, options, settings.breaker, settings.retry, on_event=observe)

    return guarded


def _secrets(settings: FlowSettings) -> Mapping[str, str]:
    return {name: secret.get_secret_value() for name, secret in settings.secrets.items()}
