"""The command `rollback` and its options."""

from typing import Annotated

import typer
from command_line.output import make_console

from housing_price_model.cli.options import WAIT_SECONDS, RegistryTimeout
from housing_price_model.cli.terminal import report_errors


def rollback(
    *,
    reason: Annotated[str, typer.Option(help="Reason, stored with both versions.", show_default=False)] = "",
    registry_timeout_seconds: RegistryTimeout = WAIT_SECONDS,
) -> None:
    """Make the previous champion the champion again; a second rollback goes one further back."""
    with report_errors():
        from housing_price_model.commands.rollback import roll_back_champion

        roll_back_champion(make_console(), reason=reason, registry_timeout_seconds=registry_timeout_seconds)
