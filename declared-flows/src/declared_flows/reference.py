"""The reference of the notation for flows, from its models: ``python -m declared_flows.reference``."""

from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from typing import Any

from declared_flows.notation.declaration import FlowDeclaration
from declared_flows.notation.expressions import FUNCTIONS
from declared_flows.notation.json_schema import name_records
from declared_flows.notation.schema import Schema
from declared_flows.planning.plan import SourceSignature
from declared_flows.planning.surroundings import Surroundings
from declared_flows.sources.kinds import installed_kinds

GROUP = "declared_flows.surroundings"
"""Entry points of this group return what files may refer to in an installed program."""

_INTRODUCTION = """\
# Reference of the notation for flows

Generated from the models that check the files; do not edit. [flows.md](flows.md) explains what flows are for, and how
to begin. Editors take the JSON Schema [flows.schema.json](flows.schema.json): write
`# yaml-language-server: $schema=…` on the first line of a file.

A file holds `sources`, one flow (its keys at the top), a list of `flows`, or all of these. Unknown keys are errors.
YAML is read as version 1.2: `no` and `on` are texts. Whole numbers are decimal: `0x1F` and `0o17`
are texts, and `010` is 10. There are no tags and no anchors.

## References and expressions

| written | means |
| --- | --- |
| `$request.path.parcel_id`, `$house.rooms[0].area` | a value of the request or a step, or part of it; null if absent |
| `${ house.area * 2.0 }` | the value of an expression, in the [Common Expression Language](https://cel.dev) |
| `Parcel ${request.path.parcel_id}` | a text with expressions in it |
| `$$5` | the text `$5` |
| anything else | itself |

Expressions are strict about types. If `rooms` is an integer, write `double(house.rooms) * 1.5`, not
`house.rooms * 1.5`. `has(house.pool)` tells whether a field exists.

In the tables, `seconds` is `300ms`, `2s`, `10m`, `1h`, `30d` or a number of seconds. `text` is a text or
`{secret: name}`. `kind` is `string`, `integer`, `number`, `boolean`, `object` or `array`.
"""


def reference(surroundings: Surroundings) -> str:
    """Return the whole page.

    Args:
        surroundings: what files may refer to that is in none of them.
    """
    schema = Schema.model_json_schema()
    name_records(schema["$defs"]["Schema"], sorted(surroundings.records))
    setting = f"{surroundings.setting_prefix}NAME"
    parts = [
        _INTRODUCTION,
        f"Functions: {', '.join(f'`{name}`' for name in sorted(FUNCTIONS))}.\n",
        f"The secret `name` is the value of the setting `{setting}`.\n",
        "## A flow\n",
        _of_model(FlowDeclaration.model_json_schema(), skipped={"Schema"}),
        "Paths that are the service's own: " + ", ".join(f"`{path}`" for path in surroundings.reserved_paths) + ".\n",
        "## Schemas of values\n",
        "A declared value is required, unless it has a `default` or is `optional`.\n",
        _of_model(schema),
    ]
    for name, source in sorted(surroundings.own_sources.items()):
        parts += [f"## The source `{name}`\n", f"{source.description or ''}\n", *_operations(source)]
    for name, kind in surroundings.kinds.items():
        parts += [f"## Sources of kind `{name}`\n", _of_model(kind.options.model_json_schema(), skipped={"Schema"})]
    return "\n".join(parts)


def installed_surroundings() -> Surroundings:
    """Return what the files of the installed program may refer to; the kinds of sources alone if there is none."""
    for entry_point in entry_points(group=GROUP):
        surroundings: Surroundings = entry_point.load()()
        return surroundings
    return Surroundings(installed_kinds())


def _operations(source: SourceSignature) -> Iterator[str]:
    for name, signature in (source.operations or {}).items():
        parameters = ", ".join(f"`{each}`" for each in signature.parameters or ())
        answer = signature.answer.items if signature.answer and signature.answer.items else signature.answer
        fields = ", ".join(f"`{each}`" for each in (answer.fields if answer else None) or ())
        yield f"- `{name}`: takes {parameters}; returns {'a list of ' if name.endswith('batch') else ''}{fields}\n"


def _of_model(schema: Mapping[str, Any], skipped: set[str] | None = None) -> str:
    """A table for a model, and one for each that it is made of."""
    definitions = {name: each for name, each in schema.get("$defs", {}).items() if name not in (skipped or set())}
    own = schema if "properties" in schema else definitions.pop(schema["$ref"].rpartition("/")[2])
    tables = [_table(own)]
    tables += [
        f"### {_title(name)}\n\n{_table(each)}" for name, each in sorted(definitions.items()) if "properties" in each
    ]
    return "\n".join(tables)


def _table(schema: Mapping[str, Any]) -> str:
    rows = ["| key | type | default | meaning |", "| --- | --- | --- | --- |"]
    required = schema.get("required", ())
    for name, each in schema["properties"].items():
        default = "required" if name in required else _shown(each.get("default"))
        rows.append(f"| `{name}` | {_kind(each)} | {default} | {_one_line(each.get('description'))} |")
    description = _one_line(schema.get("description"))
    return "\n".join([*([description, ""] if description else []), *rows, ""])


def _kind(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return _title(schema["$ref"].rpartition("/")[2])
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return ", ".join(f"`{each}`" for each in schema["enum"])
    if alternatives := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(dict.fromkeys(_kind(each) for each in alternatives if each.get("type") != "null"))
    match schema.get("type"):
        case "array":
            return f"list of {_kind(schema['items'])}" if schema.get("items") else "list"
        case "object":
            values = schema.get("additionalProperties")
            return f"names with {_kind(values)}" if isinstance(values, dict) else "mapping"
        case None:
            return "anything"
        case kind:
            return str(kind)


def _title(name: str) -> str:
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()
    return words.removesuffix(" declaration").removesuffix(" options")


def _shown(default: Any) -> str:
    return "" if default in (None, [], {}) else f"`{default}`"


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


if __name__ == "__main__":
    print(reference(installed_surroundings()), end="")  # noqa: T201  its output is the page
