"""Reads CSV row by row, as MLflow reads it: the same texts are unknown values, and short rows end with unknown values.

Only ``NA`` is a code where the house record says so; MLflow's own server takes it for unknown.
"""

import csv
import re
from collections.abc import Collection, Iterator, Sequence
from io import StringIO

from house_record import NOT_APPLICABLE
from house_record.refusals import describe_encoding

from housing_price_model.inference import Cells, MissingColumns
from housing_price_model.serving.refusals import MAX_ROWS, Refusal, TooManyRows

MAX_COLUMNS = 1_000

_UNKNOWN = frozenset(
    ("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
     "NULL", "NaN", "None", "n/a", "nan", "null")
)  # fmt: skip
"""The texts that pandas reads as absent."""

_UNKNOWN_WITHOUT_CODE = _UNKNOWN - {NOT_APPLICABLE}

_NUMBER = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?\s*")


def read_csv(
    body: bytes, columns: Sequence[str], number_columns: Collection[str], none_columns: Collection[str]
) -> Sequence[Cells]:
    """Return the rows of a body, in the order of the columns. What is not a number in a number column stays a text.

    ``NA`` is a code in ``none_columns``, and unknown elsewhere.

    Raises:
        Refusal: if it is not CSV in UTF-8, a row is too long, or there are too many.
        RowError: if a column is missing.
    """
    if problem := describe_encoding(body):
        raise Refusal(f"the body is not valid CSV: {problem}")
    lines = csv.reader(StringIO(body.decode(), newline=""), strict=True)
    try:
        return list(_read_rows(lines, columns, number_columns, none_columns))
    except csv.Error as error:
        raise Refusal(f"the body is not valid CSV: line {lines.line_num}: {error}") from None


def _read_rows(
    lines: Iterator[list[str]], columns: Sequence[str], numbers: Collection[str], with_none: Collection[str]
) -> Iterator[Cells]:
    header = next(filter(None, lines), [])
    places = _locate(columns, header)
    kinds = [
        (place, name in numbers, _UNKNOWN_WITHOUT_CODE if name in with_none else _UNKNOWN)
        for place, name in zip(places, columns, strict=True)
    ]
    for number, cells in enumerate(filter(None, lines)):
        if number >= MAX_ROWS:
            raise TooManyRows
        if len(cells) > len(header):
            raise Refusal(f"row {number} has {len(cells)} values for {len(header)} columns")
        whole = cells + [""] * (len(header) - len(cells))
        yield [_read_cell(whole[place], is_number=is_number, unknown=unknown) for place, is_number, unknown in kinds]


def _locate(columns: Sequence[str], header: Sequence[str]) -> Sequence[int]:
    if len(header) > MAX_COLUMNS:
        raise Refusal(f"the first line names more than {MAX_COLUMNS:,} columns")
    if missing := [name for name in columns if name not in header]:
        raise MissingColumns(f"the first line names no column {missing[0]}", missing, header)
    if twice := [name for name in columns if header.count(name) > 1]:
        raise Refusal(f"the first line names the column {twice[0]} twice")
    return [header.index(name) for name in columns]


def _read_cell(text: str, *, is_number: bool, unknown: Collection[str]) -> str | float | None:
    if text in unknown:
        return None
    return float(text) if is_number and _NUMBER.fullmatch(text) else text
