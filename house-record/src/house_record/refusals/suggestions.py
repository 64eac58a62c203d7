"""Suggests the nearest known name or code."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache, lru_cache

from house_record.features import Feature
from house_record.record import Record
from house_record.spellings import LONGEST_NAME, find_field_by_spelling

MAX_LOOKUPS = 20
"""Names and codes of one body that are compared with all known ones; each takes some tenths of a millisecond."""


def find_nearest_field(record: Record, name: str) -> Feature | None:
    """Return the field that this is another spelling of, or else the one with the most similar name, if any is."""
    if known := find_field_by_spelling(record, name):
        return known
    similar = _fields_by_similar_name(record)
    nearest = get_close_matches(name.casefold(), similar, n=1)
    return similar[nearest[0]] if nearest else None


@cache
def _fields_by_similar_name(record: Record) -> Mapping[str, Feature]:
    return {
        spelling.casefold(): field
        for field in record.fields
        for spelling in (field.column, field.name, field.wire_name)
    }


def find_code_by_spelling(field: Feature, value: str) -> str | None:
    """Return the code of a field's vocabulary that is spelt so in another case, or means this."""
    return _codes_by_spelling(field).get(value.strip().casefold())


def find_nearest_code(field: Feature, value: str) -> str | None:
    """Return the code of a field's vocabulary that is most similar by spelling or meaning."""
    known = _codes_by_spelling(field)
    nearest = get_close_matches(value.strip().casefold(), known, n=1)
    return known[nearest[0]] if nearest else None


class Suggestions:
    """What to send instead of the unknown names and codes of one body.

    Another spelling of a known one is always recognised. The search for similar ones is bounded.
    """

    def __init__(self, record: Record) -> None:
        self._record = record
        self._searches = dict[tuple[str, str], str | None]()

    def find_field(self, name: str) -> Feature | None:
        """Return the field that a name may stand for."""
        if known := find_field_by_spelling(self._record, name):
            return known
        found = self._search("", name[:LONGEST_NAME])
        return self._record.field_by_name[found] if found else None

    def find_code(self, field: Feature, value: str) -> str | None:
        """Return the code that a value may stand for."""
        value = value[:LONGEST_NAME]
        return find_code_by_spelling(field, value) or self._search(field.name, value)

    def _search(self, field: str, text: str) -> str | None:
        key = (field, text)
        if key not in self._searches and len(self._searches) < MAX_LOOKUPS:
            self._searches[key] = _find_similar(self._record, field, text)
        return self._searches.get(key)


def _find_similar(record: Record, field: str, text: str) -> str | None:
    if field:
        return find_nearest_code(record.field_by_name[field], text)
    known = find_nearest_field(record, text)
    return known.name if known else None


@lru_cache(maxsize=1024)
def _codes_by_spelling(field: Feature) -> Mapping[str, str]:
    meanings = {meaning.casefold(): str(code) for code, meaning in field.codes.items()}
    spellings = {spelling.casefold(): str(code) for spelling, code in field.spellings.items() if code is not None}
    return meanings | spellings | {str(code).casefold(): str(code) for code in field.codes}
