"""Sentences for errors that many fields or many rows share."""

from collections.abc import Sequence
from typing import Protocol

from house_record.record import Record
from house_record.refusals.faults import Fault, Terms, describe_missing, show

_MAX_VALUES_SHOWN = 4
_MAX_NAMES_SHOWN = 3
_LONGEST_NAME_SHOWN = 30

_WHAT_THEY_HAVE = {
    "absent": "hold an empty text or NaN",
    "boxed": "hold a list or an object with one value: send the value itself",
    "duplicate_field": "are sent more than once: send each once",
    "empty": "hold an empty list or object",
    "extra_forbidden": "do not exist",
    "list": "hold a list of values: send one value for each",
    "number_as_text": "hold a number as a text: send the number without quotation marks",
    "object": "hold an object: send one value for each",
    "other_name": "have other names here",
    "text": "hold a text where a number belongs: send plain digits",
    "truth_value": "hold a truth value: send a number or a code for each",
    "twice": "are there twice, under two names: send each once",
    "unknown_code": "hold a code that is not in their vocabulary",
    "unknown_field": "do not exist: leave them out",
}


class CountedValue(Protocol):
    """A value that came in several rows."""

    @property
    def shown(self) -> str: ...
    @property
    def count(self) -> int: ...
    @property
    def first_row(self) -> int | None: ...


def summarize_rows(message: str, count: int, values: Sequence[CountedValue]) -> str:
    """Add to a message how many rows have this error, and with which values."""
    if not values:
        return f"{message} ({count:,} rows)"
    shown = sorted(values, key=lambda value: -value.count)[:_MAX_VALUES_SHOWN]
    listed = [f"{show(value.shown)} in {value.count:,}, the first is row {value.first_row}" for value in shown]
    others = count - sum(value.count for value in shown)
    return f"{message} ({count:,} rows: {'; '.join([*listed, *([f'others in {others:,}'] if others else [])])})"


def summarize_fields(
    record: Record, fault: Fault, value: object, names: Sequence[str], count: int, terms: Terms
) -> str:
    """Say that several fields have an error of one kind, with an example of what to send."""
    fields = f"{len(names)} fields" if count == len(names) else f"{len(names)} fields ({count:,} values)"
    if fault.lacks_required:
        return f"{fields} are required: {describe_missing(record, names, what=fault.kind)}"
    have = _WHAT_THEY_HAVE.get(fault.kind, "have an error of one kind")
    if fault.kind in ("absent", "empty"):
        have += f": {terms.if_unknown if fault.kind == 'absent' else terms.leave_out}{terms.if_required}"
    return f"{fields} {have}{_give_example(fault, value, names)}"


def _give_example(fault: Fault, value: object, names: Sequence[str]) -> str:
    name = names[0][:_LONGEST_NAME_SHOWN]
    if fault.kind == "other_name":
        return f": send '{fault.send}' for '{name}', and so on"
    if fault.kind == "boxed" and isinstance(value, list):
        return f', as in "{name}": {show(fault.send)}, not "{name}": [{show(fault.send)}]'
    if fault.kind in ("boxed", "number_as_text"):
        return f', as in "{name}": {show(fault.send)}'
    if fault.kind in _WHAT_THEY_HAVE:
        shown = ", ".join(f"'{listed[:_LONGEST_NAME_SHOWN]}'" for listed in names[:_MAX_NAMES_SHOWN])
        return f", among them {shown}" if len(names) > _MAX_NAMES_SHOWN else f", namely {shown}"
    return f", such as '{name}': {fault.message}"
