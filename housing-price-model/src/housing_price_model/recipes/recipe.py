"""What a recipe is. The recipes themselves are modules beside this one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from housing_price_model.data import Row

    # Not at run time: the commands set the environment of treelite's threads before it is loaded.
    from housing_price_model.inference import Encoding


class Estimator(Protocol):
    """The part of a scikit-learn regressor that training needs."""

    def fit(self, rows: "Sequence[Row]", prices: "pd.Series[float]", /) -> Self: ...

    def predict(self, rows: "Sequence[Row]", /) -> "np.ndarray[tuple[int], np.dtype[np.float64]]": ...


type Encode = Callable[["Sequence[Row]"], "np.ndarray[tuple[int, int], np.dtype[np.float64]]"]
"""Makes the matrix of some rows that a fitted estimator's members take."""


@dataclass(frozen=True)
class FittedMember:
    """A fitted regressor and its weight: a ``typed.ProcessMean``, or trees of scikit-learn."""

    weight: float
    regressor: Any


@dataclass(frozen=True, kw_only=True)
class CompiledEstimator:
    """A fitted estimator taken apart: how rows become its matrix, the members that take it, and what they give.

    ``encode`` makes the matrix by the fitted steps that ``encoding`` was compiled from. ``pipeline`` is what is stored
    of the estimator beside its compiled form: one of scikit-learn's own, or None.
    """

    encoding: "Encoding"
    encode: Encode
    members: tuple[FittedMember, ...]
    output: Literal["price", "log1p_price"]
    pipeline: Any = None


@dataclass(frozen=True, slots=True)
class BestTrial:
    """Which study, and which of its trials, settings come from."""

    study: str
    trial: int


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A named way to build an estimator.

    ``build`` takes the rows of all sales and returns an unfitted estimator. ``compile`` takes a fitted one apart for
    serving. ``trusted_types`` are the classes beyond skops' own list that a compiled estimator's ``pipeline`` holds;
    None if there is no such pipeline to store. ``fits_every_row`` says whether the registered estimator is fitted on
    all sales, or on those that the evaluation did not hold out.

    ``settings`` are what the estimator is built with, as JSON values, and ``best_trial`` says which trial found them.
    ``configure`` returns the recipe with other settings and raises a pydantic ``ValidationError`` for bad ones; it is
    None where nothing can be set.
    """

    name: str
    description: str
    build: Callable[["Sequence[Row]"], Estimator]
    compile: Callable[[Any], CompiledEstimator]
    parameters: dict[str, Any]
    trusted_types: tuple[str, ...] | None
    fits_every_row: bool
    settings: Mapping[str, Any] = field(default_factory=dict)
    configure: "Callable[[Mapping[str, Any]], Recipe] | None" = None
    best_trial: BestTrial | None = None
