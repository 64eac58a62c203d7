"""The settings of the blend, which tuning has found. ``docs/model-method.md`` has the evidence."""

from importlib.resources import files
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from housing_price_model.recipes.blend.features import GROUPS

type Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GroupSettings(_Settings):
    """How much a group of features moves log prices: the variance of its slopes in standard deviations of the columns,
    and the length-scale of its nonlinear part, or None without one."""

    slope_variance: Positive
    length_scale: Positive | None = None


class ProcessSettings(_Settings):
    """The Gaussian process: variance of its nonlinear part, scale and degrees of freedom of the Student-t noise, and
    the number of representative sales that the kernel compares with."""

    groups: dict[str, GroupSettings]
    kernel_variance: Positive
    noise: Positive
    degrees_of_freedom: Positive
    representatives: Annotated[int, Field(ge=1)]

    @model_validator(mode="after")
    def _has_each_group(self) -> Self:
        if self.groups.keys() != GROUPS.keys():
            raise ValueError(f"the groups are {', '.join(GROUPS)}")
        return self


class BoostingSettings(_Settings):
    """Parameters of scikit-learn's HistGradientBoostingRegressor."""

    max_iter: Annotated[int, Field(ge=1)]
    learning_rate: Positive
    max_leaf_nodes: Annotated[int, Field(ge=2)]
    min_samples_leaf: Annotated[int, Field(ge=1)]
    l2_regularization: Annotated[float, Field(ge=0)]
    max_features: Annotated[float, Field(gt=0, le=1)]


class BlendSettings(_Settings):
    """``limits`` are the largest values of columns; ``trees_share`` is the weight of the trees in the blend."""

    limits: dict[str, Positive]
    process: ProcessSettings
    boosting: BoostingSettings
    trees_share: Annotated[float, Field(ge=0, le=1)]


def default_settings() -> BlendSettings:
    """Return the default settings."""
    text = files("housing_price_model.recipes.blend").joinpath("default.json").read_text(encoding="utf-8")
    return BlendSettings.model_validate_json(text)
