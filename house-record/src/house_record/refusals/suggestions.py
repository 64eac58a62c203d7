"""Suggests the nearest known name or code."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache

from house_record.ames import AMES
from house_record.features import Feature
from house_record.spellings import LONGEST_NAME, find_field_by_spelling

MAX_LOOKUPS = 20
"""Names and codes of one body that are compared with all known ones; each takes some tenths of a millisecond."""

_FIELD_BY_NAME: Mapping[str, Feature] = {name: field for field in AMES.fields for name in (field.name, field.wire_name)}
_FIELD_BY_SIMILAR_NAME: Mapping[str, Feature] = {
    spelling.casefold(): field for field in AMES.fields for spelling in (field.column, field.name, field.wire_name)
}


def find_field(name: str) -> Feature | None:
    """Return the field with exactly this wire or attribute name."""
    return _FIELD_BY_NAME.get(name)


def find_nearest_field(name: str) -> Feature | None:
    """Return the field that this is another spelling of, or else the one with the most similar name, if any is."""
    if known := find_field_by_spelling(name):
        return known
    nearest = get_close_matches(name.casefold(), _FIELD_BY_SIMILAR_NAME, n=1)
    return _FIELD_BY_SIMILAR_NAME[nearest[0]] if nearest else None


def find_code_by_spelling(field: Feature, value: str) -> str | None:
    """Return the code of a field's vocabulary that is spelt so in another case, or means this."""
    return _codes_by_spelling(field.name).get(value.strip().casefold())


def find_nearest_code(field: Feature, value: str) -> str | None:
    """Return the code of a field's vocabulary that is most similar by spelling or meaning."""
    known = _codes_by_spelling(field.name)
    nearest = get_close_matches(value.strip().casefold(), known, n=1)
    return known[nearest[0]] if nearest else None


class Suggestions:
    """What to send instead of the unknown names and codes of one body.

    Another spelling of a known one is always recognised. The search for similar ones is bounded.
    """

    def __init__(self) -> None:
        self._searches = dict[tuple[str, str], str | None]()

    def find_field(self, name: str) -> Feature | None:
        """Return the field that a name may stand for."""
        if known := find_field_by_spelling(name):
            return known
        found = self._search("", name[:LONGEST_NAME])
        return _FIELD_BY_NAME[found] if found else None

    def find_code(self, field: Feature, value: str) -> str | None:
        """Return the code that a value may stand for."""
        value = value[:LONGEST_NAME]
        return find_code_by_spelling(field, value) or self._search(field.name, value)

    def _search(self, field: str, text: str) -> str | None:
        key = (field, text)
        if key not in self._searches and len(self._searches) < MAX_LOOKUPS:
            self._searches[key] = _find_similar(field, text)
        return self._searches.get(key)


def _find_similar(field: str, text: str) -> str | None:
    if field:
        return find_nearest_code(_FIELD_BY_NAME[field], text)
    known = find_nearest_field(text)
    return known.name if known else None


@cache
def _codes_by_spelling(name: str) -> Mapping[str, str]:
    field = _FIELD_BY_NAME[name]
    meanings = {meaning.casefold(): str(code) for code, meaning in field.codes.items()}
    spellings = {spelling.casefold(): str(code) for spelling, code in field.spellings.items() if code is not None}
    return meanings | spellings | {str(code).casefold(): str(code) for code in field.codes}
