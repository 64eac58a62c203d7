"""Reads a house from a JSON file, or rejects it with a line for each mistake, in wire names."""

import sys
from pathlib import Path

from host_environment.files import describe_unreadable
from house_record import House
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
_HOUSE_FORM = '{"id": 1461, …}'


def read_house(name: str) -> House:
    """Read the house in a file, or on standard input if the name is ``-``.

    Raises:
        HouseRefused: with a line for each mistake.
    """
    text = _read_content(name).removeprefix(BYTE_ORDER_MARK)
    if problem := _describe_encoding(text) or _describe_shape(recognize_shape(text)):
        raise HouseRefused([f"{name}: {problem}"])
    found = Findings()
    for error in diagnose_house(text):
        found.add(error)
    if not found.count:
        return House.model_validate_json(text)
    raise HouseRefused([_describe_mistake(mistake, name) for mistake in found.list_mistakes()])


def _read_content(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == STANDARD_INPUT else Path(name).read_bytes()
    except OSError as error:
        raise HouseRefused([describe_unreadable(name, error)]) from error


def _describe_encoding(text: bytes) -> str | None:
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
        case "batch" | "list":
            return f"the file holds {shape}: give one house, as {_HOUSE_FORM}"
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
