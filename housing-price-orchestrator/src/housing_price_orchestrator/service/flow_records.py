"""The record that flows may name: a house, as the routes for prices take it."""

from collections.abc import Mapping

import house_record
from declared_flows.notation.records import Record
from declared_flows.notation.schema import Kind, Schema

HOUSE = "house"

_KINDS: Mapping[type, Kind] = {int: "integer", float: "number", str: "string"}


def describe_house(record: house_record.Record) -> Record:
    """Return a house as flows know it; the fields that it may lack are optional."""
    return Record(
        name=HOUSE,
        core=record.house.__pydantic_core_schema__,
        fields={
            "id": Schema(type="integer"),
            **{
                feature.wire_name: Schema(type=_KINDS[feature.python_type], optional=not feature.required)
                for feature in record.features
            },
        },
        address="#/components/schemas/House",
        spellings=frozenset(name for feature in record.features for name in (feature.wire_name, feature.name)),
    )
