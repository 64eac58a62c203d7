"""The command `housing-price-model`. Each command imports what it needs when it runs, so that --help is quick."""

import typer

from housing_price_model.cli.build_image import build_image
from housing_price_model.cli.evaluate import evaluate
from housing_price_model.cli.predict import predict
from housing_price_model.cli.promote import promote
from housing_price_model.cli.reproduce import reproduce
from housing_price_model.cli.rollback import rollback
from housing_price_model.cli.run import run
from housing_price_model.cli.serve import serve
from housing_price_model.cli.train import train
from housing_price_model.cli.tune import tune
from housing_price_model.registry.connection import DEFAULT_TRACKING_URI, TRACKING_URI_VARIABLE

app = typer.Typer(
    help="Train, register and serve the housing price model.",
    epilog=f"The registry's address is {TRACKING_URI_VARIABLE}, by default {DEFAULT_TRACKING_URI}.",
    no_args_is_help=True,
    add_completion=False,
)
for command in (train, serve, promote, rollback, evaluate, predict, tune, run, reproduce, build_image):
    app.command()(command)


def main() -> None:
    """The console script."""
    app()
