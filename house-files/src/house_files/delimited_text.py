"""Comma- or tab-separated text, UTF-8 with or without a byte order mark, as a raw table."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from house_files.errors import HouseFileError
from house_files.raw_table import RawRow, RawTable

if TYPE_CHECKING:
    from _csv import Reader


@contextmanager
def open_delimited_text(path: Path) -> Iterator[RawTable]:
    """Open a text file as a table; its rows are read one by one while the context is open.

    Raises:
        HouseFileError: if the text is no such table; the body of the context, which reads the rows, raises it too.
        OSError: if the file can't be opened or read.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            yield _read_table(text)
    except UnicodeDecodeError as error:
        raise HouseFileError("is not UTF-8 text, so neither a CSV nor a tab-separated file") from error
    except csv.Error as error:
        raise HouseFileError(f"is not a readable CSV file: {error}") from error


def _read_table(text: IO[str]) -> RawTable:
    first_line = text.readline()
    if not first_line.strip():
        raise HouseFileError("is empty: its first line should name the columns")
    text.seek(0)
    lines = csv.reader(text, delimiter="\t" if first_line.count("\t") > first_line.count(",") else ",")
    columns = next(lines)
    return RawTable(columns, _read_rows(lines, width=len(columns)))


def _read_rows(lines: "Reader", width: int) -> Iterator[RawRow]:
    for cells in lines:
        place = f"line {lines.line_num}"
        if len(cells) == width:
            yield RawRow(place, cells)
        elif cells:
            raise HouseFileError(f"{place} has {len(cells)} cells where the header has {width}")
