"""Makes the documents of comparable sales from a model's output."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field, StrictInt, TypeAdapter

from house_record.ames import AMES
from house_record.features import Value
from house_record.price.output import Number, OutputPart, Text, find_feature, read_part

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
            "differences": [_difference(column, value, row) for column, value in sale.differences.items()],
        }
        for sale in read_part(_KIND, part, "a comparable sale")
    ]


def _difference(column: str, value: str | float | None, row: Sequence[Value]) -> dict[str, Any]:
    feature = find_feature(column)
    if feature.python_type is int and isinstance(value, float) and value.is_integer():
        value = int(value)
    return {"field": feature.wire_name, "house": row[_INDEX[column]], "comparable": value}
