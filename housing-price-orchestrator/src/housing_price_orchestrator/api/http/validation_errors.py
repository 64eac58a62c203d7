"""Turns Pydantic's errors into ours: short, with wire names and a suggestion for each."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from house_record import Feature, field_called, nearest_code, nearest_field
from pydantic_core import ErrorDetails

from housing_price_orchestrator.api.http.diagnosis import Diagnosis
from housing_price_orchestrator.api.http.problems import MAX_DETAILS
from housing_price_orchestrator.errors import InvalidInput

MAX_TEXT_LENGTH = 100
"""Maximum number of characters of a caller's text that a response repeats."""

MAX_LOOKUPS = 20
"""Names and codes of one body for which suggestions are looked up; each takes some tenths of a millisecond."""

type Mistake = dict[str, Any]


class _Suggestions:
    """The known names and codes that resemble those of one body; each is looked up once."""

    def __init__(self) -> None:
        self._found = dict[tuple[str, str], Any]()

    def field(self, name: str) -> Feature | None:
        return self._once(("", name), lambda: nearest_field(name))

    def code(self, field: Feature, value: str) -> str | None:
        return self._once((field.name, value), lambda: nearest_code(field, value))

    def _once[Found](self, what: tuple[str, str], look_up: Callable[[], Found | None]) -> Found | None:
        if what not in self._found and len(self._found) < MAX_LOOKUPS:
            self._found[what] = look_up()
        return self._found.get(what)


def make_invalid_input(found: Diagnosis, *, house_depth: int) -> InvalidInput:
    """Turn Pydantic's errors into ours, which lists the first of them.

    Args:
        found: the errors.
        house_depth: how deep in the body a house is: 0 if the body is one, 2 in a batch.
    """
    suggestions = _Suggestions()
    return InvalidInput(
        [_mistake(error, house_depth, suggestions) for error in found.errors[:MAX_DETAILS]], found.count
    )


def rejected_field(mistake: Mapping[str, Any]) -> str:
    """The wire name of the field with the error, or ``unknown``: a bounded label."""
    name = mistake["loc"][-1]
    field = field_called(name) if isinstance(name, str) else None
    return field.wire_name if field else "unknown"


def _mistake(error: ErrorDetails, house_depth: int, suggestions: _Suggestions) -> Mistake:
    name = error["loc"][-1] if len(error["loc"]) > house_depth else None
    message, suggestion = _message(error, name, suggestions) if isinstance(name, str) else (error["msg"], None)
    mistake: Mistake = {
        "type": error["type"],
        "loc": ["body", *(_wire_name(part) for part in error["loc"])],
        "msg": message,
    }
    if error["type"] not in ("missing", "json_invalid") and _is_scalar(error["input"]):
        mistake["input"] = _shorten(error["input"])
    context = {**error.get("ctx", {}), **({"suggestion": suggestion} if suggestion else {})}
    if context:
        mistake["ctx"] = context
    return mistake


def _message(error: ErrorDetails, name: str, suggestions: _Suggestions) -> tuple[str, str | None]:
    field = field_called(name)
    if error["type"] == "extra_forbidden":
        return _unknown_field(name, field, suggestions)
    if error["type"] == "literal_error" and field and isinstance(error["input"], str):
        code = suggestions.code(field, error["input"][:MAX_TEXT_LENGTH])
        if code:
            return f"{error['msg']}; did you mean '{code}'?", code
    return error["msg"], None


def _unknown_field(name: str, field: Feature | None, suggestions: _Suggestions) -> tuple[str, str | None]:
    if field:
        return f"The field is there twice: send either '{field.wire_name}' or '{field.name}'", None
    known = suggestions.field(name[:MAX_TEXT_LENGTH])
    if known:
        return f"There is no such field; did you mean '{known.wire_name}'?", known.wire_name
    return "There is no such field", None


def _wire_name(part: str | int) -> str | int:
    if isinstance(part, int):
        return part
    field = field_called(part)
    return field.wire_name if field and field.wire_name != part else part[:MAX_TEXT_LENGTH]


def _is_scalar(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | bool)


def _shorten(value: str | int | float | None) -> str | int | float | None:
    if isinstance(value, str):
        return value[:MAX_TEXT_LENGTH]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and value.bit_length() > 64:
        return str(value)[:MAX_TEXT_LENGTH]
    return value
