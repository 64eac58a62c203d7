"""Whole columns in another unit than the record's: prices in thousands, areas whose grouping was lost on the way."""

from collections.abc import Sequence
from statistics import median

from house_record import Record, Value

from house_files.names import PRICE_COLUMN

_LEAST_MEDIAN_PRICE = 1000
_LEAST_MEDIAN_AREA = 100
_AREAS = ("LotArea", "GrLivArea")


def describe_wrong_magnitudes(record: Record, rows: Sequence[tuple[Value, ...]], prices: Sequence[float]) -> list[str]:
    """Say which columns are too small as a whole to be dollars or square feet."""
    problems = []
    price = median(prices)
    if price < _LEAST_MEDIAN_PRICE:
        problems.append(f"{PRICE_COLUMN}: the median price is ${price:,.2f}: write prices in dollars")
    for column in filter(record.feature_by_column.__contains__, _AREAS):
        position = record.columns.index(column)
        area = median(float(row[position] or 0) for row in rows)
        if area < _LEAST_MEDIAN_AREA:
            problems.append(f"{column}: the median is {area:,.2f}: write areas in square feet")
    return problems
