"""The command `mlflow-server`: options in, exit code out."""

from pathlib import Path
from typing import Annotated

import typer
from command_line.addresses import require_host
from command_line.failures import report_errors
from command_line.program import make_command, run, version_option

from mlflow_server.errors import StartError
from mlflow_server.settings import Settings

NAME = "mlflow-server"


def mlflow_server(
    *,
    host: Annotated[
        str, typer.Option(envvar="MLFLOW_HOST", help="Address to listen on.", callback=require_host)
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(envvar=["MLFLOW_PORT", "PORT"], min=1, max=65535, help="Port to listen on.")
    ] = 9999,
    state_dir: Annotated[
        Path, typer.Option(envvar="MLFLOW_SERVER_STATE_DIR", help="Folder for what has no URL below.")
    ] = Path(".housing-price"),
    backend_store_uri: Annotated[
        str | None,
        typer.Option(
            envvar="MLFLOW_BACKEND_STORE_URI",
            help="Database URL; SQLite under the state folder if not given.",
        ),
    ] = None,
    backend_store_password_file: Annotated[
        Path | None,
        typer.Option(
            envvar="MLFLOW_BACKEND_STORE_PASSWORD_FILE",
            help="File with the database's password, for a URL that has none.",
        ),
    ] = None,
    artifacts_destination: Annotated[
        str | None,
        typer.Option(
            envvar="MLFLOW_ARTIFACTS_DESTINATION",
            help="Folder or URL (s3://BUCKET/PATH); under the state folder if not given.",
        ),
    ] = None,
    allowed_hosts: Annotated[
        str | None,
        typer.Option(
            envvar="MLFLOW_SERVER_ALLOWED_HOSTS",
            help="Names, with commas, that clients may use besides loopback and --host; * for every name.",
        ),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=1_024, help="Processes that answer.")] = 1,
    auth: Annotated[
        bool,
        typer.Option(
            "--auth",
            envvar="MLFLOW_SERVER_AUTH",
            help="Ask for a name and a password; needs MLFLOW_FLASK_SERVER_SECRET_KEY, and"
            " MLFLOW_AUTH_ADMIN_PASSWORD for the first start.",
        ),
    ] = False,
    version: Annotated[bool, version_option(NAME)] = False,  # noqa: ARG001 - its callback ends the command
) -> None:
    """Run MLflow's tracking server and model registry; SIGTERM or Ctrl-C stops it with exit code 0."""
    settings = Settings(
        host=host,
        port=port,
        state_dir=state_dir,
        backend_store_uri=backend_store_uri,
        backend_store_password_file=backend_store_password_file,
        artifacts_destination=artifacts_destination,
        allowed_hosts=allowed_hosts,
        workers=workers,
        auth=auth,
    )
    from mlflow_server.server import serve

    with report_errors(StartError, program=NAME):
        serve(settings)


app = make_command(NAME, mlflow_server)


def main() -> None:
    """The entry point of the command."""
    run(app, NAME)
