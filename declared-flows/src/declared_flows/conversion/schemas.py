"""Descriptions of values in the old files, as our schemas."""

from collections.abc import Iterator, Mapping
from typing import Any

from declared_flows.conversion.part import Part

_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("string", "str", "text", "uuid", "date", "datetime", "timestamp", "email"), "string"),
    **dict.fromkeys(("integer", "int", "long"), "integer"),
    **dict.fromkeys(("number", "float", "double", "decimal"), "number"),
    **dict.fromkeys(("boolean", "bool"), "boolean"),
    **dict.fromkeys(("array", "list"), "array"),
    **dict.fromkeys(("object", "dict", "map", "json"), "object"),
}
_SAME = (
    ("description", ("description",)),
    ("example", ("example",)),
    ("enum", ("enum", "choices", "allowed")),
    ("minimum", ("minimum", "min", "ge")),
    ("maximum", ("maximum", "max", "le")),
    ("min_length", ("min_length", "minLength")),
    ("max_length", ("max_length", "maxLength")),
    ("pattern", ("pattern", "regex")),
    ("min_items", ("min_items", "minItems")),
    ("max_items", ("max_items", "maxItems")),
)
_ADVICE = "there is no such key in our schemas; see their reference for what comes nearest"


def fields_of(part: Part | None, *, are_needed: bool) -> dict[str, Any]:
    """Fields by name: of a mapping, of a list of objects with a `name`, or of an object's schema.

    Args:
        part: where they stand.
        are_needed: whether a field is needed of which nothing else is said.
    """
    if part is None:
        return {}
    if part.has("properties"):
        properties = part.part("properties")
        listed = part.value_of("required")
        part.tick("type")
        part.note_rest(_ADVICE)
        needed = listed if isinstance(listed, list) else []
        members = properties.members() if properties else ()
        return {field.name: _field(field, is_needed=field.name in needed) for field in members}
    if isinstance(part.value, list):
        return {_listed_name(field): _field(field, is_needed=are_needed) for field in part.members()}
    return {field.name: _field(field, is_needed=are_needed) for field in part.members()}


def object_of(part: Part) -> dict[str, Any]:
    """A body's schema."""
    if part.has("properties") or not part.has("type"):
        return {"type": "object", "properties": fields_of(part, are_needed=True)}
    return schema_of(part)


def schema_of(part: Part) -> dict[str, Any]:
    """The schema of one value."""
    if isinstance(part.value, str):
        return _convert_typed(part, part.value)
    if not part.is_mapping:
        part.note("no type is said here: it may be anything")
        return {}
    kind = part.text("type")
    schema = {**(_convert_typed(part, kind) if kind else {}), **dict(_bounds(part))}
    if (items := part.part("items")) is not None:
        schema["items"] = schema_of(items)
    if part.has("properties"):
        schema["properties"] = _properties(part)
    part.tick("required", "name", "title")
    part.note_rest(_ADVICE)
    return schema


def _bounds(part: Part) -> Iterator[tuple[str, Any]]:
    """What is said of a value beside its type."""
    for ours, theirs in _SAME:
        if (value := part.value_of(*theirs)) is not None:
            yield ours, value
    if part.has("default"):
        yield "default", part.value_of("default")
    if part.value_of("nullable") is True:
        yield "nullable", True


def _properties(part: Part) -> dict[str, Any]:
    required = part.value_of("required")
    needed = set(required) if isinstance(required, list) else set()
    return {field.name: _field(field, is_needed=field.name in needed) for field in part.parts("properties")}


def _field(part: Part, *, is_needed: bool) -> dict[str, Any]:
    said = part.value.get("required") if part.is_mapping else None
    schema = schema_of(part)
    if not (said if isinstance(said, bool) else is_needed) and "default" not in schema:
        schema["optional"] = True
    return schema


def _listed_name(part: Part) -> str:
    name = part.value.get("name") if part.is_mapping else part.value
    return str(name)


def _convert_typed(part: Part, kind: str) -> dict[str, Any]:
    if known := _TYPES.get(kind.lower()):
        return {"type": known}
    part.note(f"`{kind}` is not a type here: it may be anything; use string, integer, number, boolean, object or array")
    return {}
