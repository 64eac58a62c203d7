"""Checks that a candidate learnt from the champion's sales, or that somebody says why it did not."""

from housing_price_model.gate.checks.check import Check

DATA = "data"
LIMIT = "the champion's sales, or --data-changed REASON"


def check_data(candidate: str | None, champion: str | None, data_changed: str | None) -> Check:
    """Compare the checksums of the sales. ``data_changed`` is why they differ, or None if nobody said so."""
    if candidate == champion:
        return Check(name=DATA, passed=True, figure="the champion's sales", limit=LIMIT)
    figure = f"other sales{f': {data_changed}' if data_changed else ''}"
    return Check(name=DATA, passed=data_changed is not None, figure=figure, limit=LIMIT)
