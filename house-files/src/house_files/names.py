"""Names of columns as people and tools write them: any case, signs and blanks, and R's ``X`` before a digit."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from os.path import commonprefix

from house_record import Record
from house_record.spellings import normalize_name

PRICE_COLUMN = "SalePrice"

_PARCEL = "pid"
"""De Cock's files identify a sale by its parcel, and number their rows in a column ``Order``."""
_ROW_NUMBER = "order"
_ROW_LABELS = re.compile(r"|\.\.\.1|x|v1|row[._ ]?(names|labels|id)|index|level_0")
"""What R, readr and others call the column of row labels that they add before the others."""
_LABELS_OF_PANDAS = re.compile(r"unnamed: ?\d+(\.\d+)*|unnamed_\d+|__index_level_\d+__")


def wanted_columns(record: Record) -> tuple[str, ...]:
    """Return the columns of a file of sales: the id, the features, the price."""
    return (record.id_column, *record.columns, PRICE_COLUMN)


@cache
def columns_by_normalized_name(record: Record) -> Mapping[str, str]:
    """Return the column that each normalized name stands for."""
    aliases = {alias: field.column for field in record.fields for alias in (field.name, field.wire_name)}
    names = aliases | {name: name for name in wanted_columns(record)}
    return {normalize_name(record, name): column for name, column in names.items()} | {_PARCEL: record.id_column}


def count_known(record: Record, names: Sequence[str]) -> int:
    """Return how many different columns these names stand for."""
    return len({column for name in names if (column := find_column(record, name))})


def find_column(record: Record, name: str) -> str | None:
    """Return the column of the record, or the price, that a name stands for."""
    return columns_by_normalized_name(record).get(normalize_name(record, name))


def drop_shared_prefix(record: Record, names: Sequence[str]) -> Sequence[str]:
    """Drop what a database or a join puts before every name, such as ``train.``, if that makes them known."""
    prefix = commonprefix([name.casefold() for name in names if name.strip()])  # noqa: RUF071
    prefix = prefix[: max(prefix.rfind("."), prefix.rfind("_")) + 1]
    shortened = [name[len(prefix) :] for name in names]
    return shortened if prefix and count_known(record, shortened) > count_known(record, names) else names


def is_parcel(record: Record, name: str) -> bool:
    """Whether this is De Cock's parcel number."""
    return normalize_name(record, name) == _PARCEL


def is_row_label(record: Record, name: str, *, is_first: bool, beside_parcels: bool) -> bool:
    """Whether a column only labels or counts the rows."""
    text = name.strip().casefold()
    if beside_parcels and normalize_name(record, name) == _ROW_NUMBER:
        return True
    return bool(_LABELS_OF_PANDAS.fullmatch(text) or (is_first and _ROW_LABELS.fullmatch(text)))
