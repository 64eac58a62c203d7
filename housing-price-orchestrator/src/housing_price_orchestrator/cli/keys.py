"""The commands ``keys …``: create, list and revoke API keys."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from api_keys.keys import Scope
from command_line.failures import say
from command_line.program import add_command, make_group

from housing_price_orchestrator.cli.terminal import report_errors, stop

if TYPE_CHECKING:
    from api_keys.file import KeyFile

LONGEST_DAYS = 36_500


def add_key(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Letters, digits, `.`, `_` and `-`; shown in logs and metrics.")
    ],
    scope: Annotated[list[Scope], typer.Option(help="What the key allows; admin allows everything. Repeatable.")],
    expires_in_days: Annotated[
        int | None,
        typer.Option(min=1, max=LONGEST_DAYS, help="The key expires after that; default: never.", metavar="DAYS"),
    ] = None,
) -> None:
    """Create a key and print it, once. Running services accept it within a second."""
    from api_keys.file import is_valid_name

    if not is_valid_name(name):
        stop(f"{name!r} is not a name for a key: 1 to 64 letters, digits, `.`, `_` and `-`")
    expires_at = datetime.now(UTC).replace(microsecond=0) + timedelta(expires_in_days) if expires_in_days else None
    with _open_key_file() as file:
        key = file.add(name, scope, expires_at)
    print(key)
    print(f"This is the only time that the key of {name} is shown. It goes into the header X-API-Key.", file=sys.stderr)


def list_keys() -> None:
    """List the keys: names, scopes and times, never the keys themselves."""
    with _open_key_file() as file:
        stored = file.read_keys()
    row = "{:<24} {:<20} {:<20} {}"
    print(row.format("NAME", "SCOPES", "CREATED", "EXPIRES"))
    for key in stored:
        expires = f"{key.expires_at:%Y-%m-%d %H:%M}" if key.expires_at else "never"
        print(row.format(key.name, ",".join(key.scopes), f"{key.created_at:%Y-%m-%d %H:%M}", expires))


def revoke_key(name: Annotated[str, typer.Argument(metavar="NAME", help="The key's name.")]) -> None:
    """Revoke a key. Running services reject it within a second."""
    with _open_key_file() as file:
        left = file.revoke(name)
    print(f"The key of {name} is no longer valid.")
    if not left:
        print(f"No key is left, so every request is refused. To require none, delete {file.path} and restart.")


@contextmanager
def _open_key_file() -> Iterator["KeyFile"]:
    from api_keys.errors import KeyNameTaken, KeysUnusable, NoSuchKey

    from housing_price_orchestrator.access.keys import key_file
    from housing_price_orchestrator.settings.environment import read_settings

    with report_errors(KeyNameTaken, KeysUnusable, NoSuchKey):
        file = key_file(read_settings().keys)
        yield file
        for exposure in file.find_exposures():
            say(f"WARNING: {exposure}")


keys = make_group(help="API keys: who may call.")
add_command(keys, add_key, "add")
add_command(keys, list_keys, "list")
add_command(keys, revoke_key, "revoke")
