"""The command `test` and its options."""

from pathlib import Path
from typing import Annotated

import typer
from command_line.output import make_console

from housing_price_model.cli.options import WAIT_SECONDS, EmptyCells, RegistryTimeout
from housing_price_model.cli.terminal import report_errors


def test(
    version: Annotated[
        str,
        typer.Argument(
            help="Number or alias of a registered version, such as champion; or a model's URI or folder.",
            metavar="VERSION",
        ),
    ] = "champion",
    *,
    data: Annotated[str, typer.Option(help="Sales as for train.")],
    empty: EmptyCells = None,
    json: Annotated[Path | None, typer.Option(help="File for the figures as JSON.", metavar="FILE")] = None,
    output: Annotated[Path | None, typer.Option("--out", help="File for an HTML page.", metavar="FILE")] = None,
    registry_timeout_seconds: RegistryTimeout = WAIT_SECONDS,
) -> None:
    """Measure a version's own errors on sales, without fitting it again."""
    with report_errors():
        from housing_price_model.commands.test import SalesTestRequest, measure_version

        request = SalesTestRequest(
            version=version,
            data=data,
            empty=empty,
            json=json,
            output=output,
            registry_timeout_seconds=registry_timeout_seconds,
        )
        measure_version(request, make_console(), make_console(stderr=True))
