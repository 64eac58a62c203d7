"""Makes the documents of comparable sales from a model's output."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field, StrictInt, TypeAdapter

from house_record.ames import AMES
from house_record.features import Value
from house_record.implausibility import Implausibility
from house_record.price.output import Number, OutputPart, Text, find_feature, read_part, wire_value

ABNORMAL = frozenset(("Abnorml", "AdjLand", "Alloca", "Family"))
"""Conditions of sale under which a price is not what the market would pay."""

_CONDITION, _NEIGHBORHOOD = "SaleCondition", "Neighborhood"
_INDEX = {column: index for index, column in enumerate(AMES.columns)}


class _Comparable(OutputPart):
    id: StrictInt
    price: Annotated[Number, Field(gt=0)]
    distance: Annotated[Number, Field(ge=0)]
    sale: dict[str, Text | Number | None] = Field(default_factory=dict)
    differences: dict[str, Text | Number | None]


_KIND = TypeAdapter(list[_Comparable])
_REACH: TypeAdapter[float] = TypeAdapter(Annotated[Number, Field(gt=0)])


def make_comparables(part: Any, row: Sequence[Value]) -> list[dict[str, Any]]:
    """Make the documents of comparable sales, in the given order.

    Args:
        part: what the model's output says.
        row: the house, in the order of the record's columns.

    Raises:
        UnusableOutput: if it is malformed.
    """
    return [_document(sale, row) for sale in read_part(_KIND, part, "a comparable sale")]


def make_reach_warnings(part: Any, comparables: Sequence[Mapping[str, Any]]) -> list[Implausibility]:
    """Make the warning that even the nearest sale is too far away to say anything, or none.

    Args:
        part: in the model's output, the distance beyond which a sale says no more than the neighbourhood; or None.
        comparables: documents of sales, the nearest first.

    Raises:
        UnusableOutput: if the distance is malformed.
    """
    if part is None or not comparables:
        return []
    reach, nearest = read_part(_REACH, part, "the reach of comparable sales"), comparables[0]["distance"]
    if nearest <= reach:
        return []
    message = (
        f"No sale is like this house: the nearest is {nearest:.3g} away, and sales beyond {reach:.3g} say no more "
        "about a price than the neighborhood does."
    )
    return [Implausibility(code="NOTHING_COMPARABLE", fields=(), message=message)]


def _document(sale: _Comparable, row: Sequence[Value]) -> dict[str, Any]:
    document: dict[str, Any] = {"id": sale.id, "price": round(sale.price, 2), "distance": round(sale.distance, 4)}
    if sale.sale:
        values = sale.sale.items()
        document["sale"] = {find_feature(column).wire_name: wire_value(column, value) for column, value in values}
    if sale.sale.get(_CONDITION) in ABNORMAL:
        document["abnormalSale"] = True
    if sale.sale.get(_NEIGHBORHOOD) not in (None, row[_INDEX[_NEIGHBORHOOD]]):
        document["otherNeighborhood"] = True
    document["differences"] = list(_differences(sale.differences, row))
    return document


def _differences(values: Mapping[str, Value], row: Sequence[Value]) -> Iterator[dict[str, Any]]:
    """Unknown and none are both null in a document, so they are no difference there."""
    for column, value in values.items():
        field = find_feature(column).wire_name
        house, comparable = wire_value(column, row[_INDEX[column]]), wire_value(column, value)
        if house is not None or comparable is not None:
            yield {"field": field, "house": house, "comparable": comparable}
