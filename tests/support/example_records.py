"""The record that tests of flows name: a house, whose fields nobody needs to know."""

from declared_flows.notation.records import Record, context_with
from house_record import House

HOUSE = Record("house", House.__pydantic_core_schema__, {}, "#/components/schemas/House")
KNOWN = context_with({"house": HOUSE})
"""Pydantic's context for declarations that name it."""
