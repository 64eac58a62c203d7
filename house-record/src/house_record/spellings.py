"""Names of fields as people and tools write them: any case, signs and blanks, and R's ``X`` before a digit."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from house_record.features import Feature
from house_record.record import Record

_NOT_IN_NAMES = re.compile(r"[\W_]")

LONGEST_NAME = 100
"""A longer text is not the name of a field."""


def normalize_name(record: Record, name: str) -> str:
    """Drop what differs between styles: ``Year Remod/Add`` and ``YearRemodAdd`` are the same name."""
    return _letters_before_digit(record).sub("", _NOT_IN_NAMES.sub("", name).casefold())


@cache
def _letters_before_digit(record: Record) -> re.Pattern[str]:
    """``X1stFlrSF``, ``Z_1st_Flr_SF``: many tools allow no name to begin with a digit."""
    names = [field.column.casefold() for field in record.fields if field.column[0].isdigit()]
    return re.compile(rf"[a-z]{{1,3}}(?=({'|'.join(names)})$)" if names else r"(?!)")


def find_field_by_spelling(record: Record, name: str) -> Feature | None:
    """Return the field that this is another spelling of, such as ``MSSubClass``, ``lot.area`` or ``X1stFlrSF``."""
    return _find_field(record, name) if len(name) <= LONGEST_NAME else None


@lru_cache(maxsize=1024)
def _find_field(record: Record, name: str) -> Feature | None:
    return _fields_by_spelling(record).get(normalize_name(record, name))


@cache
def _fields_by_spelling(record: Record) -> Mapping[str, Feature]:
    return {
        normalize_name(record, name): field
        for field in record.fields
        for name in (field.column, field.name, field.wire_name)
    }
