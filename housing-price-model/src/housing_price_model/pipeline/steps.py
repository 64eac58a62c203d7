"""The steps, in order: what each needs, which part of the configuration it reads, and what it writes."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from housing_price_model.errors import DataError, TuningError
from housing_price_model.inference import Encoder
from housing_price_model.pipeline.configuration import Configuration
from housing_price_model.pipeline.run_log import EXPERIMENT
from housing_price_model.pipeline.sales_files import (
    fetch,
    read_folds,
    read_sales,
    source_checksum,
    write_folds,
    write_sales,
)
from housing_price_model.progress import Progress
from housing_price_model.recipes import DEFAULT_RECIPE, Recipe, find_recipe
from housing_price_model.recipes.blend.features import GROUPS, design
from housing_price_model.recipes.blend.parameters import default_settings
from housing_price_model.registry.connection import tracking_uri
from housing_price_model.tuning.parameters_file import read_recipe

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from optuna import Study
    from optuna.trial import FrozenTrial

    from housing_price_model.data import Sales
    from housing_price_model.tuning.scoring import Scoring
    from housing_price_model.tuning.search import Plan

PARAMETERS_FILE = "best-params.json"
SETTINGS_FILE = "settings.json"
VERSION_FILE = "version.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a step works with: the folders of what it needs by step, an empty one for what it makes, its run in MLflow,
    and where a search that is interrupted can go on (a name and a file of studies)."""

    configuration: Configuration
    inputs: Mapping[str, Path]
    output: Path
    progress: Progress
    client: "MlflowClient"
    run_id: str
    study: str
    studies: Path

    def sales(self) -> "Sales":
        """The validated sales."""
        return read_sales(self.inputs["validate"])


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the pipeline; ``settings`` is what of the configuration, and of the world, decides about its result."""

    name: str
    needs: tuple[str, ...]
    settings: Callable[[Configuration], Mapping[str, Any]]
    run: Callable[[Work], None]


def data(work: Work) -> None:
    """The sales as they come.

    Raises:
        DataError: if they can't be read.
    """
    source = work.configuration.data.source
    try:
        fetch(source, work.output)
    except OSError as error:
        raise DataError(f"{source}: {error.strerror or error}") from error


def validate(work: Work) -> None:
    """Every sale through the house record; what is absent, and the range of prices."""
    sales = read_sales(work.inputs["data"])
    write_sales(sales, work.output)
    absent = {str(name): int(count) for name, count in sales.frame.isna().sum().items() if count}
    prices = {name: float(getattr(sales.prices, name)()) for name in ("min", "median", "max")}
    _write_json(work.output / "report.json", {"sales": len(sales), "absent": absent, "prices": prices})


def features(work: Work) -> None:
    """What becomes of each column with the settings that come with the program, and the matrix of all sales."""
    sales = work.sales()
    designed = design(sales.rows, default_settings().limits)
    group = {name: title for title, names in GROUPS.items() for name in names}
    lines = [f"{place},{name},{group.get(name, '')}" for place, name in enumerate(designed.names)]
    (work.output / "columns.csv").write_text("\n".join(["place,column,group", *lines]) + "\n", encoding="utf-8")
    (work.output / "encoding.json").write_text(designed.encoding.model_dump_json(indent=2) + "\n", encoding="utf-8")
    np.save(work.output / "matrix.npy", Encoder(designed.encoding).encode(sales.rows))


def split(work: Work) -> None:
    """The fold of each sale."""
    write_folds(work.sales(), work.output)


def select(work: Work) -> None:
    """The evidence for imputation and features."""
    from housing_price_model.pipeline.selection import better_than_recipe, choices, compare, write

    folds = read_folds(work.inputs["split"])
    compared = choices(work.configuration.select)
    measured = compare(work.sales(), folds, default_settings(), compared, work.progress)
    write(measured, work.output)
    for choice in better_than_recipe(measured):
        work.progress.step(f"select: {choice.question} {choice.name} is better than what the recipe does, beyond noise")


def tune(work: Work) -> None:
    """The settings to fit with: those that come with the program, or the best of a search."""
    trials = work.configuration.tune.trials
    if trials:
        _search(work, trials)
    recipe = read_recipe(work.output / PARAMETERS_FILE) if trials else find_recipe(DEFAULT_RECIPE)
    _write_json(work.output / SETTINGS_FILE, dict(recipe.settings))


def _search(work: Work, trials: int) -> None:
    from housing_price_model.tuning.best import parameters_of
    from housing_price_model.tuning.optuna_extra import check_optuna

    check_optuna()
    from housing_price_model.tuning.plots import save_plots
    from housing_price_model.tuning.scoring import scoring_on
    from housing_price_model.tuning.search import Plan, open_study

    plan = Plan(trials=trials, seed=work.configuration.tune.seed, base=default_settings())
    scoring = scoring_on(work.sales(), read_folds(work.inputs["split"]))
    with open_study(work.study, work.studies, {}) as study:
        _search_recorded(work, study, plan, scoring)
        found = parameters_of(study, plan)
        save_plots(study, work.output, seed=plan.seed)
    if found is None:
        raise TuningError("no trial has given prices: the sales can't be fitted with any settings that were tried")
    found.write(work.output / PARAMETERS_FILE)


def _search_recorded(work: Work, study: "Study", plan: "Plan", scoring: "Scoring") -> None:
    """Each trial is a run below the step's, those too that were made before the step was interrupted."""
    from housing_price_model.tuning.logs import MlflowLog
    from housing_price_model.tuning.search import finished, search

    # Not closed: the step's run is ended by whoever began it.
    log = MlflowLog(work.client, EXPERIMENT, work.study, work.run_id)
    log.catch_up(finished(study))

    def watch(trial: "FrozenTrial") -> None:
        log.trial(trial)
        work.progress.step(f"tune: trial {trial.number} of {plan.trials}")

    search(study, plan, scoring, watch)


def register(work: Work) -> None:
    """A version, trained with the settings that were found."""
    from housing_price_model.publication.publish import publish
    from housing_price_model.training.train import train

    trained = train(work.sales(), _tuned(work.inputs["tune"]), work.progress)
    section = work.configuration.register_
    published = publish(trained, work.client, experiment=section.experiment, promote=section.promote)
    _write_json(work.output / VERSION_FILE, {"version": published.version, "run_id": published.run_id})
    work.progress.step(f"register: version {published.version}{' is the champion' * published.is_champion}")


def _tuned(folder: Path) -> Recipe:
    found = folder / PARAMETERS_FILE
    return read_recipe(found) if found.is_file() else find_recipe(DEFAULT_RECIPE)


def _write_json(path: Path, value: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def _nothing(_configuration: Configuration) -> Mapping[str, Any]:
    return {}


STEPS = (
    Step("data", (), lambda chosen: chosen.data.model_dump() | {"sha256": source_checksum(chosen.data.source)}, data),
    Step("validate", ("data",), _nothing, validate),
    Step("features", ("validate",), _nothing, features),
    Step("split", ("validate",), _nothing, split),
    Step("select", ("validate", "split"), lambda chosen: chosen.select.model_dump(), select),
    Step("tune", ("validate", "split"), lambda chosen: chosen.tune.model_dump(), tune),
    Step(
        "register",
        ("validate", "tune"),
        # A version is in one registry, and not in another.
        lambda chosen: chosen.register_.model_dump() | {"registry": tracking_uri()},
        register,
    ),
)
STEP_NAMES = tuple(step.name for step in STEPS)
