"""Finds the fields of the house record among the columns of a file."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from house_record import Record
from house_record.spellings import normalize_name

from house_files.errors import HouseFileError
from house_files.names import (
    PRICE_COLUMN,
    columns_by_normalized_name,
    drop_shared_prefix,
    find_column,
    is_parcel,
    is_row_label,
    wanted_columns,
)

_NAMES_OF_R_PACKAGES = frozenset(("firstflrsf", "yearsold"))
"""The table ``ames`` of modeldata, and what AmesHousing::make_ames() returns, have other names, codes and columns."""

_MOST_MISSING_SHOWN = 10
_MOST_NAMES_SHOWN = 3
_LONGEST_NAME_SHOWN = 40
_LEAST_LIKENESS = 0.8


class LocatedColumns(NamedTuple):
    """Where the record's columns and the price stand, and what is wrong with the others."""

    positions: Mapping[str, int]
    problems: Sequence[str]


def locate_columns(record: Record, names: Sequence[str], required: Sequence[str] | None = None) -> LocatedColumns:
    """Return where the id, each of the record's columns and the price stand among a file's columns.

    Args:
        record: what a house is.
        names: those of the file's columns.
        required: the columns that it is a problem to miss; all of them by default.

    Raises:
        HouseFileError: if this is not a table of house sales, or one without prices.
    """
    wanted = wanted_columns(record)
    names = drop_shared_prefix(record, names)
    known = _find_columns(record, names)
    positions: dict[str, int] = {}
    for position, column in known.items():
        positions.setdefault(column, position)
    _refuse_other_tables(record, names, positions)
    missing = [column for column in required or wanted if column not in positions]
    if missing == [PRICE_COLUMN]:
        raise HouseFileError(f"has no column {PRICE_COLUMN}: these are to be priced: train on houses that were sold")
    repeated = [column for column, times in Counter(known.values()).items() if times > 1]
    unknown = [names[position] for position in _find_unknown(record, names, known)]
    absent = [column for column in wanted if column not in positions]
    problems = [
        *_describe_repeated(record, repeated, names),
        *_describe_problems(record, missing, unknown, absent),
    ]
    return LocatedColumns(positions, problems)


def _find_columns(record: Record, names: Sequence[str]) -> dict[int, str]:
    known = {position: column for position, name in enumerate(names) if (column := find_column(record, name))}
    ids = [position for position, column in known.items() if column == record.id_column]
    if len(ids) > 1 and any(not is_parcel(record, names[position]) for position in ids):
        # An Id beside a parcel is the id.
        known = {position: column for position, column in known.items() if not is_parcel(record, names[position])}
    return known


def _refuse_other_tables(record: Record, names: Sequence[str], positions: Mapping[str, int]) -> None:
    if set(positions) <= {record.id_column}:
        shown = ", ".join(name[:_LONGEST_NAME_SHOWN] for name in names[:_MOST_NAMES_SHOWN])
        raise HouseFileError(f"is not a table of house sales: its first line names none of their columns: {shown!r}")
    if {normalize_name(record, name) for name in names} >= _NAMES_OF_R_PACKAGES:
        raise HouseFileError(
            "is the table ames of R's modeldata (AmesHousing::make_ames), with other codes and fewer columns: "
            "write AmesHousing::ames_raw instead"
        )


def _find_unknown(record: Record, names: Sequence[str], known: Mapping[int, str]) -> list[int]:
    has_parcels = any(is_parcel(record, name) for name in names)
    return [
        position
        for position, name in enumerate(names)
        if position not in known
        and not is_parcel(record, name)
        and not is_row_label(record, name, is_first=position == 0, beside_parcels=has_parcels)
    ]


def _describe_repeated(record: Record, repeated: list[str], names: Sequence[str]) -> Iterable[str]:
    for column in repeated:
        same = ", ".join(repr(name) for name in names if find_column(record, name) == column)
        yield f"{column} stands in several columns, so remove all but one: {same}"


def _describe_problems(record: Record, missing: list[str], unknown: list[str], absent: list[str]) -> Iterable[str]:
    if missing:
        more = len(missing) - _MOST_MISSING_SHOWN
        shown = ", ".join(missing[:_MOST_MISSING_SHOWN]) + (f" and {more} more" if more > 0 else "")
        yield f"{_count_columns(missing)} missing: {shown}"
    if unknown:
        names = ", ".join(_suggest(record, name, absent) for name in unknown)
        yield f"{_count_columns(unknown)} unknown, so remove {'it' if len(unknown) == 1 else 'them'}: {names}"


def _count_columns(names: list[str]) -> str:
    return "1 column is" if len(names) == 1 else f"{len(names)} columns are"


def _suggest(record: Record, name: str, absent: list[str]) -> str:
    """A hint is given only for a name that can stand for an absent column, and not for one of its codes."""
    if find_column(record, name.rpartition("_")[0]):
        return repr(name)
    columns = columns_by_normalized_name(record)
    absent_names = [known for known, column in columns.items() if column in absent]
    nearest = get_close_matches(normalize_name(record, name), absent_names, n=1, cutoff=_LEAST_LIKENESS)
    return f"{name!r} (perhaps {columns[nearest[0]]})" if nearest else repr(name)
