"""Recipes: named ways to build a scikit-learn estimator that turns houses into prices.

One module per recipe. ``RECIPE_NAMES`` needs no scikit-learn, so that a wrong name is reported at once.
"""

from housing_price_model.recipes.catalogue import (
    DEFAULT_RECIPE,
    RECIPE_NAMES,
    check_recipe_name,
    find_recipe,
)
from housing_price_model.recipes.recipe import BestTrial, CompiledEstimator, Encode, Estimator, FittedMember, Recipe
from housing_price_model.recipes.trust import TRUSTED_TYPES

__all__ = [
    "DEFAULT_RECIPE",
    "RECIPE_NAMES",
    "TRUSTED_TYPES",
    "BestTrial",
    "CompiledEstimator",
    "Encode",
    "Estimator",
    "FittedMember",
    "Recipe",
    "check_recipe_name",
    "find_recipe",
]
