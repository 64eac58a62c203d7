"""Generates the page of all fields: ``python -m house_record.field_table > docs/house-record.md``."""

from collections.abc import Iterator

from house_record.ames import AMES
from house_record.features import Feature
from house_record.record import Record

_INTRODUCTION = """\
# The house record

An `id` and {features} features, version {version}. Generated from the class `House`; do not edit.

A field that is not required may be left out: its value is unknown then. An explicit null means what the table
says. Where that is more than unknown, the model's row holds the code `NA`; `GarageYrBlt` is empty there as well.
The snake_case name is accepted in place of the wire name, but not both in one house. Codes are spelt as the data
spell them; other spellings are accepted and mean the code they stand beside.

| wire name | snake_case name | column | type | unit | range | required | null means | meaning |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
"""


def field_table(record: Record) -> str:
    """Return the page as Markdown."""
    rows = "\n".join(_row(field) for field in record.fields)
    warnings = "\n".join(_warnings(record))
    codes = "\n".join(line for field in record.features if field.codes for line in _codes(field))
    introduction = _INTRODUCTION.format(features=len(record.features), version=record.version)
    return f"{introduction}{rows}\n\n## Codes\n\n{codes}\n## Improbable houses\n\n{warnings}\n"


def _row(field: Feature) -> str:
    cells = (
        f"`{field.wire_name}`",
        f"`{field.name}`",
        f"`{field.column}`",
        {int: "integer", float: "number", str: "text"}[field.python_type],
        field.unit or ("code" if field.codes else ""),
        _range(field),
        "yes" if field.required else "",
        "" if field.required else field.absence or "unknown",
        field.description,
    )
    return f"| {' | '.join(cells)} |"


def _range(field: Feature) -> str:
    if field.minimum is None:
        return ""
    grouping = "" if field.unit == "year" else ","
    return f"{field.minimum:{grouping}.0f} to {field.maximum:{grouping}.0f}".replace(",", " ")


def _codes(field: Feature) -> Iterator[str]:
    yield f"### `{field.wire_name}`\n"
    for code, meaning in field.codes.items():
        others = [f"`{spelling}`" for spelling, meant in field.spellings.items() if meant == code]
        yield f"- `{code}`{f' (also {", ".join(others)})' if others else ''}: {meaning}"
    if field.absence:
        yield f"- null{' (also `NA`)' if field.spellings else ''}: {field.absence}"
    yield ""


def _warnings(record: Record) -> Iterator[str]:
    yield "Such a house is priced, with a warning. Where fields contradict each other, what is there is believed:"
    yield "a code or a size above 0 outweighs a null and a 0.\n"
    yield "| code | fields | message |"
    yield "| --- | --- | --- |"
    for warning in dict.fromkeys([*(rule.implausibility for rule in record.rules), *record.list_contradictions()]):
        fields = ", ".join(f"`{name}`" for name in warning.fields)
        yield f"| `{warning.code}` | {fields} | {warning.message} |"


if __name__ == "__main__":
    print(field_table(AMES), end="")  # noqa: T201  its output is the page
