"""What is wrong with one field of a house: what came, and what to send instead."""

import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import ErrorDetails

from house_record.features import Feature
from house_record.record import Record
from house_record.refusals.suggestions import find_code_by_spelling
from house_record.spellings import find_field_by_spelling

_WRONG_VALUE = frozenset(("int_type", "float_type", "string_type", "literal_error", "finite_number"))
"""Pydantic's errors for a value of another type or outside of a vocabulary."""

_ABSENT_ELSEWHERE = frozenset(
    ("", "na", "nan", "nat", "none", "null", "n/a", "#n/a", "<na>", "nil", "undefined", "?", "-", ".")
)
"""What other programs write for an absent value."""

MISSING, NULL = "missing", "null"
"""Kinds of faults that only required fields have."""

_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
_LONGEST_SHOWN = 40
_LONGEST_INTEGER_BITS = 128
_MAX_CODES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a field is refused.

    Args:
        kind: the same for faults with the same cause, whatever the field.
        message: a sentence for people, without the field's name.
        send: the value or name to send instead, if it is known.
    """

    kind: str
    message: str
    send: Any = None

    @property
    def lacks_required(self) -> bool:
        """Whether a field is left out or null that a price needs."""
        return self.kind in (MISSING, NULL)


@dataclass(frozen=True, slots=True)
class Terms:
    """How a kind of document names a field, and what it takes for an absent value.

    ``find`` returns the field with exactly this name in the document.
    """

    find: Callable[[Record, str], Feature | None]
    name_of: Callable[[Feature], str]
    if_unknown: str
    leave_out: str
    if_required: str


WIRE_TERMS = Terms(
    lambda record, name: record.field_by_name.get(name),
    lambda field: field.wire_name,
    "leave the field out if it is unknown; null means none",
    "leave the field out",
    "; required fields need a value",
)
COLUMN_TERMS = Terms(
    lambda record, name: record.feature_by_column.get(name),
    lambda field: field.column,
    "send null",
    "send null",
    "",
)


def find_fault(record: Record, error: ErrorDetails, field: Feature | None, terms: Terms = WIRE_TERMS) -> Fault:
    """Return what is wrong in one of Pydantic's errors of a house.

    Args:
        record: what a house is.
        error: its location ends with the field's name, as it was sent.
        field: the field; None if there is no such field.
        terms: how to speak of fields.
    """
    if error["type"] == "extra_forbidden":
        return _find_fault_of_name(record, str(error["loc"][-1]))
    if error["type"] in _WRONG_VALUE and error["loc"]:
        is_number = field.kind == "number" if field else error["type"] in ("int_type", "float_type")
        fault = _find_fault_of_value(error["input"], field, terms, is_number=is_number)
        if fault:
            return fault
    if error["type"] == "literal_error":
        return Fault("unknown_code", error["msg"])
    if error["type"] == "missing" and field and field.required:
        return Fault(MISSING, f"{error['msg']}: {_describe_smallest_set(record)}")
    if error["type"] == "model_type":
        return Fault("no_object", "A house should be an object with the names of its fields")
    return Fault(error["type"], error["msg"])


def _find_fault_of_name(record: Record, name: str) -> Fault:
    if field := record.field_by_name.get(name):
        return Fault("twice", f"The field is there twice: send either '{field.wire_name}' or '{field.name}'")
    if known := find_field_by_spelling(record, name):
        message = f"There is no such field; did you mean '{known.wire_name}'?"
        return Fault("other_name", message, known.wire_name)
    return Fault("unknown_field", "There is no such field")


def _find_fault_of_value(value: object, field: Feature | None, terms: Terms, *, is_number: bool) -> Fault | None:
    match value:
        case list() | dict():
            return _find_fault_of_container(value, field, terms)
        case bool():
            return _find_fault_of_truth_value(field, is_true=value, is_number=is_number)
        case str() if _stands_for_nothing(value, field):
            came = f"The text {show(value)}" if value.strip() else "An empty text"
            return _absent("absent", came, field, terms)
        case str() if is_number:
            return _find_fault_of_text(value, field)
        case float() if math.isnan(value):
            return _absent("absent", "NaN", field, terms)
        case None:
            return _absent(NULL, "Null", field, terms)
    return None


def _is_absent(value: object, field: Feature | None) -> bool:
    is_nan = isinstance(value, float) and math.isnan(value)
    return is_nan or (isinstance(value, str) and _stands_for_nothing(value, field))


def _stands_for_nothing(value: str, field: Feature | None) -> bool:
    return value.strip().casefold() in _ABSENT_ELSEWHERE and not (field and find_code_by_spelling(field, value))


def _find_fault_of_container(value: list[Any] | dict[str, Any], field: Feature | None, terms: Terms) -> Fault:
    noun = "list" if isinstance(value, list) else "object"
    items = value if isinstance(value, list) else list(value.values())
    if not items:
        return _absent("empty", f"An empty {noun}", field, terms, terms.leave_out)
    if len(items) > 1 or isinstance(items[0], list | dict):
        return Fault(noun, f"{'A list' if noun == 'list' else 'An object'} came: send {describe_expected(field)}")
    if _is_absent(items[0], field):
        return _absent("absent", f"{'A list' if noun == 'list' else 'An object'} without a value", field, terms)
    if isinstance(value, list):
        return Fault("boxed", f"A list came: send {show(items[0])}, not [{show(items[0])}]", items[0])
    return Fault("boxed", f"An object came: send {show(items[0])}", items[0])


def _find_fault_of_truth_value(field: Feature | None, *, is_true: bool, is_number: bool) -> Fault:
    if field and set(field.codes) == {"Y", "N"}:
        code = "Y" if is_true else "N"
        return Fault("truth_value", f"A truth value came: send {show(code)}", code)
    return Fault("truth_value", f"A truth value came: send {describe_expected(field, is_number=is_number)}")


def _find_fault_of_text(value: str, field: Feature | None) -> Fault:
    text = value.strip()
    if _PLAIN_NUMBER.fullmatch(text):
        number: float | int = float(text)
        if number.is_integer():
            number = int(number)
        if not (field and field.codes and number not in field.codes):
            return Fault("number_as_text", f"A text came: send {number}, not {show(value)}", number)
    if field and field.codes:
        return Fault("unknown_code", f"A text came: send {describe_expected(field)}")
    return Fault("text", f"A text came: send {describe_expected(field)}, in plain digits")


def _absent(kind: str, came: str, field: Feature | None, terms: Terms, instead: str = "") -> Fault:
    if field and field.required and terms is WIRE_TERMS:
        return Fault(kind, f"{came} came, but the field is required: send {describe_expected(field)}")
    meaning = f" ({field.absence})" if field and field.absence and not instead and terms is WIRE_TERMS else ""
    return Fault(kind, f"{came} came: {instead or terms.if_unknown}{meaning}")


def describe_missing(record: Record, names: Sequence[str], *, what: str = "missing") -> str:
    """Say which required fields are unknown, and without which ones there is no price."""
    listed = ", ".join(f"'{name}'" for name in names)
    return f"{listed} {'is' if len(names) == 1 else 'are'} {what}; {_describe_smallest_set(record)}"


def _describe_smallest_set(record: Record) -> str:
    *others, last = (f"'{name}'" for name in record.smallest_set)
    return f"a price needs at least {', '.join(others)} and {last}"


def describe_expected(field: Feature | None, *, is_number: bool = True) -> str:
    """Say what a value of this field is."""
    if field is None:
        return "a number" if is_number else "a text"
    if field.codes:
        codes = [show(code) for code in field.codes]
        return f"one of {', '.join(codes)}" if len(codes) <= _MAX_CODES_SHOWN else f"a code, such as {codes[0]}"
    return "a whole number" if field.python_type is int else "a number"


def show(value: object) -> str:
    """Write a scalar as JSON, cut if it is long."""
    if isinstance(value, str) and len(value) > _LONGEST_SHOWN:
        value = value[:_LONGEST_SHOWN] + "…"
    if isinstance(value, int) and value.bit_length() > _LONGEST_INTEGER_BITS:
        return "a number"
    return json.dumps(value, ensure_ascii=False)
