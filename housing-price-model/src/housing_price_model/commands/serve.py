"""The command `serve`: an address, a verified model, a server; in this order, so that each failure is told early."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    import socket

    from housing_price_model.serving.identity import ModelIdentity
    from housing_price_model.serving.loading import LoadedModel


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingRequest:
    """Which model to serve, and where."""

    model_uri: str
    host: str
    port: int
    registry_timeout_seconds: float
    workers: int = 1


def serve_model(request: ServingRequest, console: Console) -> None:
    """Serve a model until the process is told to stop.

    Raises:
        ModelError: with one line for people, if there is no such model or no such address.
    """
    from housing_price_model.serving.server import reserve

    with reserve(request.host, request.port) as bound:
        if request.workers == 1:
            _serve_here(request, bound, console)
        else:
            _serve_with_workers(request, bound, console)


def _serve_here(request: ServingRequest, bound: "socket.socket", console: Console) -> None:
    from housing_price_model.serving.app import create_app
    from housing_price_model.serving.loading import load_model
    from housing_price_model.serving.server import run

    model = load_model(request.model_uri, timeout_seconds=request.registry_timeout_seconds)
    identity = _announced(model, bound, console)
    run(create_app(model.typed, identity), bound)


def _serve_with_workers(request: ServingRequest, bound: "socket.socket", console: Console) -> None:
    from housing_price_model.serving.loading import load_below
    from housing_price_model.serving.workers import Worker, run_workers

    with TemporaryDirectory(prefix="housing-price-model-") as temporary:
        shared = Path(temporary)
        model, files = load_below(request.model_uri, shared, timeout_seconds=request.registry_timeout_seconds)
        identity = _announced(model, bound, console)
        run_workers(Worker(files, identity, shared, request.workers), bound)


def _announced(model: "LoadedModel", bound: "socket.socket", console: Console) -> "ModelIdentity":
    from housing_price_model.serving.identity import identify
    from housing_price_model.serving.server import address

    identity = identify(model)
    console.print(
        f"serving {identity.name} version {identity.version} (recipe {identity.recipe},"
        f" data {identity.data.source}) at {address(bound)}",
    )
    return identity
