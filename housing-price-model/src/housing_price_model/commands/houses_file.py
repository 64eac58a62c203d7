"""Reads many houses from a file, each by itself, so that a bad one does not stop the others.

A file is a JSON list of houses, JSON lines with a house each, or a table such as a CSV with names in its first line.
"""

import json
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from house_files import Empty, HouseFileError, HouseRow, HousesTable, ParquetNotInstalled, read_houses
from house_record import Record
from house_record.refusals import BYTE_ORDER_MARK

from housing_price_model.commands.house_file import STANDARD_INPUT, describe_encoding, list_mistakes
from housing_price_model.errors import HouseRefused

MAX_HOUSES = 100_000
"""Of a file: they are in memory together."""

type Form = Literal["house", "list", "lines", "table"]

_LINES_SUFFIXES = frozenset((".jsonl", ".ndjson"))
_TABLE_SUFFIXES = frozenset((".csv", ".tsv", ".txt", ".parquet"))
_BLANKS = re.compile(r"[ \t\r\n]*")


def recognize_form(content: bytes, name: str) -> Form:
    """Return what a file holds, by its name if that tells, or else by how it begins."""
    suffix, text = Path(name).suffix.lower(), content.removeprefix(BYTE_ORDER_MARK).lstrip()
    if suffix in _LINES_SUFFIXES:
        return "lines"
    if suffix in _TABLE_SUFFIXES:
        return "table"
    if text.startswith(b"["):
        return "list"
    if text.startswith(b"{"):
        first, _, rest = text.partition(b"\n")
        return "lines" if first.rstrip().endswith(b"}") and rest.lstrip().startswith(b"{") else "house"
    return "house" if suffix == ".json" else "table"


def read_list(content: bytes, name: str, record: Record) -> HousesTable:
    """Read a JSON list.

    Raises:
        HouseRefused: if it is no JSON, or too long.
    """
    text = _decode(content, name)
    try:
        return _read_rows(enumerate(_split_list(text), start=1), "row", name, record)
    except json.JSONDecodeError as error:
        raise HouseRefused([f"{name}: Invalid JSON: {error}"]) from error
    except RecursionError as error:
        raise HouseRefused([f"{name}: Invalid JSON: too many brackets within each other"]) from error


def read_lines(content: bytes, name: str, record: Record) -> HousesTable:
    """Read JSON lines; empty ones are skipped.

    Raises:
        HouseRefused: if it is no UTF-8, or too long.
    """
    lines = enumerate(_decode(content, name).split("\n"), start=1)
    return _read_rows(((number, line) for number, line in lines if line.strip()), "line", name, record)


def read_table(content: bytes, name: str, record: Record, empty: Empty | None = None) -> HousesTable:
    """Read a table, such as a CSV.

    ``empty`` says what an empty cell means where the dictionary has a "none"; by default, the first rows decide.

    Raises:
        HouseRefused: if it is none, or too long.
    """
    with TemporaryDirectory(prefix="housing-price-model-") as temporary:
        path = Path(name)
        if name == STANDARD_INPUT:
            # Tables are recognised by their first bytes, which are read more than once.
            path = Path(temporary) / "standard-input"
            path.write_bytes(content)
        try:
            return read_houses(path, record, empty, most=MAX_HOUSES)
        except ParquetNotInstalled as error:
            raise HouseRefused([str(ParquetNotInstalled(name, member="housing-price-model"))]) from error
        except HouseFileError as error:
            raise HouseRefused([str(error).replace(str(path), name)]) from error


def _decode(content: bytes, name: str) -> str:
    content = content.removeprefix(BYTE_ORDER_MARK)
    if problem := describe_encoding(content):
        raise HouseRefused([f"{name}: {problem}"])
    return content.decode()


def _read_rows(texts: Iterator[tuple[int, str]], noun: str, name: str, record: Record) -> HousesTable:
    rows = [_read_row(f"{noun} {number}", text.encode(), record) for number, text in islice(texts, MAX_HOUSES)]
    if next(texts, None) is not None:
        raise HouseRefused([f"{name} holds more than {MAX_HOUSES:,} houses, the most that is priced at once: split it"])
    return HousesTable(rows)


def _read_row(place: str, text: bytes, record: Record) -> HouseRow:
    mistakes = list_mistakes(text, "the house", record)
    if mistakes:
        return HouseRow(place, None, mistakes)
    return HouseRow(place, record.house.model_validate_json(text))


def _split_list(text: str) -> Iterator[str]:
    """Yield the text of each element, so that each is read like a house of its own."""
    # Python rejects long integers and does not need the numbers here.
    decoder = json.JSONDecoder(parse_int=str, parse_float=str)
    place = _skip_blanks(text, text.index("[") + 1)
    is_first = True
    while not (is_first and text.startswith("]", place)):
        is_first = False
        _, end = decoder.raw_decode(text, place)
        yield text[place:end]
        place = _skip_blanks(text, end)
        if text.startswith("]", place):
            break
        if not text.startswith(",", place):
            raise json.JSONDecodeError("Expecting ',' delimiter", text, place)
        place = _skip_blanks(text, place + 1)
    end = _skip_blanks(text, place + 1)
    if end < len(text):
        raise json.JSONDecodeError("Extra data", text, end)


def _skip_blanks(text: str, place: int) -> int:
    found = _BLANKS.match(text, place)
    return found.end() if found else place
