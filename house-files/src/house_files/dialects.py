"""How a table is written as text: what separates its cells, and where its header stands."""

import csv
import re
from collections.abc import Iterator
from typing import NamedTuple

from house_record import Record

from house_files.errors import HouseFileError
from house_files.names import count_known

SEPARATORS = (",", ";", "\t", "|")

_ANNOUNCEMENT = re.compile(r'"?sep=(?P<separator>[^\r\n"])"?\s*', re.IGNORECASE)
"""Excel's own line ``sep=;``, which stands before the header."""

_NOTHING_BUT_SEPARATORS = re.compile(r'[\s,;|"]*')


class Dialect(NamedTuple):
    """The separator of a text, its header line, and how many lines stand before it."""

    separator: str
    header: str
    lines_before: int

    @property
    def decimal_signs(self) -> str:
        """A comma is one where it separates no cells."""
        return "." if self.separator == "," else ".,"


def find_dialect(record: Record, lines: Iterator[str]) -> Dialect:
    """Consume the lines up to the header, and tell the dialect from it.

    Raises:
        HouseFileError: if there is no header.
    """
    announced = None
    for lines_before, line in enumerate(lines):
        if match := _ANNOUNCEMENT.fullmatch(line):
            announced = match["separator"]
        elif not _NOTHING_BUT_SEPARATORS.fullmatch(line):
            return Dialect(announced or _find_separator(record, line), line, lines_before)
    raise HouseFileError("is empty: its first line should name the columns")


def _find_separator(record: Record, header: str) -> str:
    """Return what splits a header into the most known columns, or else what it holds most often."""
    return max(
        SEPARATORS, key=lambda separator: (count_known(record, _split(header, separator)), header.count(separator))
    )


def _split(header: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([header], delimiter=separator))
    except csv.Error:
        return []
