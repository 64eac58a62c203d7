"""The command ``housing-price-orchestrator``."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from housing_price_orchestrator.access.keys import Scope
from housing_price_orchestrator.cli.flows import check_before_serving, flows

if TYPE_CHECKING:
    from housing_price_orchestrator.access.key_file import KeyFile

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
keys = typer.Typer(no_args_is_help=True, help="API keys: who may call.")
app.add_typer(keys, name="keys")
app.add_typer(flows, name="flows")


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
    max_requests: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Replace a process after this many requests (up to 10% more, at random) without losing one;"
            " runs a parent process even for one worker.",
        ),
    ] = None,
) -> None:
    """Serve the API; settings come from the environment and `.env`."""
    # Read when the library is imported: metrics of several processes go where their parent says, not elsewhere.
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)
    from housing_price_orchestrator.access.errors import KeysUnusable
    from housing_price_orchestrator.access.key_file import KeyFile
    from housing_price_orchestrator.provider.model.embedded import EmbeddedModelUnavailable
    from housing_price_orchestrator.server.listener import AddressUnavailable
    from housing_price_orchestrator.server.workers import WorkerFailed, run_workers
    from housing_price_orchestrator.settings.environment import InvalidSettings, read_settings

    try:
        settings = read_settings()
        check_before_serving(settings)
        chosen = {"host": host, "port": port}
        given = {name: value for name, value in chosen.items() if value is not None}
        settings = settings.model_copy(update=given)
        if KeyFile.from_settings(settings.keys).read_ring() is not None:
            # Also for a worker that is started later, should the file have vanished by then.
            keys = settings.keys.model_copy(update={"required": True})
            settings = settings.model_copy(update={"keys": keys})
        if workers > 1 or max_requests:
            run_workers(settings, workers, max_requests)
        else:
            from housing_price_orchestrator.server.run import run

            run(settings)
    except InvalidSettings as error:
        _fail(*error.lines)
    except (AddressUnavailable, EmbeddedModelUnavailable, KeysUnusable, WorkerFailed) as error:
        _fail(str(error))


@app.command()
def print_openapi() -> None:
    """Print the OpenAPI document."""
    from housing_price_orchestrator.bootstrap.app import create_app
    from housing_price_orchestrator.settings import Settings

    document = create_app(Settings.model_construct()).openapi()
    print(json.dumps(document, indent=2, ensure_ascii=False))


@keys.command("add")
def add_key(
    name: Annotated[str, typer.Argument(help="Letters, digits, `.`, `_` and `-`; shown in logs and metrics.")],
    scope: Annotated[list[Scope], typer.Option(help="What the key is for; admin may do everything. Repeatable.")],
    expires_in_days: Annotated[int | None, typer.Option(min=1, help="Not valid after that; default: for ever.")] = None,
) -> None:
    """Make a key and print it, once. Running services take it within a second."""
    from housing_price_orchestrator.access.key_file import is_valid_name

    if not is_valid_name(name):
        _fail(f"{name!r} is no name for a key: 1 to 64 letters, digits, `.`, `_` and `-`")
    expires_at = datetime.now(UTC).replace(microsecond=0) + timedelta(expires_in_days) if expires_in_days else None
    with _key_file() as file:
        key = file.add(name, scope, expires_at)
    print(key)
    print(f"This is the only time that the key of {name} is shown. It goes into the header X-API-Key.", file=sys.stderr)


@keys.command("list")
def list_keys() -> None:
    """List the keys: names, scopes and times, never the keys themselves."""
    with _key_file() as file:
        stored = file.read_keys()
    row = "{:<24} {:<20} {:<20} {}"
    print(row.format("NAME", "SCOPES", "CREATED", "EXPIRES"))
    for key in stored:
        expires = f"{key.expires_at:%Y-%m-%d %H:%M}" if key.expires_at else "never"
        print(row.format(key.name, ",".join(key.scopes), f"{key.created_at:%Y-%m-%d %H:%M}", expires))


@keys.command("revoke")
def revoke_key(name: Annotated[str, typer.Argument(help="The key's name.")]) -> None:
    """Make a key invalid. Running services take it within a second."""
    with _key_file() as file:
        left = file.revoke(name)
    print(f"The key of {name} is no longer valid.")
    if not left:
        print(f"No key is left, so every request is refused. To ask for none, delete {file.path} and restart.")


@contextmanager
def _key_file() -> Iterator["KeyFile"]:
    from housing_price_orchestrator.access.errors import KeyNameTaken, KeysUnusable, NoSuchKey
    from housing_price_orchestrator.access.key_file import KeyFile
    from housing_price_orchestrator.settings.environment import InvalidSettings, read_settings

    try:
        yield KeyFile.from_settings(read_settings().keys)
    except InvalidSettings as error:
        _fail(*error.lines)
    except (KeyNameTaken, KeysUnusable, NoSuchKey) as error:
        _fail(str(error))


def main() -> None:
    """Run the command."""
    app(prog_name="housing-price-orchestrator")


def _fail(*lines: str) -> NoReturn:
    for line in lines:
        print(f"housing-price-orchestrator: {line}", file=sys.stderr)
    raise typer.Exit(1)
