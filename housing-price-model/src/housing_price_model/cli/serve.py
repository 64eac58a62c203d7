"""The command `serve` and its options."""

from pathlib import Path
from typing import Annotated

import typer
from command_line.addresses import require_host
from command_line.output import make_console

from housing_price_model.cli.options import CHAMPION_URI, ModelUri, RegistryTimeout
from housing_price_model.cli.terminal import report_errors

MOST_WORKERS = 1_024


def serve(
    *,
    model_uri: ModelUri = CHAMPION_URI,
    host: Annotated[
        str,
        typer.Option(envvar="HOUSING_PRICE_MODEL_HOST", help="The address to listen on.", callback=require_host),
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(envvar=["HOUSING_PRICE_MODEL_PORT", "PORT"], min=0, max=65535, help="The port to listen on."),
    ] = 8080,
    workers: Annotated[
        int,
        typer.Option(
            envvar="HOUSING_PRICE_MODEL_WORKERS",
            min=1,
            max=MOST_WORKERS,
            help="Number of processes; each holds the model in memory.",
        ),
    ] = 1,
    registry_timeout_seconds: RegistryTimeout = 10.0,
    cache_dir: Annotated[
        Path | None,
        typer.Option(
            envvar="HOUSING_PRICE_MODEL_CACHE_DIR",
            help="Where the last verified versions are kept, so that a server can start while the registry is down;"
            " defaults to the user's cache folder.",
        ),
    ] = None,
) -> None:
    """Serve a version over MLflow's scoring protocol (POST /invocations, GET /ping); GET /model describes it."""
    with report_errors():
        from housing_price_model.commands.serve import ServingRequest, serve_model

        request = ServingRequest(
            model_uri=model_uri,
            host=host,
            port=port,
            workers=workers,
            registry_timeout_seconds=registry_timeout_seconds,
            cache_dir=cache_dir,
        )
        serve_model(request, make_console())
