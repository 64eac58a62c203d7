"""Reads a house from a JSON file, or rejects it with a line for each mistake, in wire names."""

import sys
from pathlib import Path

from house_record import House, find_field, find_nearest_code, find_nearest_field
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from housing_price_model.errors import HouseRefused

STANDARD_INPUT = "-"
MOST_TOLD = 100
LONGEST_NAME = 100


def read_house(name: str) -> House:
    """Read the house in a file, or on standard input if the name is ``-``.

    Raises:
        HouseRefused: with a line for each mistake.
    """
    text = _read_content(name)
    try:
        text.decode()
        return House.model_validate_json(text)
    except UnicodeDecodeError as error:
        raise HouseRefused([f"{name}: byte {error.start} is not UTF-8, as JSON always is"]) from error
    except ValidationError as error:
        mistakes = error.errors(include_url=False)
        lines = [_describe_mistake(mistake, name) for mistake in mistakes[:MOST_TOLD]]
        left = len(mistakes) - len(lines)
        raise HouseRefused([*lines, f"and {left} more mistakes"] if left else lines) from None


def _read_content(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == STANDARD_INPUT else Path(name).read_bytes()
    except OSError as error:
        raise HouseRefused([f"{name}: {error.strerror or error}"]) from error


def _describe_mistake(mistake: ErrorDetails, file: str) -> str:
    if not mistake["loc"]:
        return f"{file}: {mistake['msg']}"
    name = str(mistake["loc"][-1])
    field = find_field(name)
    return f"{field.wire_name if field else name[:LONGEST_NAME]!r}: {_explain(mistake, name)}"


def _explain(mistake: ErrorDetails, name: str) -> str:
    field, given = find_field(name), mistake["input"]
    if mistake["type"] == "extra_forbidden":
        return _explain_unknown_field(name)
    code = (
        find_nearest_code(field, given)
        if mistake["type"] == "literal_error" and field and isinstance(given, str)
        else None
    )
    return f"{mistake['msg']}; did you mean '{code}'?" if code else mistake["msg"]


def _explain_unknown_field(name: str) -> str:
    if field := find_field(name):
        return f"The field is there twice: send either '{field.wire_name}' or '{field.name}'"
    nearest = find_nearest_field(name[:LONGEST_NAME])
    return f"There is no such field; did you mean '{nearest.wire_name}'?" if nearest else "There is no such field"
