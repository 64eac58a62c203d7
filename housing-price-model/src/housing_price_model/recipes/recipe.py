"""What a recipe is. The recipes themselves are modules beside this one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    # Not at run time: the commands set the environment of treelite's threads before it is loaded.
    from housing_price_model.inference import Encoding


class Estimator(Protocol):
    """The part of a scikit-learn regressor that training needs."""

    def fit(self, frame: "pd.DataFrame", prices: "pd.Series[float]", /) -> Self: ...

    def predict(self, frame: "pd.DataFrame", /) -> "np.ndarray[tuple[int], np.dtype[np.float64]]": ...


@dataclass(frozen=True)
class FittedMember:
    """A fitted regressor and its weight: a ``typed.ProcessMean``, or trees of scikit-learn."""

    weight: float
    regressor: Any


@dataclass(frozen=True, kw_only=True)
class CompiledEstimator:
    """A fitted estimator taken apart: how rows become its matrix, the members that take it, and what they give.

    ``encode`` are the fitted steps that ``encoding`` was compiled from: they make the same matrix of a frame.
    """

    encoding: "Encoding"
    encode: Any
    members: tuple[FittedMember, ...]
    output: Literal["price", "log1p_price"]


@dataclass(frozen=True, slots=True)
class BestTrial:
    """Which study, and which of its trials, settings come from."""

    study: str
    trial: int


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A named way to build an estimator.

    ``build`` takes the canonical frame of all sales (every column of ``house_record.COLUMNS``) and returns an
    unfitted estimator that takes such frames. ``compile`` takes a fitted one apart for serving. ``trusted_types``
    are the classes beyond skops' own list that a fitted estimator holds; None if it is not stored, because it holds
    classes of this package. ``fits_every_row`` says whether the registered estimator is fitted on all sales, or on
    those that the evaluation did not hold out. ``settings`` are what the estimator is built with, as JSON values, and
    ``best_trial`` where they come from if they were tuned; ``configure`` gives the recipe with others, and raises a
    pydantic ``ValidationError`` for bad ones. It is None where nothing can be set.
    """

    name: str
    description: str
    build: Callable[["pd.DataFrame"], Estimator]
    compile: Callable[[Any], CompiledEstimator]
    parameters: dict[str, Any]
    trusted_types: tuple[str, ...] | None
    fits_every_row: bool
    settings: Mapping[str, Any] = field(default_factory=dict)
    configure: "Callable[[Mapping[str, Any]], Recipe] | None" = None
    best_trial: BestTrial | None = None
