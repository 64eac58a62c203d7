"""Recipes: named ways to build a scikit-learn estimator that turns houses into prices.

One module a recipe. ``RECIPE_NAMES`` is known without scikit-learn, so that a wrong name is told at once.
"""

from housing_price_model.recipes.catalogue import (
    DEFAULT_RECIPE,
    RECIPE_NAMES,
    check_recipe_name,
    find_recipe,
    trusted_types,
)
from housing_price_model.recipes.recipe import Estimator, Recipe

__all__ = [
    "DEFAULT_RECIPE",
    "RECIPE_NAMES",
    "Estimator",
    "Recipe",
    "check_recipe_name",
    "find_recipe",
    "trusted_types",
]
