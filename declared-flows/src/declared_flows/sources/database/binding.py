"""Values of parameters as drivers take them; what one would refuse with an error of its own is refused here."""

import json
import math
from collections.abc import Sequence
from typing import Any

from declared_flows.errors import UnusableParams

_LARGEST_INTEGER = 2**63


def check_value(name: str, value: Any) -> Any:
    """A scalar or None.

    Raises:
        UnusableParams: if no database takes it.
    """
    match value:
        case None | bool():
            return value
        case str():
            _check_text(name, value)
        case float():
            if not math.isfinite(value):
                raise UnusableParams(f"parameter `{name}` is no finite number")
        case int():
            if not -_LARGEST_INTEGER <= value < _LARGEST_INTEGER:
                raise UnusableParams(f"parameter `{name}` is larger than the integers of a database")
        case _:
            raise UnusableParams(f"parameter `{name}` is of a kind that a database does not take")
    return value


def json_text(name: str, value: Any) -> str:
    """A value as JSON.

    Raises:
        UnusableParams: if databases don't take it.
    """
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        raise UnusableParams(f"parameter `{name}` is of a kind that a database does not take") from None
    if "\\u0000" in text:  # refused in `jsonb`
        raise UnusableParams(f"parameter `{name}` has a character that a database does not take")
    _check_text(name, text)
    return text


def array(name: str, values: Sequence[Any]) -> list[Any]:
    """Scalars of one kind.

    Raises:
        UnusableParams: if they are of several kinds, or one that no database takes.
    """
    items = [check_value(name, item) for item in values]
    kinds = {type(item) for item in items if item is not None}
    if kinds == {int, float}:
        return [None if item is None else float(item) for item in items]
    if len(kinds) > 1:
        raise UnusableParams(f"parameter `{name}` is a list of several kinds")
    return items


def _check_text(name: str, value: str) -> None:
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise UnusableParams(f"parameter `{name}` has a character that a database does not take")
