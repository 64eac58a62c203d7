"""The command `predict` and its options."""

from typing import Annotated

import typer
from command_line.output import make_console

from housing_price_model.cli.options import CHAMPION_URI, WAIT_SECONDS, AsOf, ModelUri, RegistryTimeout, read_as_of
from housing_price_model.cli.terminal import report_errors


def predict(
    house: Annotated[str, typer.Argument(help="A JSON file as the API takes it; - is standard input.", metavar="FILE")],
    *,
    model_uri: ModelUri = CHAMPION_URI,
    coverage: Annotated[
        float | None, typer.Option(min=0.5, max=0.99, help="Coverage of the prediction interval, such as 0.9.")
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Add what drives the price.")] = False,
    comparables: Annotated[int, typer.Option(min=0, max=20, help="Number of comparable sales to add.")] = 0,
    as_of: AsOf = None,
    registry_timeout_seconds: RegistryTimeout = WAIT_SECONDS,
) -> None:
    """Price one house without a server, and print the document that the API returns."""
    with report_errors():
        from house_record.price import PriceOptions

        from housing_price_model.commands.predict import PredictionRequest, price_house

        asked = {"explain": explain, "comparables": comparables}
        # The model need not support a coverage that was not asked for.
        options = PriceOptions.model_validate(asked if coverage is None else {**asked, "coverage": coverage})
        request = PredictionRequest(
            house=house,
            model_uri=model_uri,
            options=options,
            as_of=read_as_of(as_of),
            registry_timeout_seconds=registry_timeout_seconds,
        )
        price_house(request, make_console())
