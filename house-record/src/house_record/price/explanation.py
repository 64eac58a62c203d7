"""Makes the document of an explanation from a model's contributions by column."""

import math
from typing import Any

from pydantic import TypeAdapter

from house_record.price.cents import round_to_sum, to_cents
from house_record.price.errors import UnusableOutput
from house_record.price.output import Amount, OutputPart, find_feature, read_part
from house_record.record import Record

_TOLERANCE = 1e-6
"""Relative difference between contributions and price that rounding explains. A larger one means another price."""


class _Explanation(OutputPart):
    baseline: Amount
    contributions: dict[str, Amount]


_KIND = TypeAdapter(_Explanation)


def make_explanation(record: Record, part: Any, price: float) -> dict[str, Any]:
    """Make the document of an explanation.

    Args:
        record: what a house is.
        part: what the model's output says, in unrounded US dollars.
        price: in US dollars, rounded to cents.

    Raises:
        UnusableOutput: if it is malformed, or explains another price.
    """
    said = read_part(_KIND, part, "an explanation")
    amounts = {column: amount for column, amount in said.contributions.items() if amount}
    if not math.isclose(math.fsum([said.baseline, *amounts.values()]), price, rel_tol=_TOLERANCE, abs_tol=0.01):
        raise UnusableOutput("an explanation does not add up to its price")
    baseline, *cents = round_to_sum(to_cents(price), [said.baseline, *amounts.values()])
    changes = sorted(zip(amounts, cents, strict=True), key=lambda change: -abs(change[1]))
    return {
        "baselinePrice": baseline / 100,
        "contributions": [
            {"field": find_feature(record, column).wire_name, "amount": change / 100}
            for column, change in changes
            if change
        ],
    }
