"""The confidence interval of a share.

E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22, 1927. Unlike the
textbook's interval, it stays between 0 and 1, and is accurate for few sales and for shares near 1.
"""

from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from housing_price_model.evaluation.bootstrap import CONFIDENCE, Estimate

_Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)


def estimate_proportion(hits: NDArray[np.bool_]) -> Estimate:
    """Estimate the share of hits with Wilson's interval. ``hits`` has at least one entry."""
    count, share = hits.size, float(hits.mean())
    middle = share + _Z**2 / (2 * count)
    reach = _Z * sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
    scale = 1 + _Z**2 / count
    return Estimate(share, max((middle - reach) / scale, 0.0), min((middle + reach) / scale, 1.0))
