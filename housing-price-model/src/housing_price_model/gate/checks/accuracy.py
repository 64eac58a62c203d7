"""Checks that a candidate is not less accurate than the champion, beyond noise, on the same sales.

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
LEAST_SHARE = 0.5
"""Of the champion's error. What is lower is more likely a leak than an improvement."""

SPLIT_TOLERANCE = 0.05
"""Of the champion's error. Other folds of the same sales move it by chance, which a bootstrap of pairs does not see."""

LIMIT = (
    f"not worse than the champion beyond noise ({CONFIDENCE * 100:g} %, one-sided),"
    f" nor below {LEAST_SHARE * 100:g} % of its error"
)


def check_accuracy(candidate: OutOfFold, champion: OutOfFold | None) -> Check:
    """Compare out-of-fold prices of the sales that both have. Without a champion, finite prices pass."""
    every = candidate.squared_log_errors
    is_finite = bool(np.isfinite(every).all())
    if champion is None:
        return Check(name=ACCURACY, passed=is_finite, figure=f"RMSLE {_rmsle(every):.4f}, no champion", limit=LIMIT)
    ours, theirs = candidate.find_common(champion)
    is_improbable = _rmsle(ours) < LEAST_SHARE * _rmsle(theirs)
    tolerated = theirs * (1 + _tolerance(candidate, champion)) ** 2
    # A bound above zero means worse.
    passed = is_finite and not is_improbable and bool(least_excess(ours - tolerated) <= 0)
    figure = f"RMSLE {_rmsle(ours):.4f}, champion {_rmsle(theirs):.4f}"
    if len(ours) < len(every):
        figure += f", on {len(ours):,} common sales"
    return Check(name=ACCURACY, passed=passed, figure=figure, limit=LIMIT)


def _tolerance(candidate: OutOfFold, champion: OutOfFold) -> float:
    ours = (candidate.data_sha256, candidate.folds, candidate.seed)
    return 0.0 if ours == (champion.data_sha256, champion.folds, champion.seed) else SPLIT_TOLERANCE


def least_excess(differences: Prices) -> float:
    """The lower confidence bound of the mean of paired differences, by a seeded bootstrap."""
    generator = np.random.default_rng(SEED)
    count = len(differences)
    means = [differences[generator.integers(count, size=count)].mean() for _ in range(RESAMPLES)]
    return float(np.quantile(means, 1 - CONFIDENCE))


def _rmsle(squared_log_errors: Prices) -> float:
    return float(np.sqrt(squared_log_errors.mean()))
