"""Recipe ``default``: a Gaussian process and boosted trees on log prices, blended. ``docs/model.md`` is its page."""

from housing_price_model.recipes.blend.recipe import RECIPE

__all__ = ["RECIPE"]
