"""The command `train` and its options."""

from pathlib import Path
from typing import Annotated, Literal

import typer
from command_line.output import make_console

from housing_price_model.cli.options import LONGEST_WAIT_SECONDS, WAIT_SECONDS, DataChanged, EmptyCells
from housing_price_model.cli.terminal import report_errors
from housing_price_model.recipes import RECIPE_NAMES

WAIT_WHILE_STARTING_SECONDS = 60.0
"""With --if-needed the MLflow server may still be starting."""


def train(
    *,
    data: Annotated[
        str | None,
        typer.Option(help="sample (generated, the default), openml, or the path of a file of sales."),
    ] = None,
    empty: EmptyCells = None,
    recipe: Annotated[str | None, typer.Option(help=f"Recipe to train: {' or '.join(RECIPE_NAMES)}.")] = None,
    params: Annotated[Path | None, typer.Option(help="File of settings that `tune` wrote.", metavar="FILE")] = None,
    promote: Annotated[bool, typer.Option("--promote", help="Make the version the champion.")] = False,
    if_needed: Annotated[
        bool,
        typer.Option(
            "--if-needed",
            help="Train and promote only if there is no champion, or if its recipe or data differ"
            " from those given here.",
        ),
    ] = False,
    logger: Annotated[
        Literal["mlflow", "wandb"], typer.Option(help="wandb: Weights & Biases beside MLflow, with the extra wandb.")
    ] = "mlflow",
    data_changed: DataChanged = None,
    experiment: Annotated[str, typer.Option(help="MLflow experiment of the run.")] = "housing-price",
    registry_timeout_seconds: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=LONGEST_WAIT_SECONDS,
            help=f"How long to wait for the MLflow server to answer; {WAIT_SECONDS:g},"
            f" with --if-needed {WAIT_WHILE_STARTING_SECONDS:g}.",
            metavar="SECONDS",
        ),
    ] = None,
) -> None:
    """Train, evaluate and register a version; it becomes the champion if there is none."""
    if params is not None and if_needed:
        raise typer.BadParameter("can't be combined with --if-needed", param_hint="--params")
    if data_changed is not None and not data_changed.strip():
        raise typer.BadParameter("must not be empty", param_hint="--data-changed")
    if not experiment.strip():
        raise typer.BadParameter("must not be empty", param_hint="--experiment")
    with report_errors():
        from housing_price_model.commands.train import TrainingRequest, train_and_register

        request = TrainingRequest(
            data=data,
            empty=empty,
            recipe=recipe,
            params=params,
            promote=promote,
            if_needed=if_needed,
            logger=logger,
            data_changed=data_changed,
            experiment=experiment,
            registry_timeout_seconds=_wait_seconds(registry_timeout_seconds, if_needed=if_needed),
        )
        train_and_register(request, make_console())


def _wait_seconds(given: float | None, *, if_needed: bool) -> float:
    if given is not None:
        return given
    return WAIT_WHILE_STARTING_SECONDS if if_needed else WAIT_SECONDS
