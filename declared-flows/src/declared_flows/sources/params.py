"""The parameters of a call as they are given, and what stands in for those that are not."""

from collections.abc import Mapping
from typing import Any

from declared_flows.errors import UnusableParams
from declared_flows.notation.schema import Schema
from declared_flows.sources.port import Params


def complete(declared: Mapping[str, Schema], params: Params) -> dict[str, Any]:
    """A value for each declared parameter: as given, its default, or None where it may be left out.

    Raises:
        UnusableParams: if one is missing that is needed.
    """
    missing = [name for name, schema in declared.items() if schema.is_needed and name not in params]
    if missing:
        raise UnusableParams(f"parameter `{missing[0]}` is missing")
    return {name: params.get(name, schema.default) for name, schema in declared.items()}
