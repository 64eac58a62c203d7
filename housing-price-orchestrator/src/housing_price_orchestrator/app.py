"""The composition root: the one place that knows every concrete part and connects them."""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from typing import Any

import httpx
from fastapi import FastAPI
from house_record import House

from housing_price_orchestrator.api.body import BodyReader
from housing_price_orchestrator.api.cors import Cors
from housing_price_orchestrator.api.direct_routes import DirectRoutes, direct_routes
from housing_price_orchestrator.api.documentation_pages import add_documentation_pages
from housing_price_orchestrator.api.documents import house_batch
from housing_price_orchestrator.api.openapi import DESCRIPTION, describe, operation_id
from housing_price_orchestrator.api.operations import operations_routes
from housing_price_orchestrator.api.pricing import Pricing, pricing_routes
from housing_price_orchestrator.api.problems import handle_errors, internal_error
from housing_price_orchestrator.observability.metrics import Metrics
from housing_price_orchestrator.observability.observed_model import ObservedModel
from housing_price_orchestrator.observability.request_log import RequestLog, refused_request
from housing_price_orchestrator.observability.request_record import outgoing_headers
from housing_price_orchestrator.provider.embedded_model import embedded_model
from housing_price_orchestrator.provider.http_transport import http_transport
from housing_price_orchestrator.provider.mlflow_model import MlflowModel
from housing_price_orchestrator.resilience.bulkhead import Bulkhead
from housing_price_orchestrator.resilience.exact_repeats import RememberedModel
from housing_price_orchestrator.resilience.micro_batching import MergedModel
from housing_price_orchestrator.service.ports import Model
from housing_price_orchestrator.service.pricing import PricingService, is_usable
from housing_price_orchestrator.service.readiness import ReadinessProbe
from housing_price_orchestrator.settings import PricingModelSettings, RepeatSettings, Settings

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
    upstream, connection = _upstream(settings.pricing_model, transport)
    merged = _merged(ObservedModel(upstream, metrics), settings.pricing_model, metrics)
    pricing = PricingService(merged, _remembered(merged, settings.repeats, metrics))
    metrics.waiting.set_function(lambda: merged.waiting)
    probe = ReadinessProbe(pricing, settings.readiness)
    metrics.ready.set_function(lambda: probe.readiness.is_ready)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(connection)
            stack.push_async_callback(merged.aclose)
            await stack.enter_async_context(_running(probe.run(), metrics.watch_event_loop(time.monotonic)))
            yield

    app = FastAPI(
        title="Housing price API",
        version=version("housing-price-orchestrator"),
        description=DESCRIPTION,
        openapi_url=OPENAPI_URL,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=operation_id,
        lifespan=lifespan,
    )
    batch = house_batch(settings.limits.max_rows)
    body = BodyReader(settings.limits, batch, metrics.field_refused)
    endpoints = Pricing(pricing, body, metrics, settings.pricing_model)
    pricing_router = pricing_routes(endpoints, batch)
    app.include_router(pricing_router)
    app.include_router(operations_routes(probe.readiness, metrics))
    add_documentation_pages(app, OPENAPI_URL)
    describe(app, [House, batch])
    handle_errors(app)
    app.state.refuse = refused_request(metrics)
    app.add_middleware(DirectRoutes, routes=direct_routes(pricing_router))
    _add_middleware(app, settings, metrics)
    return app


def _upstream(
    settings: PricingModelSettings, transport: httpx.AsyncBaseTransport | None
) -> tuple[Model, AbstractAsyncContextManager[object]]:
    """The model that is asked, and what must be open meanwhile."""
    if settings.mode == "embedded":
        embedded = embedded_model(settings)
        return embedded, embedded
    transport = transport or http_transport(settings)
    bulkhead = Bulkhead(settings.pool_size, settings.max_waiting)
    return MlflowModel(transport, bulkhead, settings, outgoing_headers), transport


def _merged(model: Model, settings: PricingModelSettings, metrics: Metrics) -> MergedModel:
    return MergedModel(
        model,
        calls_at_once=settings.max_connections,
        slice_calls=settings.max_slice_calls,
        max_rows=settings.max_merged_rows,
        slice_rows=settings.slice_rows,
        max_waiting=settings.max_waiting,
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


def _add_middleware(app: FastAPI, settings: Settings, metrics: Metrics) -> None:
    if settings.cors.origins:
        app.add_middleware(
            Cors,
            allow_origins=settings.cors.origins,
            allow_methods=("GET", "POST"),
            allow_headers=("content-type", "x-request-id", "traceparent"),
            expose_headers=("x-request-id", "retry-after", "server-timing"),
            max_age=3600,
        )
    app.add_middleware(RequestLog, metrics=metrics, settings=settings.log, answer_to_bug=internal_error)


@asynccontextmanager
async def _running(*tasks: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    running = [asyncio.create_task(task) for task in tasks]
    try:
        yield
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
