"""Making a version again from what it records, and comparing the prices of all sales to the cent."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from house_record import COLUMNS

from housing_price_model.errors import NotReproduced, TrainingError
from housing_price_model.evaluation.cross_validation import Prices
from housing_price_model.evaluation.folds import SEED
from housing_price_model.inference import CompiledModel, price_in
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
    """How many prices differ, of how many, and by how many cents at most."""

    different: int
    sales: int
    largest_cents: int


def recipe_of(manifest: Manifest) -> Recipe:
    """The recipe that a version records, with its settings.

    Raises:
        NotReproduced: if the version records none, or such as this program does not take.
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
        raise NotReproduced(f"this program does not take what the version records: {error}") from error


def fitted_again(manifest: Manifest, sales: "Sales", folder: Path, progress: Progress) -> CompiledModel:
    """The typed model of a new fit, as it would be served; its files are written into a new folder.

    Raises:
        NotReproduced: if the version can't be fitted again.
    """
    from mlflow.models import Model

    trained = train(sales, recipe_of(manifest), progress)
    save_artefact(trained, folder, Model())
    return CompiledModel.load(folder)


def prices_of(model: CompiledModel, sales: "Sales") -> Prices:
    """The prices of all sales in US dollars, as they are served."""
    return np.array([price_in(output) for output in model.predict(COLUMNS, sales.rows)])


def compare(kept: Prices, again: Prices, *, tolerance_cents: int) -> Comparison:
    """Compare prices that are rounded to cents, as answers are."""
    apart = np.abs(np.rint(kept * CENTS) - np.rint(again * CENTS))
    return Comparison(int((apart > tolerance_cents).sum()), len(apart), int(apart.max(initial=0)))


def likely_cause(manifest: Manifest, here: Mapping[str, str] | None = None) -> str:
    """Why prices may differ, as a clause for people."""
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
