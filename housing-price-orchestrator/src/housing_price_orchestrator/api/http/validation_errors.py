"""Turns what is wrong with a body into the entries of a 422: short, with wire names and what to send instead."""

import math
from collections.abc import Iterator
from itertools import islice
from typing import Any

from house_record.refusals import Mistake, is_scalar
from pydantic_core import ErrorDetails

from housing_price_orchestrator.api.http.diagnosis import Diagnosis
from housing_price_orchestrator.api.http.problems import MAX_DETAILS
from housing_price_orchestrator.errors import InvalidInput

MAX_TEXT_LENGTH = 100
"""Maximum number of characters of a caller's text that a response repeats."""

_WITHOUT_INPUT = ("missing", "json_invalid")
_INTERNAL = "class_name"


def make_invalid_input(found: Diagnosis) -> InvalidInput:
    """Turn the errors of a body into ours. Errors of one kind are one entry; the first of these are listed."""
    entries = [*map(_describe_mistake, found.houses.list_mistakes()), *map(_describe_error, found.beside)]
    return InvalidInput(entries[:MAX_DETAILS], found.count)


def rejected_fields(found: Diagnosis) -> Iterator[tuple[str, str]]:
    """The wire name of each field with errors, or ``unknown``, and their kind: bounded labels."""
    for name, kind in islice(found.houses.causes(), MAX_DETAILS):
        yield name or "unknown", kind
    for error in found.beside[:MAX_DETAILS]:
        yield "unknown", error["type"]


def _describe_mistake(mistake: Mistake) -> dict[str, Any]:
    return _make_entry(mistake.type, mistake.loc, mistake.message, mistake.inputs, dict(mistake.context))


def _describe_error(error: ErrorDetails) -> dict[str, Any]:
    given = error["input"]
    has_input = error["type"] not in _WITHOUT_INPUT and is_scalar(given)
    context = {name: fact for name, fact in error.get("ctx", {}).items() if name != _INTERNAL}
    return _make_entry(error["type"], error["loc"], error["msg"], (given,) if has_input else (), context)


def _make_entry(
    kind: str, loc: tuple[str | int, ...], message: str, inputs: Any, context: dict[str, Any]
) -> dict[str, Any]:
    place = [part[:MAX_TEXT_LENGTH] if isinstance(part, str) else part for part in loc]
    entry: dict[str, Any] = {"type": kind, "loc": ["body", *place], "msg": message}
    if inputs:
        entry["input"] = _shorten(inputs[0])
    if context:
        entry["ctx"] = context
    return entry


def _shorten(value: str | int | float | None) -> str | int | float | None:
    if isinstance(value, str):
        return value[:MAX_TEXT_LENGTH]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and value.bit_length() > 64:
        return str(value)[:MAX_TEXT_LENGTH]
    return value
