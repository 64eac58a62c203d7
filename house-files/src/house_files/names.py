"""Names of columns as people and tools write them: any case, signs and blanks, and R's ``X`` before a digit."""

import re
from collections.abc import Mapping, Sequence
from os.path import commonprefix

from house_record import AMES, COLUMNS, FIELDS
from house_record.spellings import normalize_name

PRICE_COLUMN = "SalePrice"
ID_COLUMN = FIELDS[0].column
WANTED_COLUMNS = (ID_COLUMN, *COLUMNS, PRICE_COLUMN)

_PARCEL = "pid"
"""De Cock's files identify a sale by its parcel, and number their rows in a column ``Order``."""
_ROW_NUMBER = "order"
_ROW_LABELS = re.compile(r"|\.\.\.1|x|v1|row[._ ]?(names|labels|id)|index|level_0")
"""What R, readr and others call the column of row labels that they add before the others."""
_LABELS_OF_PANDAS = re.compile(r"unnamed: ?\d+(\.\d+)*|unnamed_\d+|__index_level_\d+__")

COLUMN_BY_NORMALIZED_NAME: Mapping[str, str] = (
    {normalize_name(AMES, alias): field.column for field in FIELDS for alias in (field.name, field.wire_name)}
    | {normalize_name(AMES, name): name for name in WANTED_COLUMNS}
    | {_PARCEL: ID_COLUMN}
)


def count_known(names: Sequence[str]) -> int:
    """Return how many different columns these names stand for."""
    return len({column for name in names if (column := find_column(name))})


def find_column(name: str) -> str | None:
    """Return the column of the record, or the price, that a name stands for."""
    return COLUMN_BY_NORMALIZED_NAME.get(normalize_name(AMES, name))


def drop_shared_prefix(names: Sequence[str]) -> Sequence[str]:
    """Drop what a database or a join puts before every name, such as ``train.``, if that makes them known."""
    prefix = commonprefix([name.casefold() for name in names if name.strip()])  # noqa: RUF071
    prefix = prefix[: max(prefix.rfind("."), prefix.rfind("_")) + 1]
    shortened = [name[len(prefix) :] for name in names]
    return shortened if prefix and count_known(shortened) > count_known(names) else names


def is_parcel(name: str) -> bool:
    """Whether this is De Cock's parcel number."""
    return normalize_name(AMES, name) == _PARCEL


def is_row_label(name: str, *, is_first: bool, beside_parcels: bool) -> bool:
    """Whether a column only labels or counts the rows."""
    text = name.strip().casefold()
    if beside_parcels and normalize_name(AMES, name) == _ROW_NUMBER:
        return True
    return bool(_LABELS_OF_PANDAS.fullmatch(text) or (is_first and _ROW_LABELS.fullmatch(text)))
