"""The command `serve`: binds the address, loads a verified model, and starts the server, so that each failure is
reported early."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from command_line.failures import say
from house_record import AMES
from rich.console import Console

from housing_price_model.delivery.loading import load_with_files

if TYPE_CHECKING:
    import socket

    from housing_price_model.delivery.loading import LoadedModel
    from housing_price_model.serving.identity import ModelIdentity


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingRequest:
    """Which model to serve, where, and the folder of verified versions for when the registry is down."""

    model_uri: str
    host: str
    port: int
    registry_timeout_seconds: float
    workers: int = 1
    cache_dir: Path | None = None


def serve_model(request: ServingRequest, console: Console) -> None:
    """Serve a model until the process receives a signal to stop.

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
    from housing_price_model.serving.server import run

    with TemporaryDirectory(prefix="housing-price-model-") as temporary:
        model, _ = _load(request, Path(temporary))
    identity = _announce(model, bound, console)
    run(create_app(model.compiled, identity, model.record), bound)


def _serve_with_workers(request: ServingRequest, bound: "socket.socket", console: Console) -> None:
    from housing_price_model.serving.workers import Worker, run_workers

    with TemporaryDirectory(prefix="housing-price-model-") as temporary:
        shared = Path(temporary)
        model, files = _load(request, shared)
        identity = _announce(model, bound, console)
        run_workers(Worker(files, identity, model.record, shared, request.workers), bound)


def _load(request: ServingRequest, below: Path) -> "tuple[LoadedModel, Path]":
    from housing_price_model.delivery.cache import VersionCache, default_folder

    folder = request.cache_dir or default_folder()
    load = load_with_files if folder is None else VersionCache(folder.absolute(), _warn).load
    return load(request.model_uri, below, AMES, timeout_seconds=request.registry_timeout_seconds)


def _warn(line: str) -> None:
    say(f"WARNING: {line}")


def _announce(model: "LoadedModel", bound: "socket.socket", console: Console) -> "ModelIdentity":
    from housing_price_model.serving.identity import identify
    from housing_price_model.serving.server import format_address

    identity = identify(model)
    console.print(
        f"serving {identity.name} version {identity.version} (recipe {identity.recipe},"
        f" data {identity.data.source}) at {format_address(bound)}",
    )
    return identity
