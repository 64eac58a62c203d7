"""The command `evaluate` and its options."""

from pathlib import Path
from typing import Annotated

import typer
from command_line.output import make_console

from housing_price_model.cli.options import LARGEST_VERSION, WAIT_SECONDS, EmptyCells, RegistryTimeout
from housing_price_model.cli.terminal import report_errors


def evaluate(
    version: Annotated[
        int | None,
        typer.Argument(
            min=1,
            max=LARGEST_VERSION,
            help="Number of a registered version; defaults to the champion.",
            metavar="VERSION",
        ),
    ] = None,
    *,
    against: Annotated[
        str | None,
        typer.Option(help="Version to compare with: a number, or champion, which is the default.", metavar="VERSION"),
    ] = None,
    data: Annotated[
        str | None, typer.Option(help="Sales as for train; defaults to those that the version was trained on.")
    ] = None,
    empty: EmptyCells = None,
    output: Annotated[Path | None, typer.Option(help="File for the page; defaults to evaluation-VERSION.html.")] = None,
    registry_timeout_seconds: RegistryTimeout = WAIT_SECONDS,
) -> None:
    """Write a report on a version as one HTML page, and store it with the version's run."""
    with report_errors():
        from housing_price_model.commands.evaluate import EvaluationRequest, evaluate_version

        request = EvaluationRequest(
            version=None if version is None else str(version),
            against=against,
            data=data,
            empty=empty,
            output=output,
            registry_timeout_seconds=registry_timeout_seconds,
        )
        evaluate_version(request, make_console())
