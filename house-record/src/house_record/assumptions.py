"""Warnings about what a price assumes: fields that nobody gave, and nulls that were read as none."""

from collections.abc import Sequence
from functools import lru_cache

from house_record.implausibility import Implausibility

FIELDS_ASSUMED, NONE_ASSUMED = "FIELDS_ASSUMED", "NONE_ASSUMED"

FIELDS_ASSUMED_MEANS = (
    "{count} of the {all} fields {are} unknown: the price assumes what houses like this one have, "
    "and its interval is wider for it."
)
NONE_ASSUMED_MEANS = (
    "{fields} {are} null, which is read as none: leave out what is unknown, or confirm it with 0 in {sizes}."
)
MOST_LISTED = 3
"""A message counts more fields than these instead of listing them."""


@lru_cache(maxsize=1024)  # clients leave out the same fields each time
def make_fields_warning(fields: tuple[str, ...], count: int) -> Implausibility:
    """Make the warning about unknown fields.

    Args:
        fields: their wire names.
        count: the number of features that a house has.
    """
    message = FIELDS_ASSUMED_MEANS.format(count=len(fields), all=count, are=_are(fields))
    return Implausibility(code=FIELDS_ASSUMED, fields=fields, message=message)


@lru_cache(maxsize=1024)
def make_none_warning(fields: tuple[str, ...], sizes: tuple[str, ...]) -> Implausibility:
    """Make the warning about nulls that were read as none.

    Args:
        fields: their wire names.
        sizes: wire names of the sizes and counts that would confirm or contradict them.
    """
    listed = _list(fields) if len(fields) <= MOST_LISTED else f"{len(fields)} fields"
    message = NONE_ASSUMED_MEANS.format(fields=listed, are=_are(fields), sizes=_list(sizes))
    return Implausibility(code=NONE_ASSUMED, fields=fields, message=message)


def _list(names: Sequence[str]) -> str:
    *first, last = (f"`{name}`" for name in names)
    return f"{', '.join(first)} and {last}" if first else last


def _are(fields: Sequence[str]) -> str:
    return "is" if len(fields) == 1 else "are"
