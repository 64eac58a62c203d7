"""The command ``housing-price-orchestrator``."""

import json
import os
import sys
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def orchestrator() -> None:
    """The typed HTTP API in front of the pricing model."""


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; default: ORCHESTRATOR_HOST.")] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port; default: ORCHESTRATOR_PORT, else PORT.")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, help="Processes that serve; limits, such as calls to the model server, are of each.")
    ] = 1,
) -> None:
    """Serve the API; settings come from the environment and `.env`."""
    # Read when the library is imported: metrics of several processes go where their parent says, not elsewhere.
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)
    from housing_price_orchestrator.environment import InvalidSettings, read_settings
    from housing_price_orchestrator.listener import AddressUnavailable
    from housing_price_orchestrator.provider.embedded_model import EmbeddedModelUnavailable
    from housing_price_orchestrator.workers import WorkerFailed, run_workers

    try:
        settings = read_settings()
        chosen = {"host": host, "port": port}
        given = {name: value for name, value in chosen.items() if value is not None}
        settings = settings.model_copy(update=given)
        if workers > 1:
            run_workers(settings, workers)
        else:
            from housing_price_orchestrator.server import run

            run(settings)
    except InvalidSettings as error:
        _fail(*error.lines)
    except (AddressUnavailable, EmbeddedModelUnavailable, WorkerFailed) as error:
        _fail(str(error))


@app.command()
def print_openapi() -> None:
    """Print the OpenAPI document."""
    from housing_price_orchestrator.app import create_app
    from housing_price_orchestrator.settings import Settings

    document = create_app(Settings.model_construct()).openapi()
    print(json.dumps(document, indent=2, ensure_ascii=False))


def main() -> None:
    """Run the command."""
    app(prog_name="housing-price-orchestrator")


def _fail(*lines: str) -> None:
    for line in lines:
        print(f"housing-price-orchestrator: {line}", file=sys.stderr)
    raise typer.Exit(1)
