"""Measures how much each field alone says about the price, between 0 (nothing) and 1 (everything).

For numbers it is the absolute rank correlation (C. Spearman, "The Proof and Measurement of Association between Two
Things", American Journal of Psychology 15, 1904). For codes it is the root of the share of the variance of the prices'
ranks that lies between the codes, corrected for their number (T. L. Kelley, "An Unbiased Correlation Ratio Measure",
Proceedings of the National Academy of Sciences 21, 1935).
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from housing_price_model.data import Sales


def measure_associations(sales: Sales) -> Mapping[str, float]:
    """Return the association of each column with the price. A column of one value only has none."""
    ranks = sales.prices.rank()
    return {str(name): _measure(values, ranks) for name, values in sales.frame.items()}


def _measure(values: "pd.Series[float] | pd.Series[str]", ranks: "pd.Series[float]") -> float:
    if not pd.api.types.is_numeric_dtype(values):
        return _correlation_ratio(pd.Series(pd.factorize(values)[0]), ranks)
    own_ranks = values.fillna(-1.0).rank()
    return abs(own_ranks.corr(ranks)) if own_ranks.max() > own_ranks.min() else 0.0


def _correlation_ratio(codes: "pd.Series[int]", ranks: "pd.Series[float]") -> float:
    within = ((ranks - ranks.groupby(codes).transform("mean")) ** 2).sum() / max(len(codes) - codes.nunique(), 1)
    return float(np.sqrt(max(1 - within / ranks.var(), 0.0)))
