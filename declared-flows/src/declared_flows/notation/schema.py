"""What values look like: the part of the notation that describes requests, parameters and answers.

A small part of JSON Schema, with one difference: what is declared is needed, unless it has a default or is `optional`.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationInfo, model_validator
from pydantic_core import CoreSchema, SchemaError, SchemaValidator, core_schema

from declared_flows.notation.records import Record, context_with, leave_out_nulls, records_in
from declared_flows.notation.suggestions import join_names, suggest

type Kind = Literal["string", "integer", "number", "boolean", "object", "array"]
type Scalar = str | int | float | bool | None


class Schema(BaseModel):
    """The schema of a value; by default anything."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    type: Kind | None = None
    """The JSON type; defaults to any."""
    record: str | None = None
    """A record known by name, instead of a type."""
    description: str | None = None
    """The meaning, for readers of the API's description."""
    example: Any = None
    """An example value."""
    default: Any = None
    """The value if none is given."""
    optional: bool = False
    """Whether it may be absent, and is then null."""
    nullable: bool = False
    """Whether it may be null."""
    enum: tuple[Scalar, ...] | None = Field(default=None, min_length=1)
    """The allowed values."""
    minimum: float | None = None
    """The smallest number."""
    maximum: float | None = None
    """The largest number."""
    min_length: int | None = Field(default=None, ge=0)
    """Minimum number of characters of a string."""
    max_length: int | None = Field(default=None, ge=0)
    """Maximum number of characters of a string."""
    pattern: str | None = None
    """A regular expression that a string must match."""
    properties: dict[str, Self] = {}
    """The fields of an object; defaults to any."""
    additional: bool = False
    """Whether an object may have other fields too."""
    items: Self | None = None
    """The schema of each item of an array."""
    min_items: int | None = Field(default=None, ge=0)
    """Minimum number of items of an array."""
    max_items: int | None = Field(default=None, ge=0)
    """Maximum number of items of an array."""
    _known: Record | None = PrivateAttr(default=None)

    @classmethod
    def of(cls, record: Record) -> Self:
        """Return the schema of a record."""
        return cls.model_validate({"record": record.name}, context=context_with({record.name: record}))

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        for kind, names in _ONLY_OF.items():
            odd = [name for name in names if name in self.model_fields_set]
            if odd and self.type not in kind:
                raise ValueError(f"`{odd[0]}` is for {' and '.join(kind)} alone: say `type: {kind[0]}`")
        if self.record and self.type:
            raise ValueError("say either `type` or `record`")
        for least, most in _BOUNDS:
            if _is_above(getattr(self, least), getattr(self, most)):
                raise ValueError(f"`{least}` is above `{most}`: there is no such value")
        if self.pattern is not None and (reason := _flaw_of_pattern(self.pattern)):
            raise ValueError(f"the pattern is not a regular expression: {reason}")
        if self.refuses_its_default():
            raise ValueError("the default is not such a value")
        return self

    @model_validator(mode="after")
    def _knows_its_record(self, info: ValidationInfo) -> Self:
        if self.record is not None and self._known is None:  # Pydantic also validates instances that it is given
            self._known = _find_record(self.record, records_in(info.context))
        return self

    def refuses_its_default(self) -> bool:
        """Whether the schema refuses its own default."""
        if self.default is None:  # there is none, or it makes null such a value
            return False
        bare = self.model_copy(update={"default": None})
        object.__setattr__(bare, "__pydantic_fields_set__", self.model_fields_set - {"default"})
        return not is_value_of(bare, self.default)

    @property
    def has_default(self) -> bool:
        """Whether a value is there when none is given."""
        return "default" in self.model_fields_set

    @property
    def is_needed(self) -> bool:
        """Whether a value must be given."""
        return not (self.has_default or self.optional)

    @property
    def may_be_null(self) -> bool:
        """Whether null is such a value."""
        return self.nullable or (self.optional and not self.has_default) or (self.has_default and self.default is None)

    @property
    def is_anything(self) -> bool:
        """Whether nothing is known of it."""
        return self.type is None and self.record is None

    @property
    def fields(self) -> Mapping[str, "Schema"] | None:
        """The fields of an object, by name; None if they are not known."""
        return self._known.fields if self._known else self.properties or None

    @property
    def known_record(self) -> Record | None:
        """The record that it names."""
        return self._known


_ONLY_OF: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("number", "integer"): ("minimum", "maximum"),
    ("string",): ("min_length", "max_length", "pattern"),
    ("object",): ("properties", "additional"),
    ("array",): ("items", "min_items", "max_items"),
}

_BOUNDS = (("minimum", "maximum"), ("min_length", "max_length"), ("min_items", "max_items"))


def _is_above(least: float | None, most: float | None) -> bool:
    return least is not None and most is not None and least > most


def _flaw_of_pattern(pattern: str) -> str | None:
    """Return why a pattern is invalid for the engine that will match it: linear time, without look-around."""
    try:
        SchemaValidator(core_schema.str_schema(pattern=pattern))
    except SchemaError as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        return lines[-1].removeprefix("error: ")
    return None


def _find_record(name: str, records: Mapping[str, Record]) -> Record:
    if name in records:
        return records[name]
    known = f" (there are {join_names(records)})" if records else ""
    raise ValueError(f"there is no record `{name}`{suggest(name, records)}{known}")


def is_value_of(schema: Schema, value: object) -> bool:
    """Whether a value, as read from JSON or YAML, fits a schema."""
    return SchemaValidator(core_schema_of(schema)).isinstance_python(value)


