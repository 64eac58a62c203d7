"""What people read about the record: its JSON schema and the page of all fields."""

from pathlib import Path
from typing import Any

import pytest
from house_record import AMES, FIELDS, Feature, House, example_document
from house_record.field_table import field_table

PAGE = Path(__file__).parents[2] / "docs" / "house-record.md"
SCHEMA: dict[str, Any] = House.model_json_schema()


def test_the_schema_has_exactly_the_fields_by_wire_name() -> None:
    assert list(SCHEMA["properties"]) == [field.wire_name for field in FIELDS]
    assert SCHEMA["required"] == [field.wire_name for field in FIELDS if field.required]
    assert SCHEMA["additionalProperties"] is False


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_every_field_is_described_with_an_example_that_is_valid(field: Feature) -> None:
    described = SCHEMA["properties"][field.wire_name]

    assert described["description"].startswith(field.description)
    assert len(field.description) > 5
    (example,) = described["examples"]
    House.model_validate(example_document(**{field.wire_name: example}))


@pytest.mark.parametrize("field", FIELDS[1:], ids=lambda field: field.name)
def test_every_feature_documents_unit_and_range_or_codes(field: Feature) -> None:
    described = SCHEMA["properties"][field.wire_name]
    said = described.get("anyOf", [described])[0]

    if field.codes:
        assert said["enum"] == list(field.codes)
        assert all(f"`{code}` {meaning}" in described["description"] for code, meaning in field.codes.items())
    else:
        assert f"Unit: {field.unit}." in described["description"]
        assert (said["minimum"], said["maximum"]) == (field.minimum, field.maximum)


@pytest.mark.parametrize("field", [f for f in FIELDS if not f.required], ids=lambda field: field.name)
def test_every_optional_field_tells_what_null_means(field: Feature) -> None:
    description = SCHEMA["properties"][field.wire_name]["description"]

    assert description.endswith(f"`null`: {field.absence or 'unknown'}.")


def test_the_committed_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == field_table(AMES), (
        "run: uv run python -m house_record.field_table > docs/house-record.md"
    )


def test_the_page_names_every_spelling_beside_its_code() -> None:
    assert "- `NAmes` (also `Names`): North Ames" in field_table(AMES)
    assert "- null (also `NA`): no pool" in field_table(AMES)


def test_no_page_groups_the_digits_of_a_year() -> None:
    years = [line for line in field_table(AMES).splitlines() if "| year |" in line]

    assert years
    assert all("| 1800 to 9999 |" in line for line in years)
    assert "| 0 to 1 000 000 |" in field_table(AMES)
