"""Options that several commands share."""

from typing import Annotated

import typer

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
VersionNumber = Annotated[
    int, typer.Argument(min=1, max=LARGEST_VERSION, help="Number of a registered version.", metavar="VERSION")
]
