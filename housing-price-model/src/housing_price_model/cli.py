"""The command `housing-price-model`. Each command imports what it needs when it runs, so that --help is quick."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

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
MODEL_URI_HELP = "models:/NAME@ALIAS, models:/NAME/VERSION, runs:/…, or a model's folder."
CHAMPION_URI = "models:/housing-price@champion"
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
    params: Annotated[
        Path | None, typer.Option(help="Settings that `tune` has found, as a file.", metavar="FILE")
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
    registry_timeout_seconds: Annotated[
        float | None,
        typer.Option(
            min=0,
            help=f"How long to wait for the MLflow server to answer; {WAIT_SECONDS:g},"
            f" with --if-needed {WAIT_WHILE_STARTING_SECONDS:g}.",
            metavar="SECONDS",
        ),
    ] = None,
) -> None:
    """Train, evaluate and register a version; it becomes the champion if there is none."""
    if params is not None and if_needed:
        raise typer.BadParameter("can't be told with --if-needed, which keeps a champion", param_hint="--params")
    with _told_to_people():
        from housing_price_model.commands.train import TrainingRequest, train_and_register

        request = TrainingRequest(
            data=data,
            recipe=recipe,
            params=params,
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
            help=MODEL_URI_HELP,
        ),
    ] = CHAMPION_URI,
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
    cache_dir: Annotated[
        Path | None,
        typer.Option(
            envvar="HOUSING_PRICE_MODEL_CACHE_DIR",
            help="Where the last verified versions are kept, for a start while the registry can't be reached;"
            " below the user's caches if left out.",
        ),
    ] = None,
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
            cache_dir=cache_dir,
        )
        serve_model(request, _console())


@app.command()
def promote(
    version: Annotated[int, typer.Argument(min=1, help="The number of a registered version.", metavar="VERSION")],
    *,
    force: Annotated[
        str | None,
        typer.Option(help="Promote it even if it fails; the reason is kept with the version.", metavar="REASON"),
    ] = None,
    registry_timeout_seconds: RegistryTimeout = WAIT_SECONDS,
) -> None:
    """Make a version the champion if it is no worse than the champion and fit to be served."""
    if force is not None and not force.strip():
        raise typer.BadParameter("give the reason in words", param_hint="--force")
    with _told_to_people():
        from housing_price_model.commands.promote import PromotionRequest
        from housing_price_model.commands.promote import promote as promote_checked

        request = PromotionRequest(version=str(version), force=force, registry_timeout_seconds=registry_timeout_seconds)
        promote_checked(request, _console())


@app.command()
def rollback(
    *,
    reason: Annotated[str, typer.Option(help="Why; kept with both versions.", show_default=False)] = "",
    registry_timeout_seconds: RegistryTimeout = WAIT_SECONDS,
) -> None:
    """Make the version the champion again that was it before; a second rollback goes one further back."""
    with _told_to_people():
        from housing_price_model.commands.rollback import rollback as roll_champion_back

        roll_champion_back(_console(), reason=reason, registry_timeout_seconds=registry_timeout_seconds)


@app.command()
def evaluate(
    version: Annotated[
        int | None,
        typer.Argument(
            min=1, help="The number of a registered version; the champion if left out.", metavar="[VERSION]"
        ),
    ] = None,
    *,
    against: Annotated[
        str | None,
        typer.Option(help="A version's number, or champion (the default, if it is another).", metavar="VERSION"),
    ] = None,
    data: Annotated[
        str | None, typer.Option(help="Sales as for train; those that the version learnt from if left out.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Where the page is written; evaluation-VERSION.html if left out.")
    ] = None,
    registry_timeout_seconds: RegistryTimeout = WAIT_SECONDS,
) -> None:
    """Report on a version, as one HTML page that is also kept with its run."""
    with _told_to_people():
        from housing_price_model.commands.evaluate import EvaluationRequest, evaluate_version

        request = EvaluationRequest(
            version=None if version is None else str(version),
            against=against,
            data=data,
            output=output,
            registry_timeout_seconds=registry_timeout_seconds,
        )
        evaluate_version(request, _console())


@app.command()
def predict(
    house: Annotated[str, typer.Argument(help="A JSON file as the API takes it; - is standard input.", metavar="FILE")],
    *,
    model_uri: Annotated[str, typer.Option(envvar="HOUSING_PRICE_MODEL_URI", help=MODEL_URI_HELP)] = CHAMPION_URI,
    coverage: Annotated[
        float | None, typer.Option(min=0.5, max=0.99, help="Share of prices that the interval is to hold.")
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Say what drives the price.")] = False,
    comparables: Annotated[int, typer.Option(min=0, max=20, help="How many of the nearest sales to add.")] = 0,
    registry_timeout_seconds: RegistryTimeout = WAIT_SECONDS,
) -> None:
    """Price one house without a server, and print what the API answers."""
    with _told_to_people():
        from house_record.price import PriceOptions

        from housing_price_model.commands.predict import PredictionRequest
        from housing_price_model.commands.predict import predict as predict_price

        asked = {"explain": explain, "comparables": comparables}
        # A coverage that was not named is not among those that the answer must keep to.
        options = PriceOptions.model_validate(asked if coverage is None else {**asked, "coverage": coverage})
        request = PredictionRequest(
            house=house, model_uri=model_uri, options=options, registry_timeout_seconds=registry_timeout_seconds
        )
        predict_price(request, _console())


@app.command()
def tune(
    *,
    data: Annotated[str, typer.Option(help="Sales as for train.")] = "sample",
    trials: Annotated[
        int, typer.Option(min=1, help="How many trials the study has in the end, with those it has already.")
    ] = 50,
    timeout_seconds: Annotated[
        float | None, typer.Option(min=0, help="Begin no trial after this time.", metavar="SECONDS")
    ] = None,
    study: Annotated[str, typer.Option(help="Its name; one that is there goes on.")] = "default",
    seed: Annotated[int, typer.Option(min=0, help="Of the search.")] = 42,
    storage: Annotated[Path, typer.Option(help="SQLite file of the studies.")] = Path(".housing-price/studies.db"),
    output: Annotated[Path, typer.Option(help="Where the best settings are written, at each improvement.")] = Path(
        "best-params.json"
    ),
    logger: Annotated[
        Literal["mlflow", "wandb"], typer.Option(help="wandb: Weights & Biases beside MLflow, with the extra wandb.")
    ] = "mlflow",
    nested: Annotated[
        int | None,
        typer.Option(min=2, help="Also search anew in so many outer folds: the honest score.", metavar="FOLDS"),
    ] = None,
    registry_timeout_seconds: RegistryTimeout = WAIT_SECONDS,
) -> None:
    """Search for better settings of the default recipe; needs the extra `tune`."""
    with _told_to_people():
        from housing_price_model.commands.tune import TuningRequest
        from housing_price_model.commands.tune import tune as tune_settings

        request = TuningRequest(
            data=data,
            trials=trials,
            timeout_seconds=timeout_seconds,
            study=study,
            seed=seed,
            storage=storage,
            output=output,
            logger=logger,
            nested=nested,
            registry_timeout_seconds=registry_timeout_seconds,
        )
        tune_settings(request, _console())


@app.command()
def run(
    *,
    config: Annotated[
        Path | None, typer.Option(help="The configuration, as TOML; the defaults if left out.", metavar="FILE")
    ] = None,
    overrides: Annotated[
        list[str] | None, typer.Option("--set", help="A single value, such as tune.trials=20.", metavar="KEY=VALUE")
    ] = None,
    steps: Annotated[str | None, typer.Option(help="Only these steps, with commas between.", metavar="STEPS")] = None,
    first: Annotated[str | None, typer.Option("--from", help="This step and those after it.", metavar="STEP")] = None,
    state_dir: Annotated[Path, typer.Option(help="Folder of results and studies.")] = Path(".housing-price"),
    registry_timeout_seconds: RegistryTimeout = WAIT_SECONDS,
) -> None:
    """Run the pipeline from data to a registered version; a step whose inputs have not changed is skipped."""
    if steps is not None and first is not None:
        raise typer.BadParameter("can't be told with --from", param_hint="--steps")
    with _told_to_people():
        from housing_price_model.commands.run import PipelineRequest
        from housing_price_model.commands.run import run as run_pipeline

        request = PipelineRequest(
            config=config,
            overrides=overrides or (),
            steps=steps,
            first=first,
            state_dir=state_dir,
            registry_timeout_seconds=registry_timeout_seconds,
        )
        run_pipeline(request, _console())


@app.command()
def reproduce(
    version: Annotated[int, typer.Argument(min=1, help="The number of a registered version.", metavar="VERSION")],
    *,
    tolerance_cents: Annotated[int, typer.Option(min=0, help="How far prices may be apart.")] = 0,
    data: Annotated[
        str | None, typer.Option(help="Where the version's sales are now, if not where they were; checked.")
    ] = None,
    registry_timeout_seconds: RegistryTimeout = WAIT_SECONDS,
) -> None:
    """Fit a version again from what it records, and compare the prices of all sales; 1 if any differs."""
    with _told_to_people():
        from housing_price_model.commands.reproduce import ReproductionRequest
        from housing_price_model.commands.reproduce import reproduce as reproduce_version

        request = ReproductionRequest(
            version=str(version),
            data=data,
            tolerance_cents=tolerance_cents,
            registry_timeout_seconds=registry_timeout_seconds,
        )
        reproduce_version(request, _console())


@app.command()
def build_image(
    *,
    model_uri: Annotated[str, typer.Option(help=MODEL_URI_HELP)],
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
