"""The ASGI application: MLflow's scoring server, with the model's identity on every answer."""

from typing import TYPE_CHECKING

from fastapi import FastAPI, Response

from housing_price_model.serving.identity import ModelIdentity
from housing_price_model.serving.telemetry import Telemetry

if TYPE_CHECKING:
    from mlflow.pyfunc import PyFuncModel
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


def create_app(pyfunc: "PyFuncModel", identity: ModelIdentity) -> "ASGIApp":
    """MLflow's scoring protocol for a loaded model, and ``GET /model``, ``GET /metrics`` and ``HEAD /ping``."""
    from mlflow.pyfunc.scoring_server import init

    app: FastAPI = init(pyfunc)
    telemetry = Telemetry(identity)
    details = identity.model_dump_json(by_alias=True)

    @app.get("/model")
    async def model() -> Response:
        return Response(details, media_type="application/json")

    @app.get("/metrics")
    async def metrics() -> Response:
        return Response(telemetry.text(), media_type=telemetry.media_type)

    @app.head("/ping")
    @app.head("/health")
    async def ping() -> Response:
        return Response()

    return telemetry.around(IdentityHeaders(app, identity))


class IdentityHeaders:
    """Adds the model's name and version to every answer, those of failures included."""

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
