"""Rounds dollars to whole cents."""

import math
from collections.abc import Sequence


def to_cents(dollars: float) -> int:
    """Convert an amount that is rounded to cents."""
    return round(dollars * 100)


def round_to_sum(total: int, amounts: Sequence[float]) -> list[int]:
    """Round amounts in US dollars to whole cents that add up to ``total``, by the method of the largest remainder.

    If the amounts add up to it except for rounding, each is rounded up or down; otherwise the rest is spread over all.
    There must be at least one.
    """
    exact = [amount * 100 for amount in amounts]
    cents = [math.floor(amount) for amount in exact]
    for_each, for_some = divmod(total - sum(cents), len(cents))
    by_remainder = sorted(range(len(cents)), key=lambda index: cents[index] - exact[index])
    for place, index in enumerate(by_remainder):
        cents[index] += for_each + (place < for_some)
    return cents
