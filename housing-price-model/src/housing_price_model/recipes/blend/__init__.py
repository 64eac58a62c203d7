"""Recipe ``default``: a blend of a Gaussian process and boosted trees on log prices. ``docs/model.md`` describes it."""

from housing_price_model.recipes.blend.recipe import RECIPE

__all__ = ["RECIPE"]
