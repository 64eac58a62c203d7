"""The blend as an estimator. It encodes rows with the code that serves them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

import numpy as np
from house_record import Feature
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import HistGradientBoostingRegressor

from housing_price_model.data import Row
from housing_price_model.inference import Encoder
from housing_price_model.recipes.blend.features import RISING, Design, make_design
from housing_price_model.recipes.blend.parameters import BlendSettings
from housing_price_model.recipes.blend.student_t_process import fit_process

if TYPE_CHECKING:
    import pandas as pd

SEED = 42


class Blend(RegressorMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """The weighted mean of a process's and boosted trees' log prices."""

    def __init__(self, settings: BlendSettings, features: Sequence[Feature]) -> None:
        self.settings = settings
        self.features = features

    def fit(self, rows: Sequence[Row], prices: "pd.Series[float]") -> Self:
        """Fit both members on the same sales."""
        self.design_: Design = self._design(rows)
        self.encode_ = Encoder(self.design_.encoding).encode
        matrix, targets = self.encode_(rows), np.log1p(np.asarray(prices, dtype=np.float64))
        self.process_ = fit_process(matrix, targets, self.design_, self.settings.process)
        self.trees_ = self._boosting().fit(matrix, targets)
        return self

    def predict(self, rows: Sequence[Row]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        """Prices in US dollars."""
        matrix, share = self.encode_(rows), self.settings.trees_share
        amounts = (1.0 - share) * self.process_.predict(matrix) + share * self.trees_.predict(matrix)
        prices: np.ndarray[tuple[int], np.dtype[np.float64]] = np.expm1(amounts)
        return prices

    def _design(self, rows: Sequence[Row]) -> Design:
        return make_design(self.features, rows, self.settings.limits)

    def _boosting(self) -> HistGradientBoostingRegressor:
        return HistGradientBoostingRegressor(
            **self.settings.boosting.model_dump(),
            monotonic_cst=[int(name in RISING) for name in self.design_.names],
            # Early stopping would depend on the number of rows.
            early_stopping=False,
            random_state=SEED,
        )
