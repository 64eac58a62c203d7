"""Dollars in whole cents."""

import math
from collections.abc import Sequence


def in_cents(dollars: float) -> int:
    """Whole cents of an amount that is rounded to cents."""
    return round(dollars * 100)


def cents_with_sum(total: int, amounts: Sequence[float]) -> list[int]:
    """Amounts in US dollars as whole cents that add up to ``total``, by the method of the largest remainder.

    Where the amounts add up to it but for rounding, each is rounded up or down; else the rest is spread over all.
    There must be at least one.
    """
    exact = [amount * 100 for amount in amounts]
    cents = [math.floor(amount) for amount in exact]
    for_each, for_some = divmod(total - sum(cents), len(cents))
    by_remainder = sorted(range(len(cents)), key=lambda index: cents[index] - exact[index])
    for place, index in enumerate(by_remainder):
        cents[index] += for_each + (place < for_some)
    return cents
