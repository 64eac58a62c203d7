"""The command `promote` and its options."""

from typing import Annotated

import typer
from command_line.output import make_console

from housing_price_model.cli.options import WAIT_SECONDS, DataChanged, RegistryTimeout, VersionNumber
from housing_price_model.cli.terminal import report_errors


def promote(
    version: VersionNumber,
    *,
    force: Annotated[
        str | None,
        typer.Option(help="Promote it even if a check fails; the reason is stored with the version.", metavar="REASON"),
    ] = None,
    data_changed: DataChanged = None,
    registry_timeout_seconds: RegistryTimeout = WAIT_SECONDS,
) -> None:
    """Make a version the champion if it passes the gate's checks."""
    for name, reason in (("--force", force), ("--data-changed", data_changed)):
        if reason is not None and not reason.strip():
            raise typer.BadParameter("must not be empty", param_hint=name)
    with report_errors():
        from housing_price_model.commands.promote import PromotionRequest, promote_candidate

        request = PromotionRequest(
            version=str(version),
            force=force,
            data_changed=data_changed,
            registry_timeout_seconds=registry_timeout_seconds,
        )
        promote_candidate(request, make_console())
