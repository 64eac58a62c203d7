"""The command `reproduce` and its options."""

from typing import Annotated

import typer
from command_line.output import make_console

from housing_price_model.cli.options import WAIT_SECONDS, RegistryTimeout, VersionNumber
from housing_price_model.cli.terminal import report_errors


def reproduce(
    version: VersionNumber,
    *,
    tolerance_cents: Annotated[
        int, typer.Option(min=0, max=1_000_000_000, help="Largest difference between two prices, in cents.")
    ] = 0,
    data: Annotated[
        str | None,
        typer.Option(help="Where the version's sales are now, if they have moved; their checksum must match."),
    ] = None,
    registry_timeout_seconds: RegistryTimeout = WAIT_SECONDS,
) -> None:
    """Refit a version from its record and compare the prices of all sales; exits with 1 if any differs."""
    with report_errors():
        from housing_price_model.commands.reproduce import ReproductionRequest, reproduce_version

        request = ReproductionRequest(
            version=str(version),
            data=data,
            tolerance_cents=tolerance_cents,
            registry_timeout_seconds=registry_timeout_seconds,
        )
        reproduce_version(request, make_console())
