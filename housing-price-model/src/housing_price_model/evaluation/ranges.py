"""What the sales span: beyond it a price is an extrapolation."""

from dataclasses import dataclass

from house_record import FEATURES

from housing_price_model.evaluation.priced_sales import PricedSales

SHOWN = ("GrLivArea", "LotArea", "TotalBsmtSF", "GarageArea", "OverallQual", "YearBuilt", "YrSold")
"""Columns that people know a house by."""

_FEATURES = {feature.column: feature for feature in FEATURES}


@dataclass(frozen=True, slots=True)
class Range:
    """The least and the greatest value of a field; ``is_quantity`` says that thousands are to be separated."""

    field: str
    unit: str
    least: float
    greatest: float
    is_quantity: bool


def ranges_of(sales: PricedSales) -> list[Range]:
    """The ranges of the fields that people know a house by."""
    return [_range(sales, column) for column in SHOWN if sales.frame[column].notna().any()]


def _range(sales: PricedSales, column: str) -> Range:
    feature, values = _FEATURES[column], sales.frame[column]
    unit = feature.unit or ""
    return Range(feature.wire_name, unit, float(values.min()), float(values.max()), is_quantity=unit != "year")
