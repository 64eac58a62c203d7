"""Makes the documents of comparable sales from a model's output."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field, StrictInt, TypeAdapter

from house_record.features import Value
from house_record.implausibility import Implausibility
from house_record.price.output import Number, OutputPart, Text, find_feature, read_part, wire_value
from house_record.record import Record

ABNORMAL = frozenset(("Abnorml", "AdjLand", "Alloca", "Family"))
"""Conditions of sale under which a price is not what the market would pay."""

_CONDITION, _NEIGHBORHOOD = "SaleCondition", "Neighborhood"


class _Comparable(OutputPart):
    id: StrictInt
    price: Annotated[Number, Field(gt=0)]
    distance: Annotated[Number, Field(ge=0)]
    sale: dict[str, Text | Number | None] = Field(default_factory=dict)
    differences: dict[str, Text | Number | None]


_KIND = TypeAdapter(list[_Comparable])
_REACH: TypeAdapter[float] = TypeAdapter(Annotated[Number, Field(gt=0)])


def make_comparables(record: Record, part: Any, row: Sequence[Value]) -> list[dict[str, Any]]:
    """Make the documents of comparable sales, in the given order.

    Args:
        record: what a house is.
        part: what the model's output says.
        row: the house, in the order of the record's columns.

    Raises:
        UnusableOutput: if it is malformed.
    """
    values = dict(zip(record.columns, row, strict=True))
    return [_document(record, sale, values) for sale in read_part(_KIND, part, "a comparable sale")]


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


def _document(record: Record, sale: _Comparable, house: Mapping[str, Value]) -> dict[str, Any]:
    document: dict[str, Any] = {"id": sale.id, "price": round(sale.price, 2), "distance": round(sale.distance, 4)}
    if sale.sale:
        values = [(find_feature(record, column), value) for column, value in sale.sale.items()]
        document["sale"] = {feature.wire_name: wire_value(feature, value) for feature, value in values}
    if sale.sale.get(_CONDITION) in ABNORMAL:
        document["abnormalSale"] = True
    if sale.sale.get(_NEIGHBORHOOD) not in (None, house.get(_NEIGHBORHOOD)):
        document["otherNeighborhood"] = True
    document["differences"] = list(_differences(record, sale.differences, house))
    return document


def _differences(record: Record, others: Mapping[str, Value], own: Mapping[str, Value]) -> Iterator[dict[str, Any]]:
    """Unknown and none are both null in a document, so they are no difference there."""
    for column, value in others.items():
        feature = find_feature(record, column)
        house, comparable = wire_value(feature, own[column]), wire_value(feature, value)
        if house is not None or comparable is not None:
            yield {"field": feature.wire_name, "house": house, "comparable": comparable}
