"""The composition root: the FastAPI application around the service."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version

import httpx
from declared_flows.executions.store import NoExecutions
from fastapi import APIRouter, FastAPI
from house_record import AMES, Record
from pydantic import BaseModel
from starlette.routing import BaseRoute, Route

from housing_price_orchestrator.api.documents import house_batch
from housing_price_orchestrator.api.flows.admin import flow_admin_routes
from housing_price_orchestrator.api.flows.executions import executions_routes
from housing_price_orchestrator.api.http.access_documents import describe_access
from housing_price_orchestrator.api.http.body import BodyReader
from housing_price_orchestrator.api.http.direct_routes import DirectRoutes, direct_routes, no_other_routes
from housing_price_orchestrator.api.http.documentation_pages import add_documentation_pages, add_front_page
from housing_price_orchestrator.api.http.openapi import DESCRIPTION, describe, operation_id
from housing_price_orchestrator.api.http.problems import handle_errors
from housing_price_orchestrator.api.http.public_address import PublicAddress
from housing_price_orchestrator.api.http.security_headers import SecurityHeaders
from housing_price_orchestrator.api.operations import operations_routes
from housing_price_orchestrator.api.pricing import Pricing, pricing_routes
from housing_price_orchestrator.bootstrap.service import Service
from housing_price_orchestrator.observability.request_log import RequestLog, refused_request
from housing_price_orchestrator.settings import Settings

OPENAPI_URL = "/openapi.json"


def create_app(settings: Settings, transport: httpx.AsyncBaseTransport | None = None, record: Record = AMES) -> FastAPI:
    """Build the application; its lifespan opens and closes everything that has a connection.

    Args:
        settings: how it runs.
        transport: reaches the model server, instead of a connection pool of its own.
        record: what a house is; the service keeps it for its life.

    Raises:
        EmbeddedModelUnavailable: if the model is to run in this process and can't.
    """
    service = Service(settings, record, transport)
    app = _new_app(settings, service)
    batch = house_batch(record, settings.limits.max_rows)
    body = BodyReader(record, settings.limits, batch, service.metrics.houses.count_refused_field)
    endpoints = Pricing(
        service.pricing,
        body,
        service.admission,
        settings.pricing_model,
        settings.valuation.date,
        service.on_answered,
    )
    pricing_router = pricing_routes(endpoints, record, batch)
    routers = [pricing_router, *_other_routers(service)]
    for router in routers:
        app.include_router(router)
    page_policies = _describe(app, settings, [record.house, batch], service)
    handle_errors(app)

    # What is added first runs last.
    direct = direct_routes(pricing_router)
    others = service.flows.routes(body) if service.flows else no_other_routes
    app.add_middleware(DirectRoutes, routes=direct, others=others)
    routes = [*app.routes, *(route for router in routers for route in router.routes)]
    service.access.add_to(app, routes, direct, body)
    app.add_middleware(
        RequestLog,
        metrics=service.metrics.requests,
        settings=settings.log,
        answer_to_bug=service.access.answer_to_bug,
        headers_of=SecurityHeaders(page_policies, settings.hsts_seconds),
    )
    app.add_middleware(
        PublicAddress, documents=_documents(routes), root_path=settings.root_path, proxies=service.access.proxies
    )
    return app


def _documents(routes: Iterable[BaseRoute]) -> frozenset[str]:
    """The paths that are read and have no parameter."""
    read = (route for route in routes if isinstance(route, Route) and "GET" in (route.methods or ()))
    return frozenset(route.path for route in read if "{" not in route.path)


def _new_app(settings: Settings, service: Service) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with service.run():
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
    app.state.refuse = refused_request(service.metrics.requests)
    app.state.end_soon = service.probe.readiness.end_soon
    return app


def _other_routers(service: Service) -> list[APIRouter]:
    flows = service.flows
    return [
        operations_routes(
            service.probe.readiness,
            service.metrics.expose,
            flows.service if flows else None,
            service.find_problems,
        ),
        flow_admin_routes(flows.service if flows else None),
        executions_routes(flows.executions if flows else NoExecutions()),
    ]


def _describe(
    app: FastAPI, settings: Settings, bodies: Sequence[type[BaseModel]], service: Service
) -> Mapping[str, str]:
    """Complete the OpenAPI document and add its pages; the content security policies of these, by path."""
    policies = add_documentation_pages(app, OPENAPI_URL) if settings.docs.enabled else {}
    add_front_page(app, str(settings.page_url) if settings.page_url else None, has_docs=settings.docs.enabled)
    describe(app, bodies)
    if service.flows:
        service.flows.describe(app)
    describe_access(app)
    return policies
