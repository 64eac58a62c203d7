"""`housing-price bench`: options in, exit code out. The command `housing-price` adds it to its own."""

from pathlib import Path
from typing import Annotated

import typer
from command_line.choices import list_names
from command_line.failures import stop
from supervised_processes.errors import CommandError

from housing_price_bench.errors import UsageError
from housing_price_bench.option_checks import RECIPES
from housing_price_bench.options import SLOW_MODEL_SECONDS, BenchOptions, GeneratorChoice


def bench(
    *,
    data: Annotated[
        str | None, typer.Option(help="sample (generated), openml, or a file of sales.", show_default="sample")
    ] = None,
    recipe: Annotated[
        str | None, typer.Option(help=f"How to train: {' or '.join(list_names(RECIPES))}.", show_default="default")
    ] = None,
    seconds: Annotated[float, typer.Option(min=0.1, max=3600, help="How long each case is measured.")] = 10.0,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write everything measured to this file.")] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=1_024, help="Processes of the orchestrator and of the model server.")
    ] = 1,
    generator: Annotated[
        GeneratorChoice, typer.Option(help="What sends the load; auto takes wrk, else oha, else the bundled one.")
    ] = "auto",
    overload: Annotated[
        bool, typer.Option("--overload", help="Measure what is answered in time when too much is asked for.")
    ] = False,
    flows: Annotated[
        bool, typer.Option("--flows", help="Measure what a flow costs beside the route for prices.")
    ] = False,
    model_seconds: Annotated[
        float, typer.Option(min=0.001, max=1.5, help="What a call to the model of --overload takes; it computes one.")
    ] = SLOW_MODEL_SECONDS,
    plot_file: Annotated[
        Path | None, typer.Option("--plot", help="Draw the curve of --overload into this SVG file.")
    ] = None,
) -> None:
    """Measure what a price costs on this machine, beside a stock server and a bare echo."""
    from housing_price_bench.flows.run import run_flows
    from housing_price_bench.overload.run import run_overload
    from housing_price_bench.prices.run import run_bench

    options = BenchOptions(
        data=data,
        recipe=recipe,
        seconds=seconds,
        json_file=json_file,
        workers=workers,
        generator=generator,
        plot_file=plot_file,
        model_seconds=model_seconds,
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
    except CommandError as error:
        stop(str(error), program="housing-price bench", exit_code=error.exit_code)
