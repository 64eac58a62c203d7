"""What a recipe is. The recipes themselves are modules beside this one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self

from housing_price_model.typed import Encoding

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


class Estimator(Protocol):
    """The part of a scikit-learn regressor that training needs."""

    def fit(self, frame: "pd.DataFrame", prices: "pd.Series[float]", /) -> Self: ...

    def predict(self, frame: "pd.DataFrame", /) -> "np.ndarray[tuple[int], np.dtype[np.float64]]": ...


@dataclass(frozen=True, kw_only=True)
class TypedForm:
    """A fitted estimator taken apart: how rows become its matrix, the trees that take it, and what they give.

    ``encode`` are the fitted steps that ``encoding`` was compiled from: they make the same matrix of a frame.
    """

    encoding: Encoding
    encode: Any
    trees: Any
    output: Literal["price", "log1p_price"]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A named way to build an estimator.

    ``build`` takes the canonical frame of all sales (every column of ``house_record.COLUMNS``) and returns an
    unfitted estimator that takes such frames. ``compile`` takes a fitted one apart for serving. ``trusted_types``
    are the classes beyond skops' own list that a fitted estimator holds. ``fits_every_row`` says whether the
    registered estimator is fitted on all sales, or on those that the evaluation did not hold out.
    """

    name: str
    description: str
    build: Callable[["pd.DataFrame"], Estimator]
    compile: Callable[[Any], TypedForm]
    parameters: dict[str, Any]
    trusted_types: tuple[str, ...]
    fits_every_row: bool
