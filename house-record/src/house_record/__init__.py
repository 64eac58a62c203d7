"""The vocabulary of a house: its fields, declared once. Needs nothing but Pydantic."""

from house_record.example import EXAMPLE, example_document, example_house, minimal_document
from house_record.features import COLUMNS, FEATURES, FIELDS, RECORD_VERSION, Feature, Value, model_row
from house_record.house import House
from house_record.plausibility import Implausibility, find_implausibilities
from house_record.refusals.suggestions import find_field, find_nearest_code, find_nearest_field

__all__ = [
    "COLUMNS",
    "EXAMPLE",
    "FEATURES",
    "FIELDS",
    "RECORD_VERSION",
    "Feature",
    "House",
    "Implausibility",
    "Value",
    "example_document",
    "example_house",
    "find_field",
    "find_implausibilities",
    "find_nearest_code",
    "find_nearest_field",
    "minimal_document",
    "model_row",
]
