"""Options that several commands share."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from house_record.price import ValuationDate

CHAMPION_URI = "models:/housing-price@champion"
MODEL_URI_HELP = "models:/NAME@ALIAS, models:/NAME/VERSION, runs:/RUN/NAME, or a model's folder."
WAIT_SECONDS = 5.0
LONGEST_WAIT_SECONDS = 86_400.0
LARGEST_VERSION = 2**31 - 1

ModelUri = Annotated[str, typer.Option(envvar="HOUSING_PRICE_MODEL_URI", help=MODEL_URI_HELP)]
RegistryTimeout = Annotated[
    float,
    typer.Option(
        min=0, max=LONGEST_WAIT_SECONDS, help="How long to wait for the MLflow server to answer.", metavar="SECONDS"
    ),
]
DataChanged = Annotated[
    str | None,
    typer.Option(help="Why it learnt from other sales than the champion; stored with the version.", metavar="REASON"),
]
VersionNumber = Annotated[
    int, typer.Argument(min=1, max=LARGEST_VERSION, help="Number of a registered version.", metavar="VERSION")
]
EmptyCells = Annotated[
    Literal["unknown", "none"] | None,
    typer.Option(
        help='What an empty cell means where the dictionary has a "none" (no garage). [default: none if the first 1,000'
        " rows hold no NA, else unknown]",
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        help="Month as of which to price houses without a date of sale, such as 2026-12. [default: today's, in UTC]",
        metavar="MONTH",
    ),
]


def read_as_of(text: str | None, now: "Callable[[], datetime] | None" = None) -> "ValuationDate":
    """Return the date of valuation that an option ``AsOf`` says, or today's by the clock ``now``.

    Raises:
        typer.BadParameter: if it is no month.
    """
    from house_record.price import ValuationDate, utc_now

    try:
        return ValuationDate.at((now or utc_now)()) if text is None else ValuationDate.parse(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r}: {error}", param_hint="--as-of") from error
