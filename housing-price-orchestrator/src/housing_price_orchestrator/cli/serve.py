"""The command ``serve``."""

import os
from typing import TYPE_CHECKING, Annotated

import typer
from command_line.addresses import require_host

from housing_price_orchestrator.cli.flows import check_before_serving
from housing_price_orchestrator.cli.terminal import report_errors

if TYPE_CHECKING:
    from housing_price_orchestrator.settings import Settings


def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; default: ORCHESTRATOR_HOST.", callback=require_host)
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port; default: ORCHESTRATOR_PORT, else PORT.")
    ] = None,
    workers: Annotated[
        int,
        typer.Option(
            min=1,
            max=1_024,
            help="Processes that serve; each has limits of its own, such as calls to the model server.",
        ),
    ] = 1,
    max_requests: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=1_000_000_000,
            help="Replace a process after this many requests (up to 10% more, at random) without losing one."
            " Runs a parent process even for one worker.",
        ),
    ] = None,
) -> None:
    """Serve the API; settings come from the environment and `.env`."""
    # prometheus_client reads it when it is imported. Metrics of several processes go where their parent says.
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)
    from api_keys.errors import KeysUnusable

    from housing_price_orchestrator.errors import EmbeddedModelUnavailable
    from housing_price_orchestrator.server.listener import AddressUnavailable
    from housing_price_orchestrator.server.workers import WorkerFailed, run_workers
    from housing_price_orchestrator.settings.environment import read_settings

    with report_errors(AddressUnavailable, EmbeddedModelUnavailable, KeysUnusable, WorkerFailed):
        settings = read_settings()
        check_before_serving(settings)
        options = {"host": host, "port": port}
        settings = settings.model_copy(update={name: value for name, value in options.items() if value is not None})
        settings = _require_existing_keys(settings)
        if workers > 1 or max_requests:
            run_workers(settings, workers, max_requests)
        else:
            from housing_price_orchestrator.server.run import run

            run(settings)


def _require_existing_keys(settings: "Settings") -> "Settings":
    """If there are keys now, require them also in a worker that starts after their file has vanished."""
    from housing_price_orchestrator.access.keys import key_file

    if key_file(settings.keys).read_ring() is None:
        return settings
    return settings.model_copy(update={"keys": settings.keys.model_copy(update={"required": True})})
