"""The command `serve`: an address, a verified model, a server; in this order, so that each failure is told early."""

from dataclasses import dataclass

from rich.console import Console


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingRequest:
    """Which model to serve, and where."""

    model_uri: str
    host: str
    port: int
    registry_timeout_seconds: float


def serve_model(request: ServingRequest, console: Console) -> None:
    """Serve a model until the process is told to stop.

    Raises:
        ModelError: with one line for people, if there is no such model or no such address.
    """
    from housing_price_model.serving.app import create_app
    from housing_price_model.serving.identity import identify
    from housing_price_model.serving.loading import load_model
    from housing_price_model.serving.server import address, reserve, run

    with reserve(request.host, request.port) as bound:
        model = load_model(request.model_uri, timeout_seconds=request.registry_timeout_seconds)
        identity = identify(model)
        console.print(
            f"serving {identity.name} version {identity.version} (recipe {identity.recipe},"
            f" data {identity.data.source}) at {address(bound)}",
        )
        run(create_app(model.pyfunc, identity), bound)
