"""The command `predict` and its options."""

from pathlib import Path
from typing import Annotated

import typer
from command_line.output import make_console

from housing_price_model.cli.options import (
    CHAMPION_URI,
    WAIT_SECONDS,
    AsOf,
    EmptyCells,
    ModelUri,
    RegistryTimeout,
    read_as_of,
)
from housing_price_model.cli.terminal import report_errors


def predict(
    houses: Annotated[
        str,
        typer.Argument(
            help="A house as JSON; or many, as a JSON list, JSON lines or a CSV; - is standard input.", metavar="FILE"
        ),
    ],
    *,
    empty: EmptyCells = None,
    output: Annotated[
        Path | None,
        typer.Option("--out", help="CSV or JSON lines for the prices, by its suffix.", metavar="FILE"),
    ] = None,
    model_uri: ModelUri = CHAMPION_URI,
    coverage: Annotated[
        float | None, typer.Option(min=0.5, max=0.99, help="Coverage of the prediction interval, such as 0.9.")
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Add what drives the price.")] = False,
    comparables: Annotated[int, typer.Option(min=0, max=20, help="Number of comparable sales to add.")] = 0,
    as_of: AsOf = None,
    registry_timeout_seconds: RegistryTimeout = WAIT_SECONDS,
) -> None:
    """Price houses without a server, as the API does."""
    with report_errors():
        from house_record.price import PriceOptions

        from housing_price_model.commands.predict import PredictionRequest, price_file

        asked = {"explain": explain, "comparables": comparables}
        # The model need not support a coverage that was not asked for.
        options = PriceOptions.model_validate(asked if coverage is None else {**asked, "coverage": coverage})
        request = PredictionRequest(
            houses=houses,
            empty=empty,
            output=output,
            model_uri=model_uri,
            options=options,
            as_of=read_as_of(as_of),
            registry_timeout_seconds=registry_timeout_seconds,
        )
        price_file(request, make_console(), make_console(stderr=True))
