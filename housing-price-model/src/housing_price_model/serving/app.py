"""The ASGI application: MLflow's scoring protocol for one compiled model, whose identity is on every response."""

from typing import TYPE_CHECKING

from house_record import Record
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from housing_price_model.inference import CompiledModel
from housing_price_model.registry.provenance import installed_version
from housing_price_model.serving.compute import ComputeThread
from housing_price_model.serving.identity import ModelIdentity
from housing_price_model.serving.invocations import Invocations
from housing_price_model.serving.telemetry import Telemetry

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

JSON = "application/json"


def create_app(model: CompiledModel, identity: ModelIdentity, record: Record) -> "ASGIApp":
    """Make the application for houses of the record: MLflow's scoring protocol, and ``GET /model``, ``GET /metrics``
    and ``HEAD /ping``."""
    telemetry = Telemetry(identity)
    invocations = Invocations(model, record, ComputeThread(telemetry.observe_queue), telemetry.observe_priced)
    app = Starlette(
        routes=[
            Route("/invocations", invocations, methods=["POST"]),
            Route("/ping", _always("\n", JSON)),
            Route("/health", _always("\n", JSON)),
            Route("/version", _always(installed_version("mlflow"), JSON)),
            Route("/model", _always(identity.model_dump_json(by_alias=True), JSON)),
            Route("/metrics", telemetry.respond),
        ]
    )
    return telemetry.around(IdentityHeaders(app, identity))


def _always(content: str, media_type: str) -> "Callable[[Request], Response]":
    async def respond(_: Request) -> Response:
        return Response(content, media_type=media_type)

    return respond  # type: ignore[return-value] # Starlette takes both kinds and types neither


class IdentityHeaders:
    """Adds the model's name and version to every response, including errors."""

    def __init__(self, app: "ASGIApp", identity: ModelIdentity) -> None:
        self._app = app
        self._headers = [
            (b"x-model-name", identity.name.encode()),
            (b"x-model-version", identity.version.encode()),
        ]

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        async def send_with_headers(message: "Message") -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self._headers]
            await send(message)

        await self._app(scope, receive, send_with_headers)
