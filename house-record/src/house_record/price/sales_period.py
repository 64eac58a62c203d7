"""Tells people that a house is priced as of a time before or after the model's sales."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import StrictInt, TypeAdapter

from house_record.implausibility import Implausibility
from house_record.price.output import read_part
from house_record.price.valuation_date import ValuationDate

_WORDS = {"first_sale_year": "from", "last_sale_year": "until"}
_YEAR = TypeAdapter(StrictInt)


def make_period_warnings(
    record: Mapping[str, Any], as_of: ValuationDate, fields: Sequence[str]
) -> list[Implausibility]:
    """Make the warning that the price is one of the nearest year with sales, or none if the model names no such year.

    Args:
        record: the model's output.
        as_of: the date of valuation.
        fields: wire names of the fields that state it, if the house does.

    Raises:
        UnusableOutput: if the year is malformed.
    """
    return [
        _warning(f"{word} {read_part(_YEAR, record[name], 'a year with sales')}", as_of, fields)
        for name, word in _WORDS.items()
        if record.get(name) is not None
    ]


def _warning(period: str, as_of: ValuationDate, fields: Sequence[str]) -> Implausibility:
    message = f"The model learned from sales {period}: the price is one of that time, not of {as_of}."
    return Implausibility(code="BEYOND_SALES_PERIOD", fields=tuple(fields), message=message)
