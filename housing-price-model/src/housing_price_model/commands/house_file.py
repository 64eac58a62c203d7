"""Reads a house from the text of a JSON file, or rejects it with a line for each mistake, in wire names."""

import sys
from contextlib import nullcontext
from pathlib import Path

from host_environment.files import describe_unreadable
from house_record import AnyHouse, Record
from house_record.refusals import (
    BYTE_ORDER_MARK,
    Findings,
    Mistake,
    Shape,
    diagnose_house,
    find_wide_encoding,
    recognize_shape,
)

from housing_price_model.errors import HouseRefused

STANDARD_INPUT = "-"
MAX_NAMES = 100
MAX_BYTES = 256 * 2**20
"""Of a file, which is read into memory as a whole."""

_HOUSE_FORM = '{"id": 1461, …}'


def read_house(text: bytes, name: str, record: Record) -> AnyHouse:
    """Read the house in a file's text.

    Raises:
        HouseRefused: with a line for each mistake.
    """
    text = text.removeprefix(BYTE_ORDER_MARK)
    if problem := describe_encoding(text) or _describe_shape(recognize_shape(record, text)):
        raise HouseRefused([f"{name}: {problem}"])
    if mistakes := list_mistakes(text, name, record):
        raise HouseRefused(mistakes)
    return record.house.model_validate_json(text)


def list_mistakes(text: bytes, name: str, record: Record) -> list[str]:
    """Return a line for each mistake in the text of a house; ``name`` says where the text stands."""
    found = Findings(record)
    for error in diagnose_house(record, text):
        found.add(error)
    return [_describe_mistake(mistake, name) for mistake in found.list_mistakes()]


def read_content(name: str) -> bytes:
    """Read a file, or standard input if the name is ``-``.

    Raises:
        HouseRefused: if it can't be read, or is too large.
    """
    try:
        with nullcontext(sys.stdin.buffer) if name == STANDARD_INPUT else Path(name).open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise HouseRefused([describe_unreadable(name, error)]) from error
    if len(content) > MAX_BYTES:
        raise HouseRefused([f"{name} is larger than {MAX_BYTES // 2**20} MiB, the most that is read: split it"])
    return content


def describe_encoding(text: bytes) -> str | None:
    """Say what is wrong with the encoding of JSON, or None."""
    if name := find_wide_encoding(text):
        return f"the file is {name}: save it as UTF-8"
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return f"byte {error.start} is not UTF-8, as JSON always is"
    return None


def _describe_shape(shape: Shape | None) -> str | None:
    if shape is None or shape.kind == "house":
        return None
    match shape.kind:
        case "batch":
            return f"the file holds {shape}: give the list of the houses itself"
        case "wrapped house":
            return f"the file holds {shape}: give the house itself"
        case "text":
            return f"the file holds {shape}: give the object itself, not as a text"
    return f"the file holds {shape}: give a house, as {_HOUSE_FORM}"


def _describe_mistake(mistake: Mistake, file: str) -> str:
    if not mistake.fields or (len(mistake.fields) > 1 and "required" in mistake.context):
        return f"{file}: {mistake.message}"  # which names them all
    if len(mistake.fields) == 1:
        return f"'{mistake.fields[0]}': {mistake.message}"
    return f"{file}: {mistake.message} ({', '.join(_list_fields(mistake))})"


def _list_fields(mistake: Mistake) -> list[str]:
    """All of them: a terminal has room for what an answer leaves to ``ctx``."""
    suggestions = mistake.context.get("suggestions", {})
    if suggestions and mistake.type == "extra_forbidden":
        return [f"{sent}: {known}" for sent, known in suggestions.items()]
    return list(mistake.fields[:MAX_NAMES])
