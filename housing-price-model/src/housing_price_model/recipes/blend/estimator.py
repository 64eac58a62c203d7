"""The blend as an estimator: fitted on frames, predicts frames, by the same code that serves."""

from typing import Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import HistGradientBoostingRegressor

from housing_price_model.inference import Encoder, Encoding, Matrix, rows_of_frame
from housing_price_model.recipes.blend.features import RISING, Design, design
from housing_price_model.recipes.blend.parameters import BlendSettings
from housing_price_model.recipes.blend.student_t_process import fit_process
from housing_price_model.recipes.columns import ROW_COLUMNS

SEED = 42


class FrameEncoder:
    """An encoding that takes frames."""

    def __init__(self, encoding: Encoding) -> None:
        self._encoder = Encoder(encoding)

    def transform(self, frame: pd.DataFrame) -> Matrix:
        """The matrix of a frame's rows."""
        rows = rows_of_frame([column.name for column in ROW_COLUMNS], frame)
        return self._encoder.encode([tuple(row) for row in rows])


class Blend(RegressorMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """The weighted mean of a process's and boosted trees' log prices."""

    def __init__(self, settings: BlendSettings) -> None:
        self.settings = settings

    def fit(self, frame: pd.DataFrame, prices: "pd.Series[float]") -> Self:
        """Fit both members on the same sales."""
        self.design_: Design = design(frame, self.settings.limits)
        self.encode_ = FrameEncoder(self.design_.encoding)
        matrix, targets = self.encode_.transform(frame), np.log1p(np.asarray(prices, dtype=np.float64))
        self.process_ = fit_process(matrix, targets, self.design_, self.settings.process)
        self.trees_ = self._boosting().fit(matrix, targets)
        return self

    def predict(self, frame: pd.DataFrame) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        """Prices in US dollars."""
        matrix, share = self.encode_.transform(frame), self.settings.trees_share
        amounts = (1.0 - share) * self.process_.predict(matrix) + share * self.trees_.predict(matrix)
        prices: np.ndarray[tuple[int], np.dtype[np.float64]] = np.expm1(amounts)
        return prices

    def _boosting(self) -> HistGradientBoostingRegressor:
        return HistGradientBoostingRegressor(
            **self.settings.boosting.model_dump(),
            monotonic_cst=[int(name in RISING) for name in self.design_.names],
            # Whether to stop early would depend on the number of rows.
            early_stopping=False,
            random_state=SEED,
        )
