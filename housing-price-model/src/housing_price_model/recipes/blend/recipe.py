"""Builds the blend, and compiles it for serving."""

from collections.abc import Mapping
from typing import Any

from housing_price_model.data import Sales
from housing_price_model.recipes.blend.estimator import Blend
from housing_price_model.recipes.blend.parameters import BlendSettings, default_settings
from housing_price_model.recipes.recipe import CompiledEstimator, Estimator, FittedMember, Recipe


def compile_estimator(estimator: Any) -> CompiledEstimator:
    """Compile a fitted blend. Both members take the same matrix and predict log prices."""
    share = estimator.settings.trees_share
    return CompiledEstimator(
        encoding=estimator.design_.encoding,
        encode=estimator.encode_,
        members=(FittedMember(1.0 - share, estimator.process_), FittedMember(share, estimator.trees_)),
        output="log1p_price",
        joint=estimator.joint_,
        fills=True,
    )


def _flatten(settings: BlendSettings) -> dict[str, Any]:
    process = settings.process
    groups = {
        f"process.{group}.{name}": value
        for group, own in process.groups.items()
        for name, value in own.model_dump().items()
    }
    own = process.model_dump(exclude={"groups"})
    return {
        "trees_share": settings.trees_share,
        **{f"boosting.{name}": value for name, value in settings.boosting.model_dump().items()},
        **{f"limits.{column}": value for column, value in settings.limits.items()},
        **{f"process.{name}": value for name, value in own.items()},
        **groups,
    }


def _make_recipe(settings: BlendSettings) -> Recipe:
    def build(sales: Sales) -> Estimator:
        estimator: Estimator = Blend(settings, sales.record.features)
        return estimator

    return Recipe(
        name="default",
        description="a Gaussian process and boosted trees on log prices, fitted on every sale",
        build=build,
        compile=compile_estimator,
        parameters=_flatten(settings),
        trusted_types=None,
        fits_every_row=True,
        settings=settings.model_dump(mode="json"),
        configure=_configure,
    )


def _configure(settings: Mapping[str, Any]) -> Recipe:
    return _make_recipe(BlendSettings.model_validate(settings))


RECIPE = _make_recipe(default_settings())
