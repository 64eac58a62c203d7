"""The vocabulary of a house: its fields, declared once. Needs nothing but Pydantic."""

from house_record.ames import AMES, RECORD_VERSION, House
from house_record.features import Feature, Value
from house_record.implausibility import Implausibility
from house_record.record import AnyHouse, Record
from house_record.refusals.suggestions import find_nearest_code, find_nearest_field
from house_record.vocabulary import NOT_APPLICABLE

# The names of before the record was a value.
FIELDS, FEATURES, COLUMNS, EXAMPLE = AMES.fields, AMES.features, AMES.columns, AMES.example
NONE_COLUMNS = AMES.none_columns
example_document, example_house, minimal_document = AMES.example_document, AMES.example_house, AMES.minimal_document
everyday_document = AMES.everyday_document
find_implausibilities, model_row = AMES.find_implausibilities, AMES.row

__all__ = [
    "AMES",
    "COLUMNS",
    "EXAMPLE",
    "FEATURES",
    "FIELDS",
    "NONE_COLUMNS",
    "NOT_APPLICABLE",
    "RECORD_VERSION",
    "AnyHouse",
    "Feature",
    "House",
    "Implausibility",
    "Record",
    "Value",
    "everyday_document",
    "example_document",
    "example_house",
    "find_implausibilities",
    "find_nearest_code",
    "find_nearest_field",
    "minimal_document",
    "model_row",
]
