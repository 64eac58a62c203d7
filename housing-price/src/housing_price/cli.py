"""The command `housing-price`: options in, exit code out."""

import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from housing_price.bench.options import BenchOptions, GeneratorChoice
from housing_price.errors import UpError, UsageError
from housing_price.plan import Options

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def housing_price() -> None:
    """The housing price platform on this machine."""


@app.command()
def up(
    *,
    data: Annotated[
        str | None,
        typer.Option(
            help="sample (generated), openml, or a file of sales. Trains again if the champion's differ.",
            show_default="sample, or the champion's",
        ),
    ] = None,
    recipe: Annotated[
        str | None,
        typer.Option(
            help="How to train. Trains again if the champion's differs.",
            show_default="default, or the champion's",
        ),
    ] = None,
    host: Annotated[str, typer.Option(help="Address that every server listens on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the API.")] = 8000,
    model_port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the model server.")] = 8080,
    mlflow_port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the MLflow server.")] = 9999,
    state_dir: Annotated[Path, typer.Option(help="Folder of the registry and its artifacts.")] = Path(".housing-price"),
    wait_seconds: Annotated[float, typer.Option(min=1, help="How long the start may take.")] = 300.0,
) -> None:
    """Train a model if there is none yet, and run everything in the foreground; Ctrl-C stops it."""
    from housing_price.up import run_up

    options = Options(
        data=data,
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
    except UpError as error:
        print(f"housing-price up: {error}", file=sys.stderr)
        raise typer.Exit(error.exit_code) from None


@app.command()
def bench(
    *,
    data: Annotated[
        str | None, typer.Option(help="sample (generated), openml, or a file of sales.", show_default="sample")
    ] = None,
    recipe: Annotated[str | None, typer.Option(help="How to train.", show_default="default")] = None,
    seconds: Annotated[float, typer.Option(min=0.1, max=3600, help="How long each case is measured.")] = 10.0,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write everything measured to this file.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes of the orchestrator and of the model server.")] = 1,
    generator: Annotated[
        GeneratorChoice, typer.Option(help="What sends the load; auto takes wrk, else oha, else the bundled one.")
    ] = "auto",
    overload: Annotated[
        bool, typer.Option("--overload", help="Measure what is answered in time when too much is asked for.")
    ] = False,
    flows: Annotated[
        bool, typer.Option("--flows", help="Measure what a flow costs beside the route for prices.")
    ] = False,
    plot_file: Annotated[
        Path | None, typer.Option("--plot", help="Draw the curve of --overload into this SVG file.")
    ] = None,
) -> None:
    """Measure what a price costs on this machine, beside a stock server and a bare echo."""
    from housing_price.bench.flows.run import run_flows
    from housing_price.bench.overload.run import run_overload
    from housing_price.bench.run import run_bench

    options = BenchOptions(
        data=data,
        recipe=recipe,
        seconds=seconds,
        json_file=json_file,
        workers=workers,
        generator=generator,
        plot_file=plot_file,
    )
    try:
        if overload and flows:
            raise UsageError("choose one of --overload and --flows")
        if overload:
            run_overload(options)
        elif flows:
            run_flows(options)
        else:
            run_bench(options)
    except UpError as error:
        print(f"housing-price bench: {error}", file=sys.stderr)
        raise typer.Exit(error.exit_code) from None


def main() -> None:
    """The entry point of the command."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A process may write what the terminal's encoding cannot show; that must not stop everything.
        sys.stdout.reconfigure(errors="replace")
    app()
