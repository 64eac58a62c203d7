"""Completes the parameters of a call with their defaults."""

from collections.abc import Mapping
from typing import Any

from declared_flows.errors import UnusableParams
from declared_flows.notation.schema import Schema
from declared_flows.sources.port import Params


def complete(declared: Mapping[str, Schema], params: Params) -> dict[str, Any]:
    """Return a value for each declared parameter: the given one, its default, or None if it is optional.

    Raises:
        UnusableParams: if a needed parameter is missing.
    """
    missing = [name for name, schema in declared.items() if schema.is_needed and name not in params]
    if missing:
        raise UnusableParams(f"parameter `{missing[0]}` is missing")
    return {name: params.get(name, schema.default) for name, schema in declared.items()}
