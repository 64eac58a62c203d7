"""The composition root: the one place that knows every concrete part and connects them."""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from importlib.metadata import version
from typing import Any

import httpx
from fastapi import FastAPI
from house_record import House

from housing_price_orchestrator.api.access_documents import describe_access
from housing_price_orchestrator.api.body import BodyReader
from housing_price_orchestrator.api.direct_routes import DirectRoutes, direct_routes
from housing_price_orchestrator.api.documentation_pages import add_documentation_pages
from housing_price_orchestrator.api.documents import house_batch
from housing_price_orchestrator.api.openapi import DESCRIPTION, describe, operation_id
from housing_price_orchestrator.api.operations import operations_routes
from housing_price_orchestrator.api.pricing import Pricing, pricing_routes
from housing_price_orchestrator.api.problems import handle_errors
from housing_price_orchestrator.entrance import Entrance
from housing_price_orchestrator.observability.log_queue import dropped_lines
from housing_price_orchestrator.observability.metrics import Metrics
from housing_price_orchestrator.observability.observed_model import ObservedModel
from housing_price_orchestrator.observability.request_log import RequestLog, refused_request
from housing_price_orchestrator.observability.request_record import outgoing_headers
from housing_price_orchestrator.observability.resilience_events import observed_by
from housing_price_orchestrator.provider.embedded_model import embedded_model
from housing_price_orchestrator.provider.http_transport import http_transport
from housing_price_orchestrator.provider.mlflow_model import MlflowModel
from housing_price_orchestrator.resilience.admission import Admission
from housing_price_orchestrator.resilience.bulkhead import Bulkhead
from housing_price_orchestrator.resilience.circuit_breaker import BreakerModel, CircuitBreaker
from housing_price_orchestrator.resilience.deadline import PunctualModel
from housing_price_orchestrator.resilience.events import OnEvent
from housing_price_orchestrator.resilience.exact_repeats import RememberedModel
from housing_price_orchestrator.resilience.micro_batching import MergedModel
from housing_price_orchestrator.resilience.pinging import first_answer
from housing_price_orchestrator.resilience.replicas import BalancedModel, Replica
from housing_price_orchestrator.resilience.retry import RetriedModel
from housing_price_orchestrator.resilience.waiting_time import WaitLimits
from housing_price_orchestrator.service.ports import Model
from housing_price_orchestrator.service.pricing import PricingService, is_usable
from housing_price_orchestrator.service.readiness import ReadinessProbe
from housing_price_orchestrator.settings import PricingModelSettings, RepeatSettings, Settings

OPENAPI_URL = "/openapi.json"

PING_SECONDS = 1.0
"""Time in which a model server must answer a ping."""


