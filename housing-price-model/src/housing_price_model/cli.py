"""The command `housing-price-model`. Each command imports what it needs when it runs, so that --help is quick."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from housing_price_model.errors import ModelError
from housing_price_model.process_environment import prepare_environment
from housing_price_model.recipes import RECIPE_NAMES
from housing_price_model.registry.connection import DEFAULT_TRACKING_URI, TRACKING_URI_VARIABLE

if TYPE_CHECKING:
    from rich.console import Console

INTERRUPTED = 130

app = typer.Typer(
    help="Train, register and serve the housing price model.",
    epilog=f"The registry is at {TRACKING_URI_VARIABLE}, or else at {DEFAULT_TRACKING_URI}.",
    no_args_is_help=True,
    add_completion=False,
)

RegistryTimeout = Annotated[
    float, typer.Option(min=0, help="How long to wait for the MLflow server to answer.", metavar="SECONDS")
]
WAIT_SECONDS = 5.0
WAIT_WHILE_STARTING_SECONDS = 60.0
"""With --if-needed the MLflow server may have been started at the same time."""


@app.command()
def train(
    *,
    data: Annotated[
        str | None,
        typer.Option(help="sample (generated, the default), openml, or the path of a file of sales."),
    ] = None,
    recipe: Annotated[
        str | None, typer.Option(help=f"How the estimator is built: {' or '.join(RECIPE_NAMES)}.")
    ] = None,
    promote: Annotated[bool, typer.Option("--promote", help="Make the version the champion.")] = False,
    if_needed: Annotated[
        bool,
        typer.Option(
            "--if-needed",
            help="Train and promote only if there is no champion, or it has another recipe or other data"
            " than given here.",
        ),
    ] = False,
    experiment: Annotated[str, typer.Option(help="MLflow's experiment that the run belongs to.")] = "housing-price",
    registry_timeout_seconds: RegistryTimeout | None = None,
) -> None:
    """Train, evaluate and register a version; it becomes the champion if there is none."""
    with _told_to_people():
        from housing_price_model.commands.train import TrainingRequest, train_and_register

        request = TrainingRequest(
            data=data,
            recipe=recipe,
            promote=promote,
            if_needed=if_needed,
            experiment=experiment,
            registry_timeout_seconds=_wait_seconds(registry_timeout_seconds, if_needed=if_needed),
        )
        train_and_register(request, _console())


@app.command()
def serve(
    *,
    model_uri: Annotated[
        str,
        typer.Option(
            envvar="HOUSING_PRICE_MODEL_URI",
            help="models:/NAME@ALIAS, models:/NAME/VERSION, runs:/…, or a model's folder.",
        ),
    ] = "models:/housing-price@champion",
    host: Annotated[
        str, typer.Option(envvar="HOUSING_PRICE_MODEL_HOST", help="The address to listen on.")
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(envvar=["HOUSING_PRICE_MODEL_PORT", "PORT"], min=0, max=65535, help="The port to listen on."),
    ] = 8080,
    workers: Annotated[
        int,
        typer.Option(
            envvar="HOUSING_PRICE_MODEL_WORKERS", min=1, help="How many processes serve; each has the model in memory."
        ),
    ] = 1,
    registry_timeout_seconds: RegistryTimeout = 10.0,
) -> None:
    """Serve a version with MLflow's scoring protocol: POST /invocations, GET /ping; GET /model says which."""
    with _told_to_people():
        from housing_price_model.commands.serve import ServingRequest, serve_model

        request = ServingRequest(
            model_uri=model_uri,
            host=host,
            port=port,
            workers=workers,
            registry_timeout_seconds=registry_timeout_seconds,
        )
        serve_model(request, _console())


@app.command()
def build_image(
    *,
    model_uri: Annotated[
        str, typer.Option(help="models:/NAME@ALIAS, models:/NAME/VERSION, runs:/…, or a model's folder.")
    ],
    tag: Annotated[str | None, typer.Option(help="Name of the image; default: the model's name and version.")] = None,
    registry_timeout_seconds: RegistryTimeout = WAIT_SECONDS,
) -> None:
    """Build an image that serves one version and needs no MLflow; from a checkout, with Docker."""
    with _told_to_people():
        from housing_price_model.commands.build_image import ImageRequest, build_model_image

        request = ImageRequest(model_uri=model_uri, tag=tag, registry_timeout_seconds=registry_timeout_seconds)
        build_model_image(request, _console())


def main() -> None:
    """The console script."""
    app()


def _console() -> "Console":
    """Plain text: what is printed are sentences and paths, to be wrapped by the terminal alone."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True)


def _wait_seconds(given: float | None, *, if_needed: bool) -> float:
    if given is not None:
        return given
    return WAIT_WHILE_STARTING_SECONDS if if_needed else WAIT_SECONDS


@contextmanager
def _told_to_people() -> Iterator[None]:
    """Errors and interruptions as one line; a process that is told to end is interrupted like one at a terminal."""
    prepare_environment()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except ModelError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from error
    except KeyboardInterrupt as interrupt:
        print("interrupted", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from interrupt
