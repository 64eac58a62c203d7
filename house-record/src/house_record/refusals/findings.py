"""Collects the errors of one house or many, and lists each cause once.

Errors of one kind in one field are one entry, with their count and values. If many fields have errors of one kind,
these become one entry too, so that the list stays short whatever was sent.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from itertools import islice
from typing import Any

from pydantic_core import ErrorDetails

from house_record.features import Feature
from house_record.record import Record
from house_record.refusals.faults import MISSING, WIRE_TERMS, Fault, Terms, find_fault, show
from house_record.refusals.suggestions import Suggestions
from house_record.refusals.summaries import summarize_fields, summarize_rows
from house_record.spellings import LONGEST_NAME

MAX_ENTRIES = 16
"""If there were more entries, those of one kind are joined."""

_FIELDS_TO_JOIN = (8, 4, 2)
"""Fields with errors of one kind that become one entry; the fewer, the more entries there would be."""

_SEVERAL = 2
"""Unknown fields that are required become one entry, which names the smallest set."""

_MAX_VALUES = 28
"""Different values of one field that are counted apart: as many as the largest vocabulary has codes."""

_MAX_VALUES_OF_MANY = 4
"""Values that are listed for each field if there are many entries."""

_MAX_NAMES = 120
"""Names that the entries list, together."""

_MAX_UNKNOWN_NAMES = 40
_LONGEST_LISTED_VALUE = 40
_LONGEST_LISTED_NAME = 30
_MAX_CODES_IN_MESSAGE = 8

type Location = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """One entry of a list of errors.

    Args:
        type: Pydantic's name for the error, or for the first of them.
        loc: the location of the first of them.
        message: a sentence for people.
        fields: the fields with this error, in the terms of the document.
        count: how many errors this stands for.
        inputs: the value, if it is one scalar; else empty.
        context: the facts behind the message.
    """

    type: str
    loc: Location
    message: str
    fields: Sequence[str]
    count: int = 1
    inputs: Sequence[str | int | float | bool | None] = ()
    context: Mapping[str, Any] = dataclass_field(default_factory=dict)


@dataclass(slots=True)
class Value:
    """One of the values of a field: how often it came, and in which row first."""

    sent: object
    first_row: int | None
    count: int = 0

    @property
    def shown(self) -> str:
        """The value as a text, cut if it is long."""
        return self.sent[:_LONGEST_LISTED_VALUE] if isinstance(self.sent, str) else show(self.sent)


@dataclass(slots=True)
class Cause:
    """Errors of one kind in one field, of which the first is kept."""

    error: ErrorDetails
    fault: Fault
    field: Feature | None
    name: str
    row: int | None
    count: int = 0
    values: dict[object, Value] = dataclass_field(default_factory=dict)

    def add(self, error: ErrorDetails, row: int | None) -> None:
        """Count an error of this kind."""
        self.count += 1
        value = error["input"]
        if not is_scalar(value) or error["type"] in ("missing", "extra_forbidden"):
            return
        key = (type(value), repr(value) if isinstance(value, float) else value)  # NaN is not equal to itself
        if key not in self.values and len(self.values) < _MAX_VALUES:
            self.values[key] = Value(value, row)
        if key in self.values:
            self.values[key].count += 1


class Findings:
    """The errors found so far.

    Args:
        record: what a house is.
        terms: how the document names fields.
    """

    def __init__(self, record: Record, terms: Terms = WIRE_TERMS) -> None:
        self.count = 0
        self._terms = terms
        self._record = record
        self._causes: dict[tuple[str, str], Cause] = {}
        self._suggestions = Suggestions(record)
        self._names_left = _MAX_NAMES

    def add(self, error: ErrorDetails, row: int | None = None) -> None:
        """Add one of Pydantic's errors of a house.

        Args:
            error: its location is within the house: the field's name, as it was sent, or empty.
            row: the house's index in a batch.
        """
        self.count += 1
        sent = str(error["loc"][-1]) if error["loc"] else ""
        known = self._terms.find(self._record, sent)
        fault = find_fault(self._record, error, known, self._terms)
        name = self._terms.name_of(known) if known else sent[:LONGEST_NAME]
        cause = self._causes.get((fault.kind, name))
        if cause is None:
            cause = self._causes[fault.kind, name] = Cause(error, fault, known, name, row)
        cause.add(error, row)

    def causes(self) -> Iterator[tuple[str | None, str]]:
        """The field, if it is known, and Pydantic's name of each kind of error in a field."""
        for cause in self._causes.values():
            yield (self._terms.name_of(cause.field) if cause.field else None), cause.error["type"]

    def list_mistakes(self) -> Sequence[Mistake]:
        """Return the entries, in the order in which their first errors were found."""
        by_kind: dict[str, list[Cause]] = {}
        for cause in self._causes.values():
            by_kind.setdefault(cause.fault.kind, []).append(cause)
        for joined_from in _FIELDS_TO_JOIN:
            if sum(1 if len(alike) >= joined_from else len(alike) for alike in by_kind.values()) <= MAX_ENTRIES:
                break
        self._names_left = _MAX_NAMES
        joined = {
            kind
            for kind, alike in by_kind.items()
            if len(alike) >= (_SEVERAL if alike[0].fault.lacks_required else joined_from)
        }
        entries = [
            [self._join(by_kind[kind])] if kind in joined else map(self._describe, by_kind[kind]) for kind in by_kind
        ]
        return [mistake for of_kind in entries for mistake in of_kind]

    def _describe(self, cause: Cause) -> Mistake:
        message, suggestion = self._explain(cause)
        context = dict(cause.error.get("ctx", {}))
        context.pop("class_name", None)
        if len(cause.values) > 1 or len(self._causes) > 3:
            context.pop("expected", None)  # the message has it too
        if suggestion is not None:
            context["suggestion"] = suggestion
        if cause.fault.kind == MISSING:
            context["required"] = list(self._record.smallest_set)
        value = cause.error["input"]
        has_input = cause.error["type"] not in ("missing", "json_invalid") and is_scalar(value)
        if cause.count > 1:
            message = summarize_rows(message, cause.count, list(cause.values.values()))
            context |= {"count": cause.count, "values": list(self._list_values(cause))}
        return Mistake(
            cause.error["type"],
            self._locate(cause),
            message,
            (cause.name,) if cause.name else (),
            cause.count,
            (value,) if has_input else (),
            context,
        )

    def _join(self, causes: Sequence[Cause]) -> Mistake:
        first, count = causes[0], sum(cause.count for cause in causes)
        most = _MAX_UNKNOWN_NAMES if first.fault.kind == "unknown_field" else len(causes)
        listed = causes[: min(most, self._names_left)]
        self._names_left -= len(listed)
        # In a batch, values differ from row to row, but names don't.
        may_suggest = first.row is None or first.fault.kind in ("other_name", "unknown_field")
        wanted = {
            cause.name[:_LONGEST_LISTED_NAME]: self._explain(cause)[1] if may_suggest else None for cause in listed
        }
        suggestions = {name: suggestion for name, suggestion in wanted.items() if suggestion is not None}
        fields = [name for name in wanted if name not in suggestions]
        context: dict[str, Any] = {"count": count}
        context |= {"suggestions": suggestions} if suggestions else {}
        context |= {"fields": fields} if fields else {}
        context |= {"required": list(self._record.smallest_set)} if first.fault.kind == MISSING else {}
        names = [cause.name for cause in causes]
        message = summarize_fields(self._record, first.fault, first.error["input"], names, count, self._terms)
        return Mistake(first.error["type"], self._locate(first), message, names, count, (), context)

    def _explain(self, cause: Cause) -> tuple[str, Any]:
        message, kind, value = cause.fault.message, cause.fault.kind, cause.error["input"]
        if kind == "unknown_field" and (known := self._suggestions.find_field(cause.name)):
            wanted = self._terms.name_of(known)
            return f"{message}; did you mean '{wanted}'?", wanted
        if cause.field and (code := self._find_code(cause, value)) is not None:
            if len(cause.field.codes) > _MAX_CODES_IN_MESSAGE:
                message = f"Input should be one of {len(cause.field.codes)} codes"
            return f"{message}; did you mean {code!r}?", code
        return message, cause.fault.send

    def _find_code(self, cause: Cause, value: object) -> str | int | None:
        if cause.fault.kind != "unknown_code" or not cause.field or not isinstance(value, str):
            return None
        found = self._suggestions.find_code(cause.field, value)
        return next((code for code in cause.field.codes if str(code) == found), None)

    def _list_values(self, cause: Cause) -> Iterator[Mapping[str, Any]]:
        most = _MAX_VALUES if len(self._causes) < MAX_ENTRIES // 2 else _MAX_VALUES_OF_MANY
        for value in islice(cause.values.values(), most):
            code = self._find_code(cause, value.sent)
            suggestion = {} if code is None else {"suggestion": code}
            yield {"value": value.shown, "count": value.count, "firstRow": value.first_row, **suggestion}

    def _locate(self, cause: Cause) -> Location:
        within = (*cause.error["loc"][:-1], cause.name) if cause.name else cause.error["loc"]
        return within if cause.row is None else ("data", cause.row, *within)


def is_scalar(value: object) -> bool:
    """Whether a value is neither a list nor an object."""
    return value is None or isinstance(value, str | int | float | bool)
