"""Refuses options that can be seen to be wrong before anything starts."""

import os
from pathlib import Path

from command_line.choices import describe_unknown, list_names

from housing_price_bench.errors import UsageError
from housing_price_bench.options import SLOW_MODEL_SECONDS, BenchOptions

RECIPES = "housing_price_model.recipes"
"""The entry points that name the recipes: `bench` does not import the model."""

_NAMED_DATA = ("sample", "openml")


def require_usable_files(options: BenchOptions) -> None:
    """Refuse files that can't be read or written, and recipes that don't exist.

    Raises:
        UsageError: if the data or the recipe are not there, or the results could not be written at the end.
    """
    if options.recipe is not None and (mistake := describe_unknown("--recipe", options.recipe, list_names(RECIPES))):
        raise UsageError(mistake)
    if options.data is not None:
        _require_data(options.data)
    if options.json_file is not None:
        _require_writable("--json", options.json_file)
    if options.plot_file is not None:
        if options.plot_file.suffix != ".svg":
            raise UsageError(f"--plot {options.plot_file}: the picture is SVG; name a file that ends with .svg")
        _require_writable("--plot", options.plot_file)


def require_no_plot(options: BenchOptions) -> None:
    """Refuse `--plot` and `--model-seconds` without `--overload`.

    Raises:
        UsageError: if it is given.
    """
    if options.plot_file is not None:
        raise UsageError("--plot is for --overload")
    if options.model_seconds != SLOW_MODEL_SECONDS:
        raise UsageError("--model-seconds is for --overload")


def require_flow_options(options: BenchOptions) -> None:
    """Refuse options of a real model together with `--flows`.

    Raises:
        UsageError: if one is given.
    """
    others = BenchOptions(seconds=options.seconds, json_file=options.json_file, generator=options.generator)
    if options != others:
        raise UsageError("--flows takes --seconds, --json and --generator alone: the model is made up")


def require_overload_options(options: BenchOptions) -> None:
    """Refuse options of a real model together with `--overload`.

    Raises:
        UsageError: if one is given.
    """
    others = BenchOptions(
        seconds=options.seconds,
        json_file=options.json_file,
        plot_file=options.plot_file,
        model_seconds=options.model_seconds,
    )
    if options != others:
        raise UsageError(
            "--overload takes --seconds, --json and --plot alone: the model that it overloads is made up, as slow as "
            "--model-seconds says"
        )


def _require_data(data: str) -> None:
    if data not in _NAMED_DATA and not Path(data).is_file():
        raise UsageError(f"--data {data}: no such file, and neither of {', '.join(_NAMED_DATA)}")


def _require_writable(option: str, file: Path) -> None:
    folder = file.absolute().parent
    if file.is_dir():
        raise UsageError(f"{option} {file}: this is a folder; name a file in it")
    if not folder.is_dir():
        raise UsageError(f"{option} {file}: there is no folder {folder}")
    if not os.access(file if file.exists() else folder, os.W_OK):
        raise UsageError(f"{option} {file}: cannot be written; choose another place")
