"""Tells people that a house is priced as of a time after the model's sales."""

from collections.abc import Sequence
from typing import Any

from pydantic import StrictInt, TypeAdapter

from house_record.implausibility import Implausibility
from house_record.price.output import read_part
from house_record.price.valuation_date import ValuationDate

_YEAR = TypeAdapter(StrictInt)


def make_period_warnings(part: Any, as_of: ValuationDate, fields: Sequence[str]) -> list[Implausibility]:
    """Make the warning that the price is one of the last year with sales, or none if the model names no such year.

    Args:
        part: the year in the model's output, or None.
        as_of: the date of valuation.
        fields: wire names of the fields that state it, if the house does.

    Raises:
        UnusableOutput: if the year is malformed.
    """
    if part is None:
        return []
    last = read_part(_YEAR, part, "the last year with sales")
    message = f"The model learned from sales until {last}: the price is one of that time, not of {as_of}."
    return [Implausibility(code="BEYOND_SALES_PERIOD", fields=tuple(fields), message=message)]
