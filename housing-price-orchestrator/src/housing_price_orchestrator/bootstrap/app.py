"""The composition root: the one place that knows every concrete part and connects them."""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import httpx
from declared_flows.executions.store import NoExecutions
from fastapi import FastAPI
from house_record import House
from upstream_resilience.admission import Admission

from housing_price_orchestrator.api.documents import house_batch
from housing_price_orchestrator.api.flows.admin import flow_admin_routes
from housing_price_orchestrator.api.flows.executions import executions_routes
from housing_price_orchestrator.api.http.access_documents import describe_access
from housing_price_orchestrator.api.http.body import BodyReader
from housing_price_orchestrator.api.http.direct_routes import DirectRoutes, direct_routes, no_other_routes
from housing_price_orchestrator.api.http.documentation_pages import add_documentation_pages
from housing_price_orchestrator.api.http.openapi import DESCRIPTION, describe, operation_id
from housing_price_orchestrator.api.http.problems import handle_errors
from housing_price_orchestrator.api.http.security_headers import SecurityHeaders
from housing_price_orchestrator.api.operations import operations_routes
from housing_price_orchestrator.api.pricing import Pricing, pricing_routes
from housing_price_orchestrator.bootstrap.entrance import Entrance
from housing_price_orchestrator.bootstrap.model import Upstream
from housing_price_orchestrator.observability.log_queue import dropped_lines
from housing_price_orchestrator.observability.metrics import Metrics
from housing_price_orchestrator.observability.request_log import RequestLog, refused_request
from housing_price_orchestrator.observability.resilience_events import observed_by
from housing_price_orchestrator.provider.model.decorators.caching import RememberedModel
from housing_price_orchestrator.service.ports import Model
from housing_price_orchestrator.service.pricing import PricingService, is_usable
from housing_price_orchestrator.service.readiness import ReadinessProbe
from housing_price_orchestrator.settings import RepeatSettings, Settings

if TYPE_CHECKING:
    from housing_price_orchestrator.bootstrap.flows import Flows

OPENAPI_URL = "/openapi.json"


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
    upstream = Upstream(settings, transport, metrics, on_event)
    merged = upstream.merged
    admission = Admission(settings.admission, merged, on_event)
    pricing = PricingService(merged, _remembered(merged, settings.repeats, metrics))
    metrics.waiting.set_function(lambda: merged.waiting)
    entrance = Entrance(settings, metrics)
    probe = ReadinessProbe(pricing, settings.readiness)
    flows = _flows(settings, pricing, admission, metrics)
    metrics.dropped_log_lines.set_function(dropped_lines)
    metrics.ready.set_function(lambda: probe.readiness.takes_requests)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(upstream.opened())
            await stack.enter_async_context(entrance.opened())
            tasks = [probe.run(), metrics.watch_event_loop(time.monotonic), entrance.watch()]
            if flows:
                await stack.enter_async_context(flows.opened())
                tasks.append(flows.watch())
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
    operations_router = operations_routes(probe.readiness, metrics, flows.service if flows else None)
    admin_router = flow_admin_routes(flows.service if flows else None)
    executions_router = executions_routes(flows.executions if flows else NoExecutions())
    routers = pricing_router, operations_router, admin_router, executions_router
    for router in routers:
        app.include_router(router)
    policies = add_documentation_pages(app, OPENAPI_URL) if settings.docs.enabled else {}
    describe(app, [House, batch])
    if flows:
        flows.describe(app)
    describe_access(app)
    handle_errors(app)
    app.state.refuse = refused_request(metrics)
    app.state.end_soon = probe.readiness.end_soon
    direct = direct_routes(pricing_router)
    others = flows.routes(body) if flows else no_other_routes
    app.add_middleware(DirectRoutes, routes=direct, others=others)
    routes = [*app.routes, *(route for router in routers for route in router.routes)]
    entrance.add_to(app, routes, direct, body)
    app.add_middleware(
        RequestLog,
        metrics=metrics,
        settings=settings.log,
        answer_to_bug=entrance.answer_to_bug,
        headers_of=SecurityHeaders(policies, settings.hsts_seconds),
    )
    return app


def _flows(settings: Settings, pricing: PricingService, admission: Admission, metrics: Metrics) -> "Flows | None":
    if settings.flows.folder is None:
        return None
    # What flows need takes as long to import, and as much memory, as half of all else.
    from housing_price_orchestrator.bootstrap.flows import Flows

    return Flows(settings, settings.flows.folder, pricing, admission, metrics)


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
