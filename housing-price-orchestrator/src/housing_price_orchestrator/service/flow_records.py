"""The record that flows may name: a house, as the routes for prices take it."""

from collections.abc import Mapping

from declared_flows.notation.records import Record
from declared_flows.notation.schema import Kind, Schema
from house_record import FEATURES, House

_KINDS: Mapping[type, Kind] = {int: "integer", float: "number", str: "string"}

HOUSE = Record(
    name="house",
    core=House.__pydantic_core_schema__,
    fields={
        "id": Schema(type="integer"),
        **{
            feature.wire_name: Schema(type=_KINDS[feature.python_type], optional=not feature.required)
            for feature in FEATURES
        },
    },
    address="#/components/schemas/House",
    spellings=frozenset(spelling for feature in FEATURES for spelling in (feature.wire_name, feature.name)),
)
"""A house; the fields that it may lack are optional."""
