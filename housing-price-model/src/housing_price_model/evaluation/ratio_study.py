"""The ratio study of mass appraisal: whether prices are right on average, alike, and as right for cheap houses as for
dear ones.

Figures and limits are those of the International Association of Assessing Officers, "Standard on Ratio Studies", 2013,
for single-family homes. A ratio is the predicted price over the price paid. No sale is left out.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from housing_price_model.evaluation.bootstrap import CONFIDENCE, Numbers

LIMITS = {"median_ratio": (0.9, 1.1), "cod": (5.0, 15.0), "prd": (0.98, 1.03), "prb": (-0.05, 0.05)}
"""The lowest and the highest acceptable value of each figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioStudy:
    """The figures of a study.

    ``cod`` is the coefficient of dispersion in percent: the mean absolute deviation of the ratios from their median, of
    the median. ``prd`` is the price-related differential: the mean ratio over the ratio of the sums; above 1, dear
    houses are priced lower than cheap ones. ``prb`` is the price-related bias: by what share the ratio changes where
    the value doubles, with its 95 % confidence interval; NaN if all values are equal or there are too few.
    """

    median_ratio: float
    cod: float
    prd: float
    prb: float
    prb_low: float
    prb_high: float

    def is_acceptable(self, name: str) -> bool:
        """Whether a figure is within its limits."""
        low, high = LIMITS[name]
        return low <= float(getattr(self, name)) <= high


def study_ratios(actual: Numbers, predicted: Numbers) -> RatioStudy:
    """Study predicted prices. Both arguments have shape (n,), n ≥ 1, and are US dollars above 0."""
    ratios = predicted / actual
    median = float(np.median(ratios))
    prb, reach = _fit_price_related_bias(actual, predicted, ratios, median)
    return RatioStudy(
        median_ratio=median,
        cod=float(100 * np.mean(np.abs(ratios - median)) / median),
        prd=float(ratios.mean() / (predicted.sum() / actual.sum())),
        prb=prb,
        prb_low=prb - reach,
        prb_high=prb + reach,
    )


def _fit_price_related_bias(actual: Numbers, predicted: Numbers, ratios: Numbers, median: float) -> tuple[float, float]:
    """Return the slope of the ratios' relative deviation on the base-2 logarithm of the value, and the reach of its
    confidence interval.

    The value is the mean of the price paid and the predicted one at the median level, so that neither's noise alone
    makes a slope.
    """
    values = np.log2((actual + predicted / median) / 2)
    if len(values) < 3 or np.ptp(values) == 0:
        return float("nan"), float("nan")
    fitted = stats.linregress(values, ratios / median - 1)
    return float(fitted.slope), float(fitted.stderr * stats.t.ppf((1 + CONFIDENCE) / 2, len(values) - 2))
