"""The example house of the documentation, the tests and the readiness probe: number 1461 of Kaggle's data."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from house_record.features import FIELDS
from house_record.house import House

EXAMPLE: Mapping[str, Any] = MappingProxyType({field.wire_name: field.example for field in FIELDS})
"""The example house as a request body, in wire names."""

_WIRE_NAMES = {field.name: field.wire_name for field in FIELDS}


def example_house(**changes: Any) -> House:
    """Return the example house with some fields changed, by attribute or wire name.

    Raises:
        pydantic.ValidationError: if a change makes it invalid.
    """
    return House.model_validate(example_document(**changes))


def example_document(**changes: Any) -> dict[str, Any]:
    """Return the example house as a request body. Changes may be invalid, so that refusals can be tested."""
    return {**EXAMPLE, **{_WIRE_NAMES.get(name, name): value for name, value in changes.items()}}


def minimal_document() -> dict[str, Any]:
    """Return the example house with required fields only, the shortest valid body."""
    return {field.wire_name: field.example for field in FIELDS if field.required}
