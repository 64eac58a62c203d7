"""The addresses of declared flows: they come and go while the service runs, so the framework does not know them."""

from dataclasses import dataclass

from declared_flows.service.flows import FlowService
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from housing_price_orchestrator.api.flows.requests import HttpFlowRequest
from housing_price_orchestrator.api.http.access import ALWAYS_OPEN, DEFAULT_SCOPE, scope_of
from housing_price_orchestrator.api.http.body import BodyReader
from housing_price_orchestrator.api.http.direct_routes import Endpoint
from housing_price_orchestrator.api.http.problems import method_not_allowed


@dataclass(frozen=True, slots=True)
class FlowRoute:
    """A flow's address, and what answers a request for it."""

    path: str
    endpoint: Endpoint


class FlowRoutes:
    """Finds the flow that a request is for, and answers with what it gives.

    Args:
        flows: those that are served.
        body: reads bodies within limits.
    """

    def __init__(self, flows: FlowService, body: BodyReader) -> None:
        self._flows = flows
        self._body = body

    def __call__(self, scope: Scope) -> FlowRoute | None:
        """Return the route for a request; None where no flow is served at that address."""
        if scope["path"] in ALWAYS_OPEN or scope_of(scope["path"]) is not DEFAULT_SCOPE:
            return None  # who may call was decided by the decoded path: with encoded slashes that can be another one
        path = _raw_path(scope)
        found = self._flows.routes.find(scope["method"], path)
        if found is None:
            return self._refusal(scope, path)
        flow, values = found

        async def answer(request: Request) -> Response:
            document = await self._flows.run(flow.plan, HttpFlowRequest(request, values, self._body))
            return Response(document, media_type="application/json")

        return FlowRoute(flow.path, answer)

    def _refusal(self, scope: Scope, path: str) -> FlowRoute | None:
        methods = self._flows.routes.methods(path)
        if not methods:
            return None

        async def refuse(_: Request) -> Response:
            return method_not_allowed(scope["method"], methods)

        return FlowRoute("unmatched", refuse)


def _raw_path(scope: Scope) -> str:
    """Return the path as it was sent, so that an encoded slash is no slash."""
    raw: bytes | None = scope.get("raw_path")
    return raw.split(b"?", 1)[0].decode("latin-1") if raw else scope["path"]
