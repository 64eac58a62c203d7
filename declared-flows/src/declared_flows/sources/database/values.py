"""Values between JSON and databases, in both directions."""

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from typing import Any
from uuid import UUID

from pydantic_core import from_json, to_jsonable_python

from declared_flows.notation.schema import Schema

_MOST_DIGITS = 308
"""JSON's readers take no number with more digits before its point."""


class NoJson(ValueError):
    """A value that JSON lacks; the text names its kind."""


def to_plain(value: Any) -> Any:
    """A database's value as JSON has it.

    Raises:
        NoJson: if JSON has no such value.
    """
    kind = type(value)
    if value is None or kind in (str, bool, int):
        return value
    if kind not in _PLAIN:
        raise NoJson(f"of the kind `{kind.__name__}`")
    return _PLAIN[kind](value)


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise NoJson("that is not finite")
    return value


def _number(value: Decimal) -> int | float:
    if not value.is_finite():
        raise NoJson("that is not finite")
    if value.adjusted() > _MOST_DIGITS:
        raise NoJson("that is too large")
    exponent = value.as_tuple().exponent
    return int(value) if isinstance(exponent, int) and exponent >= 0 else _finite(float(value))


def _items(values: list[Any] | tuple[Any, ...]) -> list[Any]:
    return [to_plain(value) for value in values]


def _fields(values: dict[str, Any]) -> dict[str, Any]:
    return {name: to_plain(value) for name, value in values.items()}


_PLAIN: Mapping[type, Callable[[Any], Any]] = {
    float: _finite,
    Decimal: _number,
    datetime: datetime.isoformat,
    date: date.isoformat,
    time: time.isoformat,
    timedelta: to_jsonable_python,
    UUID: str,
    list: _items,
    tuple: _items,
    dict: _fields,
    **dict.fromkeys((IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network), str),
}


def fit(value: Any, schema: Schema | None) -> Any:
    """A value in the type that is declared for it, where the database has not that type.

    SQLite knows no truth values and no JSON, and decimals with a scale are no integers.
    """
    kind = schema.type if schema else None
    if kind == "boolean" and type(value) is int and value in (0, 1):
        return bool(value)
    if kind == "integer" and type(value) is float and value.is_integer():
        return int(value)
    if kind in ("object", "array") and type(value) is str:
        return _parse(value)
    return value


def _parse(text: str) -> Any:
    try:
        return to_plain(from_json(text, allow_inf_nan=False))
    except NoJson:
        raise
    except ValueError:
        return text