def core_schema_of(
    schema: Schema, *, ignores_others: bool = False, lax: bool = False, leaves_out_nulls: bool = False
) -> CoreSchema:
    """Return the schema for Pydantic's validator, which returns plain values, and objects for records.

    Args:
        schema: what values look like.
        ignores_others: whether objects may have fields that are not declared; they are kept.
        lax: whether text may stand for a number or a truth value, as in the query of an address.
        leaves_out_nulls: whether a null in a record's document is a field that was left out, as in what sources give.
    """
    core = _bare(schema, ignores_others=ignores_others, lax=lax, leaves_out_nulls=leaves_out_nulls)
    if schema.may_be_null:
        core = core_schema.nullable_schema(core)
    if schema.has_default:
        return core_schema.with_default_schema(core, default=schema.default)
    return core_schema.with_default_schema(core, default=None) if schema.optional else core


def _bare(schema: Schema, *, ignores_others: bool, lax: bool, leaves_out_nulls: bool) -> CoreSchema:
    if schema.known_record:
        core = schema.known_record.core
        return core_schema.no_info_before_validator_function(leave_out_nulls, core) if leaves_out_nulls else core
    core = _of_type(schema, ignores_others=ignores_others, lax=lax, leaves_out_nulls=leaves_out_nulls)
    if schema.enum is None:
        return core
    return core_schema.chain_schema([core, core_schema.literal_schema(list(schema.enum))])


def _of_type(schema: Schema, *, ignores_others: bool, lax: bool, leaves_out_nulls: bool) -> CoreSchema:
    strict = not lax
    match schema.type:
        case "string":
            return core_schema.str_schema(
                pattern=schema.pattern, min_length=schema.min_length, max_length=schema.max_length, strict=True
            )
        case "integer":
            least = None if schema.minimum is None else math.ceil(schema.minimum)
            most = None if schema.maximum is None else math.floor(schema.maximum)
            return core_schema.int_schema(ge=least, le=most, strict=strict)
        case "number":
            return core_schema.float_schema(ge=schema.minimum, le=schema.maximum, allow_inf_nan=False, strict=strict)
        case "boolean":
            return core_schema.bool_schema(strict=strict)
        case "array":
            items = (
                core_schema_of(schema.items, ignores_others=ignores_others, lax=lax, leaves_out_nulls=leaves_out_nulls)
                if schema.items
                else None
            )
            return core_schema.list_schema(
                items, min_length=schema.min_items, max_length=schema.max_items, strict=True, fail_fast=True
            )
        case "object":
            return _object(schema, ignores_others=ignores_others, lax=lax, leaves_out_nulls=leaves_out_nulls)
        case None:
            return core_schema.any_schema()


def _object(schema: Schema, *, ignores_others: bool, lax: bool, leaves_out_nulls: bool) -> CoreSchema:
    if not schema.properties and "properties" not in schema.model_fields_set:
        return core_schema.dict_schema(core_schema.str_schema(strict=True), strict=True)
    fields = {
        name: core_schema.typed_dict_field(
            core_schema_of(field, ignores_others=ignores_others, lax=lax, leaves_out_nulls=leaves_out_nulls),
            required=field.is_needed,
        )
        for name, field in schema.properties.items()
    }
    takes_others = ignores_others or schema.additional
    return core_schema.typed_dict_schema(fields, extra_behavior="allow" if takes_others else "forbid", strict=True)


def mismatch(given: Schema | None, wanted: Schema | None) -> str | None:
    """Return why values of one schema don't fit another; None if they do."""
    if given is None or wanted is None or given.is_anything or wanted.is_anything:
        return None
    if wanted.record or given.record:
        if given.record == wanted.record or (wanted.type == "object" and not wanted.properties):
            return None
        if wanted.record and given.type == "object":
            return None
        return f"{name_kind(wanted)} is wanted, and this is {name_kind(given)}"
    if given.type != wanted.type and (given.type, wanted.type) != ("integer", "number"):
        return f"{name_kind(wanted)} is wanted, and this is {name_kind(given)}"
    return mismatch(given.items, wanted.items) if given.type == "array" else None


def name_kind(schema: Schema) -> str:
    """Return the kind of value that a schema describes, with its article."""
    name = schema.record or schema.type or "value"
    return f"{'an' if name[0] in 'aio' else 'a'} {name}"


def json_schema(schema: Schema) -> dict[str, Any]:
    """Return the schema as JSON Schema (draft 2020-12), for the API's description."""
    if schema.known_record:
        return {"$ref": schema.known_record.address}
    document = dict(_json_items(schema))
    if schema.may_be_null and "type" in document:
        document["type"] = [document["type"], "null"]
        if "enum" in document:
            document["enum"] = [*document["enum"], None]
    return document


def _json_items(schema: Schema) -> Iterator[tuple[str, Any]]:
    plain = {
        "type": schema.type,
        "description": schema.description,
        "enum": list(schema.enum) if schema.enum else None,
        "minimum": schema.minimum,
        "maximum": schema.maximum,
        "minLength": schema.min_length,
        "maxLength": schema.max_length,
        "pattern": schema.pattern,
        "minItems": schema.min_items,
        "maxItems": schema.max_items,
        "examples": [schema.example] if schema.example is not None else None,
    }
    yield from ((name, value) for name, value in plain.items() if value is not None)
    if schema.default is not None:  # that null is the default is said by the type; see also the OpenAPI document
        yield "default", schema.default
    if schema.items:
        yield "items", json_schema(schema.items)
    if schema.properties:
        yield "properties", {name: json_schema(field) for name, field in schema.properties.items()}
        yield "required", [name for name, field in schema.properties.items() if field.is_needed]
        yield "additionalProperties", schema.additional
