"""The blend without engineered columns, to be compared with: each gives way to the columns that it is made of."""

from typing import Self

import numpy as np
import pandas as pd

from housing_price_model.recipes.blend.estimator import Blend, FrameEncoder
from housing_price_model.recipes.blend.features import FORMULAS, GROUPS, Design, design
from housing_price_model.recipes.blend.student_t_process import fit_process


class PlainDesign(Design):
    """A design without formulas; a column that is in several groups is treated like the last of them."""

    def places(self, group: str) -> list[int]:
        """Where the columns of a group are in the matrix."""
        members = {column for name in GROUPS[group] for column in (FORMULAS[name][0] if name in FORMULAS else (name,))}
        return [place for place, name in enumerate(self.names) if name in members]


class PlainBlend(Blend):
    """The blend of a plain design."""

    def fit(self, frame: pd.DataFrame, prices: "pd.Series[float]") -> Self:
        """Fit both members on the same sales."""
        self.design_ = _plain(design(frame, self.settings.limits))
        self.encode_ = FrameEncoder(self.design_.encoding)
        matrix, targets = self.encode_.transform(frame), np.log1p(np.asarray(prices, dtype=np.float64))
        self.process_ = fit_process(matrix, targets, self.design_, self.settings.process)
        self.trees_ = self._boosting().fit(matrix, targets)
        return self


def _plain(engineered: Design) -> PlainDesign:
    width = len(engineered.names) - len(FORMULAS)
    return PlainDesign(
        encoding=engineered.encoding.model_copy(update={"formulas": ()}),
        names=engineered.names[:width],
        is_indicator=engineered.is_indicator[:width],
    )