def create_app(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> FastAPI:
    """The application; what has a connection is opened and closed by its lifespan.

    Args:
        settings: how it runs.
        transport: how it reaches the model server, where that is not by a pool of its own.

    Raises:
        EmbeddedModelUnavailable: if the model is to run in this process and can't.
    """
    metrics = Metrics()
    on_event = observed_by(metrics)
    upstream, connection = _upstream(settings, transport, metrics, on_event)
    merged = _merged(upstream, settings, metrics, on_event)
    admission = Admission(settings.admission, merged, on_event)
    pricing = PricingService(merged, _remembered(merged, settings.repeats, metrics))
    metrics.waiting.set_function(lambda: merged.waiting)
    entrance = Entrance(settings, metrics)
    probe = ReadinessProbe(pricing, settings.readiness)
    metrics.dropped_log_lines.set_function(dropped_lines)
    metrics.ready.set_function(lambda: probe.readiness.takes_requests)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(connection)
            await stack.enter_async_context(entrance.opened())
            stack.push_async_callback(merged.aclose)
            tasks = probe.run(), metrics.watch_event_loop(time.monotonic), entrance.watch()
            await stack.enter_async_context(_running(*tasks))
            yield

    app = FastAPI(
        title="Housing price API",
        version=version("housing-price-orchestrator"),
        description=DESCRIPTION,
        openapi_url=OPENAPI_URL if settings.docs.enabled else None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=operation_id,
        lifespan=lifespan,
    )
    batch = house_batch(settings.limits.max_rows)
    body = BodyReader(settings.limits, batch, metrics.field_refused)
    endpoints = Pricing(pricing, body, metrics, admission, settings.pricing_model)
    pricing_router = pricing_routes(endpoints, batch)
    operations_router = operations_routes(probe.readiness, metrics)
    app.include_router(pricing_router)
    app.include_router(operations_router)
    policies = add_documentation_pages(app, OPENAPI_URL) if settings.docs.enabled else {}
    describe(app, [House, batch])
    describe_access(app)
    handle_errors(app)
    app.state.refuse = refused_request(metrics)
    app.state.end_soon = probe.readiness.end_soon
    direct = direct_routes(pricing_router)
    app.add_middleware(DirectRoutes, routes=direct)
    routes = [*app.routes, *pricing_router.routes, *operations_router.routes]
    entrance.add_to(app, routes, direct, body, policies)
    app.add_middleware(RequestLog, metrics=metrics, settings=settings.log, answer_to_bug=entrance.answer_to_bug)
    return app


def _upstream(
    settings: Settings, transport: httpx.AsyncBaseTransport | None, metrics: Metrics, on_event: OnEvent
) -> tuple[Model, AbstractAsyncContextManager[object]]:
    """The model that is asked, and what must be open meanwhile."""
    if settings.pricing_model.mode == "embedded":
        embedded = embedded_model(settings.pricing_model)
        return ObservedModel(PunctualModel(embedded), metrics), embedded
    transport = transport or http_transport(settings.pricing_model)
    servers = {url: _server(url, settings.pricing_model, transport) for url in settings.pricing_model.urls}
    replicas = [Replica(url, ObservedModel(PunctualModel(server), metrics, url)) for url, server in servers.items()]
    retried = RetriedModel(
        BalancedModel(replicas, settings.ejection, on_event=on_event), settings.retry, on_event=on_event
    )
    breaker = BreakerModel(
        retried,
        CircuitBreaker(settings.breaker, on_event),
        ping=partial(first_answer, [server.ping for server in servers.values()], PING_SECONDS),
        ping_seconds=settings.breaker.ping_seconds,
        rows_of_a_call=settings.pricing_model.max_merged_rows,
    )
    return breaker, _opened(transport, breaker)


def _server(url: str, settings: PricingModelSettings, transport: httpx.AsyncBaseTransport) -> MlflowModel:
    bulkhead = Bulkhead(settings.pool_size, settings.max_waiting, settings.pool_timeout_seconds)
    return MlflowModel(url, transport, bulkhead, settings, outgoing_headers)


@asynccontextmanager
async def _opened(transport: httpx.AsyncBaseTransport, breaker: BreakerModel) -> AsyncIterator[None]:
    async with transport:
        try:
            yield
        finally:
            await breaker.aclose()


def _merged(model: Model, settings: Settings, metrics: Metrics, on_event: OnEvent) -> MergedModel:
    calls = settings.pricing_model
    return MergedModel(
        model,
        calls_at_once=calls.max_connections * calls.replicas,
        slice_calls=calls.max_slice_calls * calls.replicas,
        max_rows=calls.max_merged_rows,
        slice_rows=calls.slice_rows,
        side_by_side=calls.replicas,
        max_waiting=calls.max_waiting,
        wait_limits=WaitLimits(settings.admission.max_wait_seconds, settings.admission.max_batch_wait_seconds),
        on_event=on_event,
        on_call=metrics.call_merged,
    )


def _remembered(model: Model, settings: RepeatSettings, metrics: Metrics) -> RememberedModel | None:
    if not settings.enabled:
        return None
    return RememberedModel(
        model,
        size=settings.max_rows,
        ttl_seconds=settings.ttl_seconds,
        is_usable=is_usable,
        on_lookup=metrics.repeat,
    )


@asynccontextmanager
async def _running(*tasks: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    running = [asyncio.create_task(task) for task in tasks]
    try:
        yield
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
