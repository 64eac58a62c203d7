"""The ranges of the sales' features, beyond which a price is an extrapolation."""

from dataclasses import dataclass

from housing_price_model.evaluation.priced_sales import PricedSales

SHOWN = ("GrLivArea", "LotArea", "TotalBsmtSF", "GarageArea", "OverallQual", "YearBuilt", "YrSold")
"""The features that people describe a house with."""


@dataclass(frozen=True, slots=True)
class Range:
    """The smallest and largest value of a field. ``is_quantity`` asks for thousands separators."""

    field: str
    unit: str
    least: float
    greatest: float
    is_quantity: bool


def find_ranges(sales: PricedSales) -> list[Range]:
    """Return the ranges of the features that people describe a house with."""
    return [_find_range(sales, column) for column in SHOWN if sales.frame[column].notna().any()]


def _find_range(sales: PricedSales, column: str) -> Range:
    feature, values = sales.record.feature_by_column[column], sales.frame[column]
    unit = feature.unit or ""
    return Range(feature.wire_name, unit, float(values.min()), float(values.max()), is_quantity=unit != "year")
