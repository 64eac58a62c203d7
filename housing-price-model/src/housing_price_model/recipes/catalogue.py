"""The recipes by name. A recipe's module, and scikit-learn with it, is imported when the recipe is needed."""

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from typing import Any

from pydantic import ValidationError

from housing_price_model.errors import TrainingError
from housing_price_model.recipes.recipe import BestTrial, Recipe

DEFAULT_RECIPE = "default"

_MODULES = {
    DEFAULT_RECIPE: "housing_price_model.recipes.blend",
    "random-forest": "housing_price_model.recipes.random_forest",
}

RECIPE_NAMES = tuple(_MODULES)


def check_recipe_name(name: str) -> None:
    """Raise if there is no recipe with this name. Imports nothing.

    Raises:
        TrainingError: if there is none.
    """
    if name not in _MODULES:
        raise TrainingError(f"there is no recipe {name!r}: choose one of {', '.join(RECIPE_NAMES)}")


def find_recipe(name: str, settings: Mapping[str, Any] | None = None, best_trial: BestTrial | None = None) -> Recipe:
    """Return the recipe with this name, with its default settings or those of a trial.

    Raises:
        TrainingError: if there is none, or it does not accept the settings.
    """
    check_recipe_name(name)
    recipe: Recipe = import_module(_MODULES[name]).RECIPE
    return recipe if settings is None else replace(_configure(recipe, settings), best_trial=best_trial)


def _configure(recipe: Recipe, settings: Mapping[str, Any]) -> Recipe:
    if recipe.configure is None:
        raise TrainingError(f"recipe {recipe.name} has no settings to choose")
    try:
        return recipe.configure(settings)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(("settings", *map(str, first["loc"])))
        raise TrainingError(f"{place}: {first['msg']}") from error
