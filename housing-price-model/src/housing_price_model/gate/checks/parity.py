"""Checks that a version prices the same in this program and in MLflow."""

import numpy as np
from numpy.typing import ArrayLike

from housing_price_model.gate.checks.check import Check

LARGEST_RELATIVE_DIFFERENCE = 1e-6
PARITY = "parity"
LIMIT = f"served and stored price differ by at most {LARGEST_RELATIVE_DIFFERENCE:g}, relatively"


def check_parity(served: ArrayLike, stored: ArrayLike) -> Check:
    """Compare the prices of the same houses, in the same order, by the compiled model and by MLflow's own function."""
    ours, theirs = np.asarray(served, dtype=np.float64), np.asarray(stored, dtype=np.float64)
    if ours.shape != theirs.shape:
        figure = f"{ours.size} and {theirs.size} prices of the same houses"
        return Check(name=PARITY, passed=False, figure=figure, limit=LIMIT)
    with np.errstate(invalid="ignore", divide="ignore"):
        difference = float(np.max(np.abs(ours - theirs) / np.abs(theirs)))
    passed, figure = difference <= LARGEST_RELATIVE_DIFFERENCE, f"{difference:.1g} on {ours.size:,} houses"
    return Check(name=PARITY, passed=passed, figure=figure, limit=LIMIT)
