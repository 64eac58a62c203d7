"""The recipes by name. A recipe's module, and scikit-learn with it, is imported when the recipe is asked for."""

from importlib import import_module

from housing_price_model.errors import TrainingError
from housing_price_model.recipes.recipe import Recipe

DEFAULT_RECIPE = "default"

_MODULES = {
    DEFAULT_RECIPE: "housing_price_model.recipes.gradient_boosting",
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


def find_recipe(name: str) -> Recipe:
    """The recipe with this name.

    Raises:
        TrainingError: if there is none.
    """
    check_recipe_name(name)
    recipe: Recipe = import_module(_MODULES[name]).RECIPE
    return recipe
