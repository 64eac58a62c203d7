"""The blend as an estimator. It encodes rows with the code that serves them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

import numpy as np
from house_record import Feature
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import HistGradientBoostingRegressor

from housing_price_model.data import Row
from housing_price_model.inference import Appraiser, Encoder, Ensemble
from housing_price_model.recipes.blend.features import Design, make_design
from housing_price_model.recipes.blend.parameters import BlendSettings
from housing_price_model.recipes.blend.student_t_process import fit_process
from housing_price_model.recipes.joint import fit_joint

if TYPE_CHECKING:
    import pandas as pd

SEED = 42


class Blend(RegressorMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """The weighted mean of a process's and boosted trees' log prices."""

    def __init__(self, settings: BlendSettings, features: Sequence[Feature]) -> None:
        self.settings = settings
        self.features = features

    def fit(self, rows: Sequence[Row], prices: "pd.Series[float]") -> Self:
        """Fit the joint model and both members on the same sales."""
        self.design_: Design = self._design(rows)
        encoder = Encoder(self.design_.encoding)
        self.encode_ = encoder.encode
        encoded, targets = encoder.encode(rows), np.log1p(np.asarray(prices, dtype=np.float64))
        known = encoder.known(rows)
        self.joint_ = fit_joint(self.design_.encoding, encoded, known, targets)
        matrix = self.joint_.complete(encoded, known).matrix
        self.process_ = fit_process(matrix, targets, self.design_, self.settings.process)
        priced = matrix.copy()
        # Trees do not split constant columns.
        priced[:, self.design_.unpriced] = 0.0
        self.trees_ = self._boosting().fit(priced, targets)
        share = self.settings.trees_share
        members = Ensemble([(1.0 - share, self.process_), (share, self.trees_)])
        self.appraiser_ = Appraiser(encoder, members, self.joint_, fills=True)
        return self

    def predict(self, rows: Sequence[Row]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        """Prices in US dollars."""
        prices: np.ndarray[tuple[int], np.dtype[np.float64]] = np.expm1(self.appraiser_.price(rows))
        return prices

    def _design(self, rows: Sequence[Row]) -> Design:
        return make_design(self.features, rows, self.settings.limits)

    def _boosting(self) -> HistGradientBoostingRegressor:
        return HistGradientBoostingRegressor(
            **self.settings.boosting.model_dump(),
            monotonic_cst=list(self.design_.signs),
            # Early stopping would depend on the number of rows.
            early_stopping=False,
            random_state=SEED,
        )
