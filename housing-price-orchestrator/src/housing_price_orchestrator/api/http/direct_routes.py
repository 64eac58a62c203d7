"""ASGI middleware that takes the busiest routes past the framework's routing.

Matching a route, solving its dependencies and sending its response through exception handlers costs FastAPI more than
pricing a house does. They are FastAPI's routes nevertheless: it documents them, and handles every other method.
Flows come and go while the service runs, so FastAPI does not know them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from fastapi.routing import APIRoute, APIRouter
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from housing_price_orchestrator.api.http.problems import error_response
from housing_price_orchestrator.api.http.public_address import restore_full_path
from housing_price_orchestrator.errors import KNOWN_ERRORS
from housing_price_orchestrator.observability.request_context import request_context

type Endpoint = Callable[[Request], Awaitable[Response]]


class DirectRoute(Protocol):
    """A route that is called directly."""

    @property
    def path(self) -> str:
        """The template of its path, for metrics."""
        ...

    @property
    def endpoint(self) -> Endpoint:
        """Responds to a request."""
        ...


type OtherRoutes = Callable[[Scope], DirectRoute | None]


class DirectRoutes:
    """Calls the endpoint of a route whose method and path are exactly those of the request.

    Args:
        app: handles all other requests.
        routes: the routes; each takes the request and nothing else, and has no parameter in its path.
        others: finds a route that may come and go while the service runs.
    """

    def __init__(self, app: ASGIApp, routes: Mapping[tuple[str, str], APIRoute], others: OtherRoutes) -> None:
        self._app = app
        self._routes = routes
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._find(scope) if scope["type"] == "http" else None
        if route is None:
            restore_full_path(scope)
            await self._app(scope, receive, send)
            return
        scope["route"] = route
        context = request_context(scope)
        context.task = asyncio.current_task()
        try:
            response = await _respond(route.endpoint, Request(scope, receive, send))
        except asyncio.CancelledError:
            if context.has_left:
                raise ClientDisconnect from None
            raise
        finally:
            context.task = None
        await response(scope, receive, send)

    def _find(self, scope: Scope) -> DirectRoute | None:
        return self._routes.get((scope["method"], scope["path"])) or self._others(scope)


def cancel_work(scope: Any) -> None:
    """Cancel the work on a request whose caller has disconnected, so that the model need not compute it."""
    context = request_context(scope)
    if context.task:
        context.has_left = True
        context.task.cancel()


def no_other_routes(_: Scope) -> DirectRoute | None:
    """Find nothing: no routes come and go."""
    return None


async def _respond(endpoint: Endpoint, request: Request) -> Response:
    try:
        return await endpoint(request)
    except KNOWN_ERRORS as error:
        return error_response(error)


def direct_routes(router: APIRouter) -> dict[tuple[str, str], APIRoute]:
    """The routes of a router that accept a body, by method and path."""
    routes = [route for route in router.routes if isinstance(route, APIRoute)]
    return {("POST", route.path): route for route in routes if "POST" in (route.methods or ())}
