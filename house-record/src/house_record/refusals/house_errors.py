"""Finds the errors of one house in a text, with a bound on the work: a hostile text must not block others.

Pydantic creates an error for each unknown field and each invalid value, with a copy of the input. So a text that is far
too large for a house is not validated.
"""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails, from_json, to_json

from house_record.record import AnyHouse, Record
from house_record.spellings import find_field_by_spelling

VALUES_PER_FIELD = 4
"""Values in a house that is validated: both spellings of all fields, and as many unknown ones."""

USUAL_BYTES = 4 * 1024
"""Size of a house's text up to which nothing in it can take long; all fields together take 1,700 bytes."""

MAX_BYTES = 32 * 1024
"""Maximum size of a house's text that is validated."""


def exceeds_house_size(record: Record, text: bytes) -> bool:
    """Whether a text is too large for a house to be validated. Cheap; nothing is parsed."""
    return len(text) > USUAL_BYTES and (len(text.strip()) > MAX_BYTES or text.count(b",") > _most_values(record))


def has_duplicate_fields(text: bytes, *houses: AnyHouse) -> bool:
    """Whether a text of valid houses contains a field twice: the parser silently takes the last one.

    No valid value of a house contains a colon, so there is one colon for each field that was sent.
    """
    return text.count(b":") != sum([len(house.model_fields_set) for house in houses])


def diagnose_house(record: Record, text: bytes) -> Sequence[ErrorDetails]:
    """The errors of one house; none if it is valid."""
    if exceeds_house_size(record, text):
        return [_too_large_for_a_house(record, text)]
    try:
        house = record.house.model_validate_json(text)
    except ValidationError as error:
        return _diagnose_known_names(record, text, error.errors(include_url=False))
    return find_duplicate_fields(text) if has_duplicate_fields(text, house) else ()


def _diagnose_known_names(record: Record, text: bytes, errors: Sequence[ErrorDetails]) -> Sequence[ErrorDetails]:
    """Look for errors as if fields with other spellings had the right names: a caller then mends all in one go."""
    unknown = [str(error["loc"][-1]) for error in errors if error["type"] == "extra_forbidden"]
    known = record.field_by_name
    renamed = {name: field for name in unknown if name not in known and (field := find_field_by_spelling(record, name))}
    if not renamed:
        return errors
    given: dict[str, Any] = from_json(text)
    house = {name: value for name, value in given.items() if name not in renamed}
    sent = {known[name].name for name in house if name in known}
    house |= {field.wire_name: given[name] for name, field in renamed.items() if field.name not in sent}
    names = [error for error in errors if error["type"] == "extra_forbidden" and error["loc"][-1] in renamed]
    try:
        record.house.model_validate_json(to_json(house, inf_nan_mode="constants"))
    except ValidationError as error:
        return [*names, *error.errors(include_url=False)]
    return names


def find_duplicate_fields(text: bytes) -> Sequence[ErrorDetails]:
    """An error for each field that an object in the text, which is valid JSON, contains more than once."""
    names = dict[str, None]()

    def note(pairs: list[tuple[str, Any]]) -> None:
        names.update((name, None) for name, times in Counter(name for name, _ in pairs).items() if times > 1)

    json.loads(text, object_pairs_hook=note, parse_int=str)  # as text, because Python rejects long integers
    return [make_error("duplicate_field", "The field is sent more than once: send it once", name) for name in names]


def _too_large_for_a_house(record: Record, text: bytes) -> ErrorDetails:
    if len(text.strip()) > MAX_BYTES:
        size = f"A house takes at most {MAX_BYTES:,} bytes of JSON; these are {len(text):,}"
        return make_error("too_long", size, field_type="Dictionary", max_length=MAX_BYTES)
    fields = f"A house has at most {len(record.fields)} fields; here are more than {_most_values(record)} values"
    return make_error("too_long", fields, field_type="Dictionary", max_length=len(record.fields))


def _most_values(record: Record) -> int:
    return VALUES_PER_FIELD * len(record.fields)


def make_error(kind: str, message: str, *place: str, **context: Any) -> ErrorDetails:
    """Return an error in the form of Pydantic's."""
    return cast("ErrorDetails", {"type": kind, "loc": place, "msg": message, "input": {}, "ctx": context})
