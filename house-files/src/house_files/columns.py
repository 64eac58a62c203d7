"""Finds the fields of the house record among the columns of a file, in any style of names."""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from house_record import COLUMNS, FIELDS

from house_files.errors import HouseFileError

PRICE_COLUMN = "SalePrice"
ID_COLUMN = FIELDS[0].column

_MOST_NAMES_SHOWN = 10
_NOT_IN_NAMES = re.compile(r"[\W_]")

_WANTED = (ID_COLUMN, *COLUMNS, PRICE_COLUMN)
_PARCEL = "PID"
"""De Cock's files identify a sale by its parcel, and number their rows in a column ``Order``."""
_ROW_NUMBER = "Order"


def _normalize(name: str) -> str:
    """Drop what differs between styles: ``Year Remod/Add`` and ``YearRemodAdd`` are the same name."""
    return _NOT_IN_NAMES.sub("", name).casefold()


_COLUMN_BY_NORMALIZED_NAME = {_normalize(name): name for name in _WANTED} | {_normalize(_PARCEL): ID_COLUMN}


def locate_columns(names: Sequence[str]) -> Mapping[str, int]:
    """Return where the id, each of the record's columns and the price stand among a file's columns.

    Raises:
        HouseFileError: if columns are missing, unknown or there twice.
    """
    known = [(_COLUMN_BY_NORMALIZED_NAME.get(_normalize(name)), position) for position, name in enumerate(names)]
    positions = {column: position for column, position in known if column is not None}
    if not positions:
        raise HouseFileError("is not a table of house sales: its first line names none of their columns")
    twice = [names[position] for column, position in known if column and positions[column] != position]
    missing = [column for column in _WANTED if column not in positions]
    unknown = [names[position] for column, position in known if column is None]
    if problems := _describe_problems(twice, missing, _drop_row_number(unknown, names)):
        raise HouseFileError("; ".join(problems))
    return positions


def _drop_row_number(unknown: list[str], names: Sequence[str]) -> list[str]:
    if not any(_normalize(name) == _normalize(_PARCEL) for name in names):
        return unknown
    return [name for name in unknown if _normalize(name) != _normalize(_ROW_NUMBER)]


def _describe_problems(twice: list[str], missing: list[str], unknown: list[str]) -> list[str]:
    problems = []
    if twice:
        problems.append(f"{_count_columns(twice)} there twice: {_list_names([repr(name) for name in twice])}")
    if missing:
        problems.append(f"{_count_columns(missing)} missing: {_list_names(missing)}")
    if unknown:
        problems.append(f"{_count_columns(unknown)} unknown: {_list_names([_suggest(name) for name in unknown])}")
    return problems


def _count_columns(names: list[str]) -> str:
    return "1 column is" if len(names) == 1 else f"{len(names)} columns are"


def _list_names(names: list[str]) -> str:
    shown = ", ".join(names[:_MOST_NAMES_SHOWN])
    more = len(names) - _MOST_NAMES_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _suggest(name: str) -> str:
    nearest = get_close_matches(_normalize(name), _COLUMN_BY_NORMALIZED_NAME, n=1)
    return f"{name!r} (like {_COLUMN_BY_NORMALIZED_NAME[nearest[0]]})" if nearest else repr(name)
