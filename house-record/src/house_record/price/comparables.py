"""Makes the documents of comparable sales from a model's output."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field, StrictInt, TypeAdapter

from house_record.ames import AMES
from house_record.features import Value
from house_record.price.output import Number, OutputPart, Text, find_feature, read_part
from house_record.vocabulary import NOT_APPLICABLE

_INDEX = {column: index for index, column in enumerate(AMES.columns)}


class _Comparable(OutputPart):
    id: StrictInt
    price: Annotated[Number, Field(gt=0)]
    distance: Annotated[Number, Field(ge=0)]
    differences: dict[str, Text | Number | None]


_KIND = TypeAdapter(list[_Comparable])


def make_comparables(part: Any, row: Sequence[Value]) -> list[dict[str, Any]]:
    """Make the documents of comparable sales, in the given order.

    Args:
        part: what the model's output says.
        row: the house, in the order of the record's columns.

    Raises:
        UnusableOutput: if it is malformed.
    """
    return [
        {
            "id": sale.id,
            "price": round(sale.price, 2),
            "distance": round(sale.distance, 4),
            "differences": list(_differences(sale.differences, row)),
        }
        for sale in read_part(_KIND, part, "a comparable sale")
    ]


def _differences(values: Mapping[str, Value], row: Sequence[Value]) -> Iterator[dict[str, Any]]:
    """Unknown and none are both null in a document, so they are no difference there."""
    for column, value in values.items():
        field = find_feature(column).wire_name
        house, comparable = _wire_value(column, row[_INDEX[column]]), _wire_value(column, value)
        if house is not None or comparable is not None:
            yield {"field": field, "house": house, "comparable": comparable}


def _wire_value(column: str, value: Value) -> Value:
    if value == NOT_APPLICABLE and column in AMES.none_columns:
        return None
    if isinstance(value, float) and value.is_integer() and find_feature(column).python_type is int:
        return int(value)
    return value
