"""Checks that few sales stand in the candidate's data again: its evaluation would have seen their prices."""

from housing_price_model.evaluation.near_duplicates import FEWEST_SAME_SHARE
from housing_price_model.gate.checks.check import Check

LARGEST_SHARE = 0.03
DUPLICATES = "near duplicates"
LIMIT = (
    f"at most {LARGEST_SHARE * 100:g} % of the sales are in another fold again,"
    f" the same in {FEWEST_SAME_SHARE * 100:g} % of the fields"
)


def check_duplicates(share: float) -> Check:
    """Judge the share of sales with a near duplicate in another fold."""
    return Check(name=DUPLICATES, passed=share <= LARGEST_SHARE, figure=f"{share:.1%} of the sales", limit=LIMIT)
