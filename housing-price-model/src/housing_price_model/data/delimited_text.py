"""Comma- or tab-separated text, UTF-8 with or without a byte order mark, as a raw table."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from housing_price_model.data.raw_table import RawRow, RawTable
from housing_price_model.errors import DataError

if TYPE_CHECKING:
    from _csv import Reader


@contextmanager
def open_delimited_text(path: Path) -> Iterator[RawTable]:
    """The table of a text file, read row by row while the context is open.

    Raises:
        DataError: if the text is no such table; from the context's body too, as rows are read there.
        OSError: if the file can't be opened or read.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            yield _table(text)
    except UnicodeDecodeError as error:
        raise DataError("is not UTF-8 text, so neither a CSV nor a tab-separated file") from error
    except csv.Error as error:
        raise DataError(f"is not a readable CSV file: {error}") from error


def _table(text: IO[str]) -> RawTable:
    first_line = text.readline()
    if not first_line.strip():
        raise DataError("is empty: its first line should name the columns")
    text.seek(0)
    lines = csv.reader(text, delimiter="\t" if first_line.count("\t") > first_line.count(",") else ",")
    columns = next(lines)
    return RawTable(columns, _rows(lines, width=len(columns)))


def _rows(lines: "Reader", width: int) -> Iterator[RawRow]:
    for cells in lines:
        place = f"line {lines.line_num}"
        if len(cells) == width:
            yield RawRow(place, cells)
        elif cells:
            raise DataError(f"{place} has {len(cells)} cells where the header has {width}")
