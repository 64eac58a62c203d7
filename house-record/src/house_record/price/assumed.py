"""Makes the document of the values that a model assumed for unknown fields."""

from typing import Any

from pydantic import TypeAdapter

from house_record.features import Value
from house_record.price.output import Number, Text, find_feature, read_part, wire_value
from house_record.record import Record

_KIND = TypeAdapter(dict[str, Text | Number | None])


def make_assumed(record: Record, part: Any) -> dict[str, Value]:
    """Make the document of assumed values by wire name; null is none.

    Args:
        record: what a house is.
        part: what the model's output says, by column.

    Raises:
        UnusableOutput: if it is malformed.
    """
    said = read_part(_KIND, part, "an assumed value")
    values = [(find_feature(record, column), value) for column, value in said.items()]
    return {feature.wire_name: wire_value(feature, value) for feature, value in values}
