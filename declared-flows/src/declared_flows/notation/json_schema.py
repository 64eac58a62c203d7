"""The JSON Schema of a file of flows, for editors."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from declared_flows.notation.declaration import FlowDeclaration


def file_schema(sources: Mapping[str, Any], records: Iterable[str] = ()) -> dict[str, Any]:
    """The JSON Schema of a file, for editors.

    Args:
        sources: the options model of each kind of source, as JSON Schema.
        records: the names of the records that there are.
    """
    flow = FlowDeclaration.model_json_schema(ref_template="#/$defs/{model}")
    definitions = flow.pop("$defs")
    one_of = []
    for kind, schema in sources.items():
        definitions |= schema.pop("$defs", {})
        schema["properties"]["kind"] = {"const": kind}
        definitions[f"source-{kind}"] = schema
        one_of.append({"$ref": f"#/$defs/source-{kind}"})
    name_records(definitions["Schema"], sorted(records))
    definitions["Flow"] = {**flow, "title": "Flow"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Flows",
        "description": "Sources, and endpoints that combine them.",
        "type": "object",
        "properties": {
            "sources": {"type": "object", "additionalProperties": {"oneOf": one_of}},
            "flows": {"type": "array", "items": {"$ref": "#/$defs/Flow"}},
            **flow["properties"],
        },
        "additionalProperties": False,
        "anyOf": [{"required": ["sources"]}, {"required": ["flows"]}, {"required": flow["required"]}],
        "$defs": definitions,
    }


def name_records(schema: dict[str, Any], records: Sequence[str]) -> None:
    """Say in the JSON Schema of ``Schema`` which records there are."""
    schema["properties"]["record"]["anyOf"][0] = {"enum": list(records), "type": "string"}
