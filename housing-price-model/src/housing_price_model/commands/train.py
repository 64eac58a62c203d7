"""The command `train`: decides whether training is needed, trains, and then registers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from house_files import Empty
from house_record import AMES
from rich.console import Console

from housing_price_model.commands.sales_warnings import print_warnings
from housing_price_model.data import Sales, load_sales
from housing_price_model.errors import DataError, SettingsError
from housing_price_model.recipes import DEFAULT_RECIPE, Recipe, check_recipe_name, find_recipe
from housing_price_model.registry.connection import connect, tracking_uri
from housing_price_model.registry.necessity import find_reason_to_train
from housing_price_model.registry.versions import CHAMPION, MODEL_NAME, Champion, find_champion
from housing_price_model.tuning.parameters_file import read_recipe

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from housing_price_model.publication.publish import PublishedVersion
    from housing_price_model.training.train import TrainedModel
    from housing_price_model.tuning.weights_and_biases import WandbRun

DEFAULT_DATA = "sample"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRequest:
    """The options of the command; ``data`` and ``recipe`` are None if the user did not say.

    ``params`` is a file of settings, or None for the default settings. ``logger`` says where else the run is logged.
    ``data_changed`` is why the sales are not the champion's, if the user says so.
    """

    data: str | None = None
    empty: Empty | None = None
    recipe: str | None = None
    params: Path | None = None
    promote: bool = False
    if_needed: bool = False
    logger: Literal["mlflow", "wandb"] = "mlflow"
    data_changed: str | None = None
    experiment: str = "housing-price"
    registry_timeout_seconds: float = 5.0


def train_and_register(request: TrainingRequest, console: Console) -> None:
    """Train and register a version, or print why none is needed.

    Raises:
        ModelError: with one line for people; the champion is unchanged.
    """
    check_recipe_name(request.recipe or DEFAULT_RECIPE)
    tuned = _read_tuned_recipe(request, request.params) if request.params else None
    sales = load_sales(request.data, AMES, request.empty) if request.data else None
    client = connect(tracking_uri(), timeout_seconds=request.registry_timeout_seconds)
    if request.if_needed:
        champion = find_champion(client)
        reason = find_reason_to_train(champion, sales=sales, recipe=request.recipe)
        if reason is None and champion is not None:
            console.print(_describe_champion(champion))
            return
        console.print(f"training a version, because {reason}")
        request = _fill_from_champion(request, champion)
    if sales is None:
        sales = _load_sales_of_champion(request.data) if request.data else load_sales(DEFAULT_DATA, AMES)
    recipe = tuned or find_recipe(request.recipe or DEFAULT_RECIPE)
    _train(request, recipe, sales, client, console)


def _read_tuned_recipe(request: TrainingRequest, params: Path) -> Recipe:
    recipe = read_recipe(params)
    if request.recipe not in (None, recipe.name):
        raise SettingsError(f"{params} has settings of recipe {recipe.name}, not of {request.recipe}")
    return recipe


def _fill_from_champion(request: TrainingRequest, champion: Champion | None) -> TrainingRequest:
    """Fill in what the user did not ask for from the champion: a new recipe is trained on the champion's sales, not on
    the sample."""
    if champion is None:
        return request
    return replace(
        request,
        data=request.data or champion.data_source or None,
        recipe=request.recipe or champion.recipe or None,
    )


def _load_sales_of_champion(source: str) -> Sales:
    try:
        return load_sales(source, AMES)
    except DataError as error:
        raise DataError(f"the champion's sales can't be read again ({error}): name sales with --data") from error


def _describe_champion(champion: Champion) -> str:
    return (
        f"{MODEL_NAME} version {champion.version} stays the {CHAMPION}"
        f" (recipe {champion.recipe}, data {champion.data_source}): nothing to train"
    )


def _train(request: TrainingRequest, recipe: Recipe, sales: Sales, client: "MlflowClient", console: Console) -> None:
    from housing_price_model.commands.summary import summarize
    from housing_price_model.progress import progress_on
    from housing_price_model.publication.publish import publish
    from housing_price_model.training.train import STEPS, train

    console.print(f"recipe {recipe.name}: {recipe.description}")
    if recipe.best_trial:
        console.print(f"settings of trial {recipe.best_trial.trial} of study {recipe.best_trial.study}")
    console.print(f"data {sales.source}: {len(sales):,} sales")
    print_warnings(sales, console)
    with _open_wandb(request, recipe) as wandb_run, progress_on(console, steps=STEPS) as progress:
        trained = train(sales, recipe, progress)
        progress.step("register")
        published = publish(
            trained,
            client,
            experiment=request.experiment,
            promote=request.promote or request.if_needed,
            data_changed=request.data_changed,
        )
        if wandb_run is not None:
            _link(wandb_run, trained, published, client)
    for line in summarize(trained.evaluation, published, tracking_uri()):
        console.print(line)


@contextmanager
def _open_wandb(request: TrainingRequest, recipe: Recipe) -> "Iterator[WandbRun | None]":
    """Start a run in Weights & Biases before the training, if one is wanted: in the group of the study, if there is
    one."""
    if request.logger != "wandb":
        yield None
        return
    from housing_price_model.tuning.weights_and_biases import WandbRun

    study = recipe.best_trial.study if recipe.best_trial else None
    run = WandbRun(f"train {recipe.name}", group=study, job_type="train", config=recipe.parameters)
    has_failed = True
    try:
        yield run
        has_failed = False
    finally:
        run.close(has_failed=has_failed)


def _link(run: "WandbRun", trained: "TrainedModel", published: "PublishedVersion", client: "MlflowClient") -> None:
    from housing_price_model.tuning.weights_and_biases import describe_mlflow_run, link_version

    run.summarize(trained.evaluation.figures())
    mlflow_run = describe_mlflow_run(client.tracking_uri, published.experiment_id, published.run_id)
    link_version(run, published.version, mlflow_run, client)
