"""The command `tune` and its options."""

from pathlib import Path
from typing import Annotated, Literal

import typer
from command_line.output import make_console

from housing_price_model.cli.options import WAIT_SECONDS, EmptyCells, RegistryTimeout
from housing_price_model.cli.terminal import report_errors

LONGEST_SEARCH_SECONDS = 30 * 86_400.0


def tune(
    *,
    data: Annotated[str, typer.Option(help="Sales as for train.")] = "sample",
    empty: EmptyCells = None,
    trials: Annotated[
        int,
        typer.Option(
            min=1, max=1_000_000, help="Number of trials the study ends up with, including those it already has."
        ),
    ] = 50,
    timeout_seconds: Annotated[
        float | None,
        typer.Option(min=0, max=LONGEST_SEARCH_SECONDS, help="Start no trial after this time.", metavar="SECONDS"),
    ] = None,
    study: Annotated[str, typer.Option(help="Name of the study; an existing one is continued.")] = "default",
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Seed of the search.")] = 42,
    objective: Annotated[
        Literal["rmsle", "wmape"],
        typer.Option(help="What the search minimises: errors of logarithms, or dollars in total."),
    ] = "rmsle",
    pruner: Annotated[
        Literal["median", "hyperband"],
        typer.Option(help="How trials are pruned after a fold: worse than the median, or Hyperband's brackets."),
    ] = "median",
    groups: Annotated[
        bool,
        typer.Option("--groups", help="First derive the settings of the process's groups; the search starts there."),
    ] = False,
    storage: Annotated[Path, typer.Option(help="SQLite file of the studies.")] = Path(".housing-price/studies.db"),
    output: Annotated[Path, typer.Option(help="File for the best settings, rewritten at each improvement.")] = Path(
        "best-params.json"
    ),
    logger: Annotated[
        Literal["mlflow", "wandb"], typer.Option(help="wandb: Weights & Biases beside MLflow, with the extra wandb.")
    ] = "mlflow",
    nested: Annotated[
        int | None,
        typer.Option(
            min=2,
            max=100,
            help="Also repeat the search in this many outer folds, for an unbiased score.",
            metavar="FOLDS",
        ),
    ] = None,
    registry_timeout_seconds: RegistryTimeout = WAIT_SECONDS,
) -> None:
    """Search for better settings of the default recipe; needs the extra `tune`."""
    if not study.strip():
        raise typer.BadParameter("must not be empty", param_hint="--study")
    with report_errors():
        from housing_price_model.commands.tune import TuningRequest, tune_recipe

        request = TuningRequest(
            data=data,
            empty=empty,
            trials=trials,
            timeout_seconds=timeout_seconds,
            study=study,
            seed=seed,
            objective=objective,
            pruner=pruner,
            groups=groups,
            storage=storage,
            output=output,
            logger=logger,
            nested=nested,
            registry_timeout_seconds=registry_timeout_seconds,
        )
        tune_recipe(request, make_console())
