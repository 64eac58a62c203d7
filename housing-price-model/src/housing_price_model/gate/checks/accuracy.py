"""Checks that a candidate is not less accurate than the champion, beyond noise, on the same sales in the same folds.

The sales are the same for both, so their squared log errors are compared pair by pair. A few sales carry most of the
error and nothing is normally distributed: hence a bootstrap (B. Efron, "Bootstrap Methods", Annals of Statistics 7,
1979) over all sales, none left out.
"""

import numpy as np

from housing_price_model.evaluation.bootstrap import CONFIDENCE, RESAMPLES, SEED
from housing_price_model.evaluation.cross_validation import Prices
from housing_price_model.gate.checks.check import Check
from housing_price_model.registry.out_of_fold import OutOfFold

ACCURACY = "accuracy"
LIMIT = f"not worse than the champion beyond noise ({CONFIDENCE * 100:g} %, one-sided)"


def check_accuracy(candidate: OutOfFold, champion: OutOfFold | None) -> Check:
    """Compare out-of-fold prices of the same sales. Without a champion, finite prices pass."""
    ours = candidate.squared_log_errors
    if champion is None:
        passed = bool(np.isfinite(ours).all())
        return Check(name=ACCURACY, passed=passed, figure=f"RMSLE {_rmsle(ours):.4f}, no champion", limit=LIMIT)
    theirs = champion.squared_log_errors
    # A bound above zero means worse; NaN fails as well.
    passed = bool(least_excess(ours - theirs) <= 0)
    figure = f"RMSLE {_rmsle(ours):.4f}, champion {_rmsle(theirs):.4f}"
    return Check(name=ACCURACY, passed=passed, figure=figure, limit=LIMIT)


def least_excess(differences: Prices) -> float:
    """The lower confidence bound of the mean of paired differences, by a seeded bootstrap."""
    generator = np.random.default_rng(SEED)
    count = len(differences)
    means = [differences[generator.integers(count, size=count)].mean() for _ in range(RESAMPLES)]
    return float(np.quantile(means, 1 - CONFIDENCE))


def _rmsle(squared_log_errors: Prices) -> float:
    return float(np.sqrt(squared_log_errors.mean()))
