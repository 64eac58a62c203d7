"""A table as text in any dialect, as a raw table: where a row stands, and how many cells it has."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from house_record import Record

from house_files.cells import strip_cell
from house_files.dialects import find_dialect
from house_files.encodings import describe_undecodable, find_encoding
from house_files.errors import HouseFileError
from house_files.raw_table import RawRow, RawTable
from house_files.row_labels import has_unnamed_label

if TYPE_CHECKING:
    from _csv import Reader


@contextmanager
def open_delimited_text(path: Path, record: Record) -> Iterator[RawTable]:
    """Open a text file as a table; its rows are read one by one while the context is open.

    Raises:
        HouseFileError: if the text is no such table; the body of the context, which reads the rows, raises it too.
        OSError: if the file can't be opened or read.
    """
    try:
        with path.open(encoding=find_encoding(path), newline="") as text:
            yield _read_table(record, _merge_doubled_ends(text))
    except UnicodeDecodeError as error:
        raise HouseFileError(describe_undecodable(path)) from error
    except csv.Error as error:
        raise HouseFileError(f"is not a readable CSV file: {error}") from error


def _merge_doubled_ends(lines: Iterable[str]) -> Iterator[str]:
    """CR CR LF, which a second conversion makes of CR LF, ends one line and not two."""
    ended_with_cr = False
    for line in lines:
        if not (ended_with_cr and line == "\r\n"):
            yield line
        ended_with_cr = line.endswith("\r")


def _read_table(record: Record, lines: Iterator[str]) -> RawTable:
    dialect = find_dialect(record, lines)
    reader = csv.reader(chain([dialect.header], lines), delimiter=dialect.separator)
    columns = [strip_cell(name) for name in _drop_blank_end(next(reader))]
    rows = _read_rows(record, reader, columns, lines_before=dialect.lines_before)
    return RawTable(columns, rows, decimal_signs=dialect.decimal_signs)


def _read_rows(record: Record, reader: "Reader", columns: Sequence[str], *, lines_before: int) -> Iterator[RawRow]:
    width = len(columns)
    labels: int | None = None
    lines_read = reader.line_num
    for cells in reader:
        place = f"line {lines_before + lines_read + 1}"
        lines_read = reader.line_num
        if not any(cell.strip() for cell in cells):
            continue
        filled = _drop_blank_end(cells, least=width)
        if labels is None:
            labels = int(has_unnamed_label(record, columns, filled))
        if len(filled) != width + labels:
            raise HouseFileError(f"{place} has {len(filled)} cells where the header has {width}")
        yield RawRow(place, filled[labels:])


def _drop_blank_end(cells: list[str], *, least: int = 0) -> list[str]:
    """Excel writes empty cells after the last one of a row."""
    end = len(cells)
    while end > least and not cells[end - 1].strip():
        end -= 1
    return cells[:end]
