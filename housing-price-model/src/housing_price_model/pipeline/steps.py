"""The steps in order: what each needs, which part of the configuration it reads, and what it writes."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from command_line.failures import find_full_disk
from host_environment.files import describe_unreadable
from house_record import Record

from housing_price_model.errors import DataError, TuningError
from housing_price_model.inference import Encoder
from housing_price_model.pipeline.configuration import Configuration
from housing_price_model.pipeline.run_log import EXPERIMENT
from housing_price_model.pipeline.sales_files import (
    compute_source_checksum,
    fetch,
    read_folds,
    read_sales,
    write_folds,
    write_sales,
)
from housing_price_model.progress import Progress
from housing_price_model.recipes import DEFAULT_RECIPE, Recipe, find_recipe
from housing_price_model.recipes.blend.features import GROUPS, make_design
from housing_price_model.recipes.blend.parameters import default_settings
from housing_price_model.registry.connection import tracking_uri
from housing_price_model.tuning.parameters_file import read_recipe

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from optuna import Study
    from optuna.trial import FrozenTrial

    from housing_price_model.data import Sales
    from housing_price_model.tuning.logs import TrialRun
    from housing_price_model.tuning.scoring import Scoring
    from housing_price_model.tuning.search import Plan

PARAMETERS_FILE = "best-params.json"
SETTINGS_FILE = "settings.json"
VERSION_FILE = "version.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a step works with: the folders of its inputs by step, an empty folder for its outputs, its MLflow run, and a
    study by which an interrupted search resumes."""

    configuration: Configuration
    record: Record
    inputs: Mapping[str, Path]
    output: Path
    progress: Progress
    client: "MlflowClient"
    run_id: str
    study: str
    studies: Path

    def sales(self) -> "Sales":
        """The validated sales."""
        return read_sales(self.inputs["validate"], self.record)


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the pipeline. ``settings`` returns what else its result depends on, from the configuration and the
    environment."""

    name: str
    needs: tuple[str, ...]
    settings: Callable[[Configuration], Mapping[str, Any]]
    run: Callable[[Work], None]


def data(work: Work) -> None:
    """Fetch the sales, unvalidated.

    Raises:
        DataError: if they can't be read.
    """
    source = work.configuration.data.source
    try:
        fetch(source, work.output, work.record, work.configuration.data.empty)
    except OSError as error:
        if find_full_disk(error):  # not of the source
            raise
        raise DataError(describe_unreadable(source, error)) from error


def validate(work: Work) -> None:
    """Validate every sale, and report missing values, the range of prices and warnings."""
    sales = read_sales(work.inputs["data"], work.record)
    if sales.empty_cells:
        work.progress.step(sales.empty_cells)
    for warning in sales.warnings:
        work.progress.step(f"warning: {warning}")
    write_sales(sales, work.output)
    absent = {str(name): int(count) for name, count in sales.frame.isna().sum().items() if count}
    prices = {name: float(getattr(sales.prices, name)()) for name in ("min", "median", "max")}
    _write_json(
        work.output / "report.json",
        {"sales": len(sales), "absent": absent, "prices": prices, "warnings": [*sales.warnings]},
    )


def report_encoding(work: Work) -> None:
    """Report the encoding with the default settings, and the matrix of all sales. No fit reads it."""
    sales = work.sales()
    designed = make_design(sales.record.features, sales.rows, default_settings().limits)
    group = {name: title for title, names in GROUPS.items() for name in names}
    lines = [f"{place},{name},{group.get(name, '')}" for place, name in enumerate(designed.names)]
    (work.output / "columns.csv").write_text("\n".join(["place,column,group", *lines]) + "\n", encoding="utf-8")
    (work.output / "encoding.json").write_text(designed.encoding.model_dump_json(indent=2) + "\n", encoding="utf-8")
    np.save(work.output / "matrix.npy", Encoder(designed.encoding).encode(sales.rows))


def split(work: Work) -> None:
    """Write the fold of each sale."""
    write_folds(work.sales(), work.output)


def report_selection(work: Work) -> None:
    """Report how imputations and feature choices compare with the recipe. No fit reads it."""
    from housing_price_model.pipeline.selection import compare, find_better_choices, list_choices, write

    folds = read_folds(work.inputs["split"])
    compared = list_choices(work.configuration.selection_report)
    measured = compare(work.sales(), folds, default_settings(), compared, work.progress)
    write(measured, work.output)
    for choice in find_better_choices(measured):
        work.progress.step(f"selection-report: {choice.question} {choice.name} is better than the recipe, beyond noise")


def tune(work: Work) -> None:
    """Write the settings to fit with: the defaults, or the best of a search."""
    trials = work.configuration.tune.trials
    if trials:
        _search(work, trials)
    recipe = read_recipe(work.output / PARAMETERS_FILE) if trials else find_recipe(DEFAULT_RECIPE)
    _write_json(work.output / SETTINGS_FILE, dict(recipe.settings))


def _search(work: Work, trials: int) -> None:
    from housing_price_model.tuning.best import find_best_parameters
    from housing_price_model.tuning.optuna_extra import check_optuna

    check_optuna()
    from housing_price_model.tuning.plots import save_plots
    from housing_price_model.tuning.scoring import make_scoring
    from housing_price_model.tuning.search import Plan, derive_start, open_study

    section = work.configuration.tune
    plan = Plan(
        trials=trials,
        seed=section.seed,
        base=default_settings(),
        objective=section.objective,
        derives_groups=section.groups,
    )
    sales = work.sales()
    scoring = make_scoring(sales, read_folds(work.inputs["split"]))
    with open_study(work.study, work.studies, {}, section.pruner) as study:
        plan = derive_start(study, plan, sales)
        runs = _search_recorded(work, study, plan, scoring)
        found = find_best_parameters(study, plan, runs)
        save_plots(study, work.output, seed=plan.seed, objective=plan.objective)
    if found is None:
        raise TuningError("no trial succeeded: the sales can't be fitted with any of the settings")
    found.write(work.output / PARAMETERS_FILE)


def _search_recorded(work: Work, study: "Study", plan: "Plan", scoring: "Scoring") -> "Mapping[int, TrialRun]":
    """Search, and record each trial as a child of the step's run, including trials from before an interruption.

    Returns the run of each trial.
    """
    from housing_price_model.tuning.logs import MlflowLog
    from housing_price_model.tuning.search import list_finished, search

    # Not closed here: whoever starts the step's run also ends it.
    log = MlflowLog(work.client, EXPERIMENT, work.study, work.run_id, plan.objective)
    log.catch_up(list_finished(study))

    def watch(trial: "FrozenTrial") -> None:
        log.trial(trial)
        work.progress.step(f"tune: trial {trial.number} of {plan.trials}")

    search(study, plan, scoring, watch)
    return log.runs


def register(work: Work) -> None:
    """Train with the settings that were found, and register a version."""
    from housing_price_model.publication.publish import publish
    from housing_price_model.training.train import train

    trained = train(work.sales(), _read_tuned_recipe(work.inputs["tune"]), work.progress)
    section = work.configuration.register_
    published = publish(trained, work.client, experiment=section.experiment, promote=section.promote)
    _write_json(work.output / VERSION_FILE, {"version": published.version, "run_id": published.run_id})
    work.progress.step(f"register: version {published.version}{' is the champion' * published.is_champion}")


def _read_tuned_recipe(folder: Path) -> Recipe:
    found = folder / PARAMETERS_FILE
    return read_recipe(found) if found.is_file() else find_recipe(DEFAULT_RECIPE)


def _write_json(path: Path, value: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def _read_nothing(_configuration: Configuration) -> Mapping[str, Any]:
    return {}


STEPS = (
    Step(
        "data",
        (),
        lambda chosen: chosen.data.model_dump() | {"sha256": compute_source_checksum(chosen.data.source)},
        data,
    ),
    Step("validate", ("data",), _read_nothing, validate),
    Step("encoding-report", ("validate",), _read_nothing, report_encoding),
    Step("split", ("validate",), _read_nothing, split),
    Step(
        "selection-report",
        ("validate", "split"),
        lambda chosen: chosen.selection_report.model_dump(),
        report_selection,
    ),
    Step("tune", ("validate", "split"), lambda chosen: chosen.tune.model_dump(), tune),
    Step(
        "register",
        ("validate", "tune"),
        # A version exists in one registry only.
        lambda chosen: chosen.register_.model_dump() | {"registry": tracking_uri()},
        register,
    ),
)
STEP_NAMES = tuple(step.name for step in STEPS)
