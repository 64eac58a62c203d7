"""The routes for load balancers, monitoring and people on call. None of them calls the model server."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import JSONResponse, Response

from housing_price_orchestrator.api.documents import Health, ReadinessDocument
from housing_price_orchestrator.api.http.openapi import answers
from housing_price_orchestrator.service.readiness import PASSED, Readiness

if TYPE_CHECKING:
    from declared_flows.service.flows import FlowService

_CHECKED: dict[str, Any] = {
    "status": "ready",
    "checks": {"modelServer": PASSED, "features": PASSED, "goldenRequest": PASSED},
    "modelName": "housing-price",
    "modelVersion": "3",
}
_READY = {"content": {"application/json": {"example": _CHECKED}}}
_NOT_READY = {
    "model": ReadinessDocument,
    "description": "Not ready; `checks` says why",
    "content": {
        "application/json": {
            "example": {
                **_CHECKED,
                "status": "not ready",
                "checks": {
                    **_CHECKED["checks"],
                    "modelServer": "The model server is not available: it did not answer.",
                },
            }
        }
    },
}


def operations_routes(
    readiness: Readiness,
    expose_metrics: Callable[[], Awaitable[bytes]],
    flows: "FlowService | None" = None,
    find_problems: Callable[[], Mapping[str, str]] = dict,
) -> APIRouter:
    """``/health``, ``/ready`` and ``/metrics``.

    Args:
        readiness: whether houses can be priced.
        expose_metrics: returns the metrics as text.
        flows: the flows that are served, if any.
        find_problems: returns checks that failed and that the service is ready with nevertheless.
    """
    router = APIRouter(tags=["operations"])

    @router.get("/health", summary="Liveness", responses=answers())
    async def get_health() -> Health:
        """Liveness: answers while the process can."""
        return Health()

    @router.get(
        "/ready",
        summary="Readiness",
        response_model=ReadinessDocument,
        responses={**answers(), 200: _READY, 503: _NOT_READY},
    )
    async def get_readiness() -> Response:
        """Readiness: whether houses can be priced, as the last probe in the background found."""
        is_ready = readiness.takes_requests and not (flows and flows.state.serves_nothing)
        status = HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE
        return JSONResponse(
            ReadinessDocument.of(readiness, flows.state if flows else None, find_problems()).model_dump(by_alias=True),
            status,
        )

    @router.get("/metrics", summary="Metrics", response_class=Response, responses={**answers(), 200: _METRICS})
    async def get_metrics() -> Response:
        """The metrics of the service as Prometheus text, summed over its processes."""
        return Response(await expose_metrics(), media_type=CONTENT_TYPE_LATEST)

    return router


_METRICS = {
    "description": "Prometheus text",
    "content": {"text/plain": {"schema": {"type": "string"}}},
}
