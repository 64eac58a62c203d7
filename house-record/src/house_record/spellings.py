"""Names of fields as people and tools write them: any case, signs and blanks, and R's ``X`` before a digit."""

import re
from functools import lru_cache

from house_record.ames import AMES
from house_record.features import Feature

_NOT_IN_NAMES = re.compile(r"[\W_]")
_BEGINS_WITH_DIGIT = "|".join(field.column.casefold() for field in AMES.fields if field.column[0].isdigit())
_LETTERS_BEFORE_DIGIT = re.compile(rf"[a-z]{{1,3}}(?=({_BEGINS_WITH_DIGIT})$)")
"""``X1stFlrSF``, ``Z_1st_Flr_SF``: many tools allow no name to begin with a digit."""

LONGEST_NAME = 100
"""A longer text is not the name of a field."""


def normalize_name(name: str) -> str:
    """Drop what differs between styles: ``Year Remod/Add`` and ``YearRemodAdd`` are the same name."""
    return _LETTERS_BEFORE_DIGIT.sub("", _NOT_IN_NAMES.sub("", name).casefold())


_FIELD_BY_SPELLING: dict[str, Feature] = {
    normalize_name(name): field for field in AMES.fields for name in (field.column, field.name, field.wire_name)
}


def find_field_by_spelling(name: str) -> Feature | None:
    """Return the field that this is another spelling of, such as ``MSSubClass``, ``lot.area`` or ``X1stFlrSF``."""
    return _find_field(name) if len(name) <= LONGEST_NAME else None


@lru_cache(maxsize=1024)
def _find_field(name: str) -> Feature | None:
    return _FIELD_BY_SPELLING.get(normalize_name(name))
