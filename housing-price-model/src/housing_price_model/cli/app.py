"""The command `housing-price-model`. Each command imports what it needs when it runs, so that --help is quick."""

from command_line.program import add_command, make_program
from command_line.program import run as run_program

from housing_price_model.cli.build_image import build_image
from housing_price_model.cli.evaluate import evaluate
from housing_price_model.cli.predict import predict
from housing_price_model.cli.promote import promote
from housing_price_model.cli.reproduce import reproduce
from housing_price_model.cli.rollback import rollback
from housing_price_model.cli.run import run
from housing_price_model.cli.serve import serve
from housing_price_model.cli.test import test
from housing_price_model.cli.train import train
from housing_price_model.cli.tune import tune
from housing_price_model.registry.connection import DEFAULT_TRACKING_URI, TRACKING_URI_VARIABLE

NAME = "housing-price-model"

app = make_program(
    NAME,
    help="Train, register and serve the housing price model.",
    epilog=f"The registry's address is {TRACKING_URI_VARIABLE}, by default {DEFAULT_TRACKING_URI}.",
)
for command in (train, serve, promote, rollback, evaluate, test, predict, tune, run, reproduce, build_image):
    add_command(app, command)


def main() -> None:
    """The console script."""
    run_program(app, NAME)
