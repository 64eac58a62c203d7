"""The command `housing-price`: options in, exit code out."""

from pathlib import Path
from typing import Annotated, Literal

import typer
from command_line.addresses import require_host
from command_line.choices import list_names
from command_line.failures import stop
from command_line.program import add_command, make_program, run
from supervised_processes.errors import CommandError

from housing_price.option_checks import RECIPES
from housing_price.plan import Options

NAME = "housing-price"


def up(
    *,
    data: Annotated[
        str | None,
        typer.Option(
            help="sample (generated), openml, or a file of sales. Trains again if the champion's differ.",
            show_default="sample, or the champion's",
        ),
    ] = None,
    empty: Annotated[
        Literal["unknown", "none"] | None,
        typer.Option(
            help='What an empty cell of the file means where the dictionary has a "none" (no garage).',
            show_default="none if the first 1,000 rows hold no NA, else unknown",
        ),
    ] = None,
    recipe: Annotated[
        str | None,
        typer.Option(
            help=f"How to train: {' or '.join(list_names(RECIPES))}. Trains again if the champion's differs.",
            show_default="default, or the champion's",
        ),
    ] = None,
    host: Annotated[
        str, typer.Option(help="Address that every server listens on.", callback=require_host)
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the API.")] = 8000,
    model_port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the model server.")] = 8080,
    mlflow_port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the MLflow server.")] = 9999,
    state_dir: Annotated[Path, typer.Option(help="Folder of the registry and its artifacts.")] = Path(".housing-price"),
    wait_seconds: Annotated[
        float, typer.Option(min=1, max=86_400, metavar="SECONDS", help="How long the start may take.")
    ] = 300.0,
) -> None:
    """Train a model if there is none yet, and run everything in the foreground; Ctrl-C stops it."""
    from housing_price.up import run_up

    options = Options(
        data=data,
        empty=empty,
        recipe=recipe,
        host=host,
        port=port,
        model_port=model_port,
        mlflow_port=mlflow_port,
        state_dir=state_dir,
        wait_seconds=wait_seconds,
    )
    try:
        run_up(options)
    except CommandError as error:
        stop(str(error), program=f"{NAME} up", exit_code=error.exit_code)


def _refuse_bench() -> None:
    """Measure what a price costs on this machine; needs the extra `bench`."""
    stop("not installed: run `uv sync`, or install housing-price[bench]", program=f"{NAME} bench")


def _add_bench() -> None:
    """Add `bench`, which only developers install."""
    try:
        from housing_price_bench.cli import bench
    except ModuleNotFoundError as error:
        if error.name != "housing_price_bench":
            raise
        anything = {"allow_extra_args": True, "ignore_unknown_options": True}
        add_command(app, _refuse_bench, "bench", context_settings=anything)
    else:
        add_command(app, bench)


app = make_program(NAME, help="The housing price platform on this machine.")
add_command(app, up)
_add_bench()


def main() -> None:
    """The entry point of the command."""
    run(app, NAME)
