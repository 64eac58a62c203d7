"""Reads and checks the other parts of a model's output. Columns have the model's names."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictStr, TypeAdapter, ValidationError

from house_record.features import Feature, Value
from house_record.price.errors import UnusableOutput
from house_record.record import Record
from house_record.vocabulary import NOT_APPLICABLE

_LARGEST = 1e12
"""Amounts up to this are exact to the cent as a float."""

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Amount = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-_LARGEST, le=_LARGEST)]
Text = Annotated[StrictStr, Field(max_length=100)]


class OutputPart(BaseModel):
    """Base of the parts of an output. Unknown fields are ignored."""

    model_config = ConfigDict(frozen=True)


def read_part[Part](kind: TypeAdapter[Part], part: Any, name: str) -> Part:
    """Read a part of an output.

    Raises:
        UnusableOutput: if it is malformed.
    """
    try:
        return kind.validate_python(part)
    except ValidationError as error:
        raise UnusableOutput(f"{name} is malformed") from error


def find_feature(record: Record, column: str) -> Feature:
    """Return the feature that a model means by a column.

    Raises:
        UnusableOutput: if the record has none.
    """
    feature = record.feature_by_column.get(column)
    if feature is None:
        raise UnusableOutput("a column is not among those of the house record")
    return feature


def wire_value(feature: Feature, value: Value) -> Value:
    """Return a value of a row as on the wire: null for none, and whole numbers for what is counted."""
    if value == NOT_APPLICABLE and feature.has_none:
        return None
    if isinstance(value, float) and value.is_integer() and feature.python_type is int:
        return int(value)
    return value
