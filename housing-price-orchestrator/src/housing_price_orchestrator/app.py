"""The composition root: the one place that knows every concrete part and connects them."""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from typing import Any

import httpx
from fastapi import FastAPI
from house_record import House

from housing_price_orchestrator.api.body import BodyReader
from housing_price_orchestrator.api.cors import Cors
from housing_price_orchestrator.api.documentation_pages import add_documentation_pages
from housing_price_orchestrator.api.documents import house_batch
from housing_price_orchestrator.api.openapi import DESCRIPTION, describe, operation_id
from housing_price_orchestrator.api.operations import operations_routes
from housing_price_orchestrator.api.pricing import pricing_routes
from housing_price_orchestrator.api.problems import handle_errors, internal_error
from housing_price_orchestrator.observability.metrics import Metrics
from housing_price_orchestrator.observability.observed_model import ObservedModel
from housing_price_orchestrator.observability.request_log import RequestLog, refused_request
from housing_price_orchestrator.observability.request_record import outgoing_headers
from housing_price_orchestrator.provider.http_client import http_client
from housing_price_orchestrator.provider.mlflow_model import MlflowModel
from housing_price_orchestrator.resilience.bulkhead import Bulkhead
from housing_price_orchestrator.service.pricing import PricingService
from housing_price_orchestrator.service.readiness import ReadinessProbe
from housing_price_orchestrator.settings import Settings

OPENAPI_URL = "/openapi.json"


def create_app(settings: Settings, client: httpx.AsyncClient | None = None) -> FastAPI:
    """The application; what has a connection is opened and closed by its lifespan.

    Args:
        settings: how it runs.
        client: how it reaches the model server, where that is not by a pool of its own.
    """
    metrics = Metrics()
    client = client or http_client(settings.pricing_model)
    bulkhead = Bulkhead(settings.pricing_model.max_connections, settings.pricing_model.max_waiting)
    metrics.waiting.set_function(lambda: bulkhead.waiting)
    model = MlflowModel(client, bulkhead, settings.pricing_model, outgoing_headers)
    pricing = PricingService(ObservedModel(model, metrics))
    probe = ReadinessProbe(pricing, settings.readiness)
    metrics.ready.set_function(lambda: probe.readiness.is_ready)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(client)
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
    body = BodyReader(settings.limits, metrics.field_refused)
    app.include_router(pricing_routes(pricing, body, metrics, settings.pricing_model, batch))
    app.include_router(operations_routes(probe.readiness, metrics))
    add_documentation_pages(app, OPENAPI_URL)
    describe(app, [House, batch])
    handle_errors(app)
    app.state.refuse = refused_request(metrics)
    _add_middleware(app, settings, metrics)
    return app


def _add_middleware(app: FastAPI, settings: Settings, metrics: Metrics) -> None:
    if settings.cors.origins:
        app.add_middleware(
            Cors,
            allow_origins=settings.cors.origins,
            allow_methods=("GET", "POST"),
            allow_headers=("content-type", "x-request-id", "traceparent"),
            expose_headers=("x-request-id", "retry-after"),
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
