"""The recipes by name. A recipe's module, and scikit-learn with it, is imported when the recipe is asked for."""

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
    """Return if there is a recipe with this name; imports nothing.

    Raises:
        TrainingError: if there is none.
    """
    if name not in _MODULES:
        raise TrainingError(f"there is no recipe {name!r}: choose one of {', '.join(RECIPE_NAMES)}")


def find_recipe(name: str, settings: Mapping[str, Any] | None = None, best_trial: BestTrial | None = None) -> Recipe:
    """The recipe with this name, with its own settings or with those of a trial.

    Raises:
        TrainingError: if there is none, or the settings are not such as it takes.
    """
    check_recipe_name(name)
    recipe: Recipe = import_module(_MODULES[name]).RECIPE
    return recipe if settings is None else replace(_configured(recipe, settings), best_trial=best_trial)


def _configured(recipe: Recipe, settings: Mapping[str, Any]) -> Recipe:
    if recipe.configure is None:
        raise TrainingError(f"recipe {recipe.name} has no settings that could be chosen")
    try:
        return recipe.configure(settings)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(("settings", *map(str, first["loc"])))
        raise TrainingError(f"{place}: {first['msg']}") from error
