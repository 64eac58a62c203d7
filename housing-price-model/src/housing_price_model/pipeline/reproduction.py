"""Refits a version from its record, and compares the prices of all sales to the cent."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from housing_price_model.errors import NotReproduced, TrainingError
from housing_price_model.evaluation.cross_validation import Prices
from housing_price_model.evaluation.folds import SEED
from housing_price_model.inference import CompiledModel, read_price
from housing_price_model.progress import Progress
from housing_price_model.publication.artefact import save_artefact
from housing_price_model.recipes import BestTrial, Recipe, find_recipe
from housing_price_model.registry.manifest import Manifest
from housing_price_model.registry.provenance import git_commit, library_versions
from housing_price_model.training.train import train

if TYPE_CHECKING:
    from housing_price_model.data import Sales

CENTS = 100


@dataclass(frozen=True, slots=True)
class Comparison:
    """The number of prices that differ, the number of sales, and the largest difference in cents."""

    different: int
    sales: int
    largest_cents: int


def recover_recipe(manifest: Manifest) -> Recipe:
    """Return the recipe that a version records, with its settings.

    Raises:
        NotReproduced: if the version has no settings, or this program does not accept them.
    """
    settings = manifest.settings
    if settings is None:
        raise NotReproduced("the version does not record its settings: it was registered by an older program")
    if settings.seed != SEED:
        raise NotReproduced(f"the version was fitted with seed {settings.seed}, this program fits with {SEED}")
    tuned = (
        BestTrial(settings.study, settings.best_trial) if settings.study and settings.best_trial is not None else None
    )
    try:
        return find_recipe(manifest.recipe, settings.values or None, tuned)
    except TrainingError as error:
        raise NotReproduced(f"this program does not accept what the version records: {error}") from error


def refit(manifest: Manifest, sales: "Sales", folder: Path, progress: Progress) -> CompiledModel:
    """Refit a version and return the compiled model. Its files are written to a new folder.

    Raises:
        NotReproduced: if the version can't be refitted.
    """
    from mlflow.models import Model

    trained = train(sales, recover_recipe(manifest), progress)
    save_artefact(trained, folder, Model())
    return CompiledModel.load(folder)


def price_sales(model: CompiledModel, sales: "Sales") -> Prices:
    """Return the prices of all sales in US dollars as a model server prices them."""
    return np.array([read_price(output) for output in model.predict(sales.record.columns, sales.rows)])


def compare(kept: Prices, again: Prices, *, tolerance_cents: int) -> Comparison:
    """Compare prices after rounding to cents, as responses are rounded."""
    apart = np.abs(np.rint(kept * CENTS) - np.rint(again * CENTS))
    return Comparison(int((apart > tolerance_cents).sum()), len(apart), int(apart.max(initial=0)))


def find_likely_cause(manifest: Manifest, here: Mapping[str, str] | None = None) -> str:
    """Return why prices may differ, as a clause for people."""
    installed = library_versions() if here is None else here
    others = [
        f"{name} {version} (here {installed.get(name, 'none')})"
        for name, version in manifest.libraries.items()
        if installed.get(name) != version
    ]
    if others:
        return f"it was fitted with {', '.join(others)}"
    commit = git_commit()
    if manifest.git_commit != commit:
        return f"it was fitted by commit {manifest.git_commit or 'unknown'}, this is {commit or 'unknown'}"
    return "libraries and commit are the same, so the machine's arithmetic may differ"
