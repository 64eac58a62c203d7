"""Sales with the prices paid and out-of-fold prices, from which the report is computed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from housing_price_model.evaluation.intervals import score_intervals

if TYPE_CHECKING:
    import pandas as pd
    from house_record import Record

    from housing_price_model.evaluation.bootstrap import Numbers
    from housing_price_model.evaluation.intervals import Interval

type Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False, kw_only=True)
class PricedSales:
    """Arrays with one entry per sale, in the order of the frame. Prices are in US dollars.

    ``frame`` has the columns of the record; ``intervals`` are by coverage, if there are any; ``marked``
    says which houses are unlike the model's sales, None if that is not known.
    """

    record: "Record"
    frame: "pd.DataFrame"
    ids: NDArray[np.int64]
    actual: "Numbers"
    predicted: "Numbers"
    intervals: Mapping[float, "Interval"] = field(default_factory=dict)
    marked: Flags | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def priced(self, predicted: "Numbers") -> Self:
        """Return the same sales with other prices and without intervals."""
        return replace(self, predicted=predicted, intervals={})

    def of(self, rows: Flags) -> Self:
        """Return some of the sales."""
        return replace(
            self,
            frame=self.frame[rows],
            ids=self.ids[rows],
            actual=self.actual[rows],
            predicted=self.predicted[rows],
            intervals={
                coverage: replace(interval, lower=interval.lower[rows], upper=interval.upper[rows])
                for coverage, interval in self.intervals.items()
            },
            marked=None if self.marked is None else self.marked[rows],
        )

    @cached_property
    def squared_log_errors(self) -> "Numbers":
        """Their mean is the square of the RMSLE."""
        errors: Numbers = (np.log1p(self.predicted) - np.log1p(self.actual)) ** 2
        return errors

    @cached_property
    def relative_errors(self) -> "Numbers":
        """Predicted above (+) or below (-) the price paid, as a share of it."""
        errors: Numbers = (self.predicted - self.actual) / self.actual
        return errors

    @property
    def bias(self) -> float:
        """The geometric mean of predicted over paid, minus one: positive if prices are too high."""
        return float(np.expm1(np.mean(np.log(self.predicted / self.actual))))

    def covered(self, coverage: float) -> Flags:
        """Return which prices paid lie within their intervals of this coverage."""
        interval = self.intervals[coverage]
        held: Flags = (interval.lower <= self.actual) & (self.actual <= interval.upper)
        return held

    def width(self, coverage: float) -> float:
        """Return the mean width of the intervals of this coverage, as a share of the predicted price."""
        interval = self.intervals[coverage]
        return float(np.mean((interval.upper - interval.lower) / self.predicted))

    def scores(self, coverage: float) -> "Numbers":
        """Return the interval scores at this coverage, in US dollars."""
        return score_intervals(self.actual, self.intervals[coverage], coverage)

    def interval_score(self, coverage: float) -> float:
        """Return the mean interval score at this coverage, as a share of the predicted price."""
        return float(np.mean(self.scores(coverage) / self.predicted))
