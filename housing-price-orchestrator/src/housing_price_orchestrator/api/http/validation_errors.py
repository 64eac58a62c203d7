"""Turns Pydantic's errors into ours: short, with wire names and a suggestion for each."""

import math
from collections.abc import Mapping
from typing import Any

from house_record import find_field
from house_record.refusals import Suggestions, explain
from pydantic_core import ErrorDetails

from housing_price_orchestrator.api.http.diagnosis import Diagnosis
from housing_price_orchestrator.api.http.problems import MAX_DETAILS
from housing_price_orchestrator.errors import InvalidInput

MAX_TEXT_LENGTH = 100
"""Maximum number of characters of a caller's text that a response repeats."""

type Mistake = dict[str, Any]


def make_invalid_input(found: Diagnosis, *, house_depth: int) -> InvalidInput:
    """Turn Pydantic's errors into ours, which lists the first of them.

    Args:
        found: the errors.
        house_depth: how deep in the body a house is: 0 if the body is one, 2 in a batch.
    """
    suggestions = Suggestions()
    return InvalidInput(
        [_mistake(error, house_depth, suggestions) for error in found.errors[:MAX_DETAILS]], found.count
    )


def rejected_field(mistake: Mapping[str, Any]) -> str:
    """The wire name of the field with the error, or ``unknown``: a bounded label."""
    name = mistake["loc"][-1]
    field = find_field(name) if isinstance(name, str) else None
    return field.wire_name if field else "unknown"


def _mistake(error: ErrorDetails, house_depth: int, suggestions: Suggestions) -> Mistake:
    name = error["loc"][-1] if len(error["loc"]) > house_depth else None
    message, suggestion = explain(error, name, suggestions) if isinstance(name, str) else (error["msg"], None)
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


def _wire_name(part: str | int) -> str | int:
    if isinstance(part, int):
        return part
    field = find_field(part)
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
