"""What an operation is declared to answer: fields, or a whole schema."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from declared_flows.notation.schema import Schema


def _as_schema(value: Any) -> Any:
    if not isinstance(value, dict) or isinstance(value.get("type"), str) or isinstance(value.get("record"), str):
        return value
    return {"type": "object", "properties": value}


type AnswerSchema = Annotated[
    Schema,
    BeforeValidator(_as_schema, json_schema_input_type=Schema | dict[str, Schema]),
    Field(examples=[{"neighborhood": {"type": "string"}}]),
]
"""The fields of an object by name, or a whole schema where it says its `type`."""
