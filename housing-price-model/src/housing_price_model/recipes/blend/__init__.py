"""Recipe ``default``: a Gaussian process and boosted trees on log prices. ``docs/model-method.md`` describes it."""

from housing_price_model.recipes.blend.recipe import RECIPE

__all__ = ["RECIPE"]
