"""Infers the types of values when flows are loaded, so that wrong references are errors, not nulls."""

from collections.abc import Mapping
from typing import Any

from declared_flows.notation.schema import Schema, name_kind
from declared_flows.notation.suggestions import join_names, suggest
from declared_flows.notation.templates import Composed, Computed, Constant, Listed, Path, Reference, Template

type Known = Mapping[str, Schema | None]
"""The schema of each root; None if it is not known."""


class UnknownField(ValueError):
    """There is no such field; the message lists those that there are."""


def schema_at(schema: Schema | None, path: Path, so_far: str) -> Schema | None:
    """Return the schema of a part of a value; None if it is not known.

    Args:
        schema: what the value looks like.
        path: the way to the part.
        so_far: what has been read, for people.

    Raises:
        UnknownField: if there can be no such part.
    """
    is_nullable = False
    for part in path:
        if schema is None or schema.is_anything:
            return None
        is_nullable = is_nullable or schema.may_be_null
        schema = _part(schema, part, so_far)
        so_far += f"[{part}]" if isinstance(part, int) else f".{part}"
    return schema.model_copy(update={"nullable": True}) if schema is not None and is_nullable else schema


def _part(schema: Schema, part: str | int, so_far: str) -> Schema | None:
    if isinstance(part, int):
        if schema.type != "array":
            raise UnknownField(f"`{so_far}` is not a list")
        return schema.items
    if schema.type not in (None, "object"):
        raise UnknownField(f"`{so_far}` is {name_kind(schema)} and has no fields")
    if schema.fields is None or part in schema.fields:
        return schema.fields[part] if schema.fields else None
    if schema.additional:
        return None
    raise UnknownField(
        f"`{so_far}` has no field `{part}`{suggest(part, schema.fields)}"
        + (f" (it has {join_names(schema.fields)})" if len(schema.fields) <= 12 else "")
    )


def schema_of(template: Template, known: Known) -> Schema | None:
    """Return the schema of a template's value; None if it is not known."""
    match template:
        case Constant():
            return schema_of_value(template.constant)
        case Reference():
            try:
                return schema_at(known.get(template.root), template.path, template.root)
            except UnknownField:
                return None
        case Composed():
            return Schema(
                type="object",
                properties={name: schema_of(item, known) or Schema() for name, item in template.fields.items()},
            )
        case Listed():
            return Schema(type="array")
        case Computed():
            return None
    return Schema(type="string")


def schema_of_value(value: Any) -> Schema | None:
    """Return the schema of a literal value."""
    match value:
        case bool():
            return Schema(type="boolean")
        case int():
            return Schema(type="integer")
        case float():
            return Schema(type="number")
        case str():
            return Schema(type="string")
        case list():
            return Schema(type="array")
        case dict():
            return Schema(
                type="object", properties={name: schema_of_value(item) or Schema() for name, item in value.items()}
            )
    return None
