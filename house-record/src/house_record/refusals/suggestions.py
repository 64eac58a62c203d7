"""Suggests the nearest known name or code."""

from difflib import get_close_matches

from house_record.features import FIELDS, Feature

_FIELD_BY_SPELLING: dict[str, Feature] = {
    spelling.casefold(): field
    for field in FIELDS
    for spelling in (field.column, field.column.replace(" ", ""), field.name, field.wire_name)
}


def find_field(name: str) -> Feature | None:
    """Return the field with exactly this wire or attribute name."""
    field = _FIELD_BY_SPELLING.get(name.casefold())
    return field if field and name in (field.wire_name, field.name) else None


def find_nearest_field(name: str) -> Feature | None:
    """Return the field whose wire name, attribute name or column is most similar, if any is."""
    nearest = get_close_matches(name.casefold(), _FIELD_BY_SPELLING, n=1)
    return _FIELD_BY_SPELLING[nearest[0]] if nearest else None


def find_nearest_code(field: Feature, value: str) -> str | None:
    """Return the code of a field's vocabulary that is most similar by spelling or meaning."""
    codes = {str(code).casefold(): str(code) for code in field.codes}
    meanings = {meaning.casefold(): str(code) for code, meaning in field.codes.items()}
    known = meanings | codes
    nearest = get_close_matches(value.strip().casefold(), known, n=1)
    return known[nearest[0]] if nearest else None
