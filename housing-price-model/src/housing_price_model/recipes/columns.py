"""The model's columns in file order: numbers are float64 in a frame, codes are text."""

from collections.abc import Sequence

from house_record import Feature

from housing_price_model.inference import Column


def row_columns(features: Sequence[Feature]) -> tuple[Column, ...]:
    """Return the columns of a row, as the compiled form describes them."""
    return tuple(Column(name=feature.column, type=feature.kind) for feature in features)


def number_columns(features: Sequence[Feature]) -> list[str]:
    """Return the names of the columns that hold numbers."""
    return [feature.column for feature in features if feature.kind == "number"]


def text_columns(features: Sequence[Feature]) -> list[str]:
    """Return the names of the columns that hold codes."""
    return [feature.column for feature in features if feature.kind == "text"]
