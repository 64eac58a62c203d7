"""Plain ASGI middleware that takes the busiest routes past the framework's routing.

Matching a route, solving its dependencies and sending its answer through exception handlers costs FastAPI more than
pricing a house does. The routes are FastAPI's own all the same: it documents them, and answers every other method.
"""

from collections.abc import Awaitable, Callable, Mapping

from fastapi.routing import APIRoute, APIRouter
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from housing_price_orchestrator.api.problems import error_answer
from housing_price_orchestrator.errors import OrchestratorError

type Endpoint = Callable[[Request], Awaitable[Response]]


class DirectRoutes:
    """Calls the endpoint of a route whose method and path are exactly those of the request.

    Args:
        app: answers all other requests.
        routes: the routes; each takes the request and nothing else, and has no parameter in its path.
    """

    def __init__(self, app: ASGIApp, routes: Mapping[tuple[str, str], APIRoute]) -> None:
        self._app = app
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._routes.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if route is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = route
        answer = await _answer(route.endpoint, Request(scope, receive, send))
        await answer(scope, receive, send)


async def _answer(endpoint: Endpoint, request: Request) -> Response:
    try:
        return await endpoint(request)
    except OrchestratorError as error:
        return error_answer(error)


def direct_routes(router: APIRouter) -> dict[tuple[str, str], APIRoute]:
    """The routes of a router that take a body, by method and path."""
    routes = [route for route in router.routes if isinstance(route, APIRoute)]
    return {("POST", route.path): route for route in routes if "POST" in (route.methods or ())}
