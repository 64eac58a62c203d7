"""Finds the errors in a body that was rejected, with a bound on the work: a hostile body must not block others.

Pydantic creates an error for each unknown field and each invalid value, with a copy of the input, and the event loop
waits meanwhile. So a text that is far too large for a house is not validated, and the rows of a batch are validated one
by one, yielding to other requests in between, until enough errors are known.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from house_record import FIELDS, House
from pydantic import ValidationError
from pydantic_core import ErrorDetails, from_json, to_json

from housing_price_orchestrator.api.documents import HouseBatch
from housing_price_orchestrator.api.http.batch_rows import TooManyRows
from housing_price_orchestrator.api.http.problems import MAX_DETAILS

MAX_VALUES = 4 * len(FIELDS)
"""Values in a house that is validated: both spellings of all fields, and as many unknown ones."""

USUAL_BYTES = 4 * 1024
"""Size of a house's text up to which nothing in it can take long; all fields together take 1,700 bytes."""

MAX_BYTES = 32 * 1024
"""Maximum size of a house's text that is validated, and of a batch in an unusual form."""

MAX_COUNTED = 10_000
"""Errors of a batch after which no more are counted."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The first errors, with their locations in the body, and how many were counted."""

    errors: Sequence[ErrorDetails]
    count: int

    @classmethod
    def of(cls, errors: Sequence[ErrorDetails]) -> "Diagnosis":
        return cls(errors, len(errors))

    @property
    def is_broken(self) -> bool:
        """Whether a part is not JSON. A part that was cut out of a text may be invalid although the text is not."""
        return any(error["type"] == "json_invalid" for error in self.errors)


def exceeds_house_size(text: bytes) -> bool:
    """Whether a text is too large for a house to be validated. Cheap; nothing is parsed."""
    return len(text) > USUAL_BYTES and (len(text.strip()) > MAX_BYTES or text.count(b",") > MAX_VALUES)


def has_duplicate_fields(text: bytes, *houses: House) -> bool:
    """Whether a text of valid houses contains a field twice: the parser silently takes the last one.

    No valid value of a house contains a colon, so there is one colon for each field that was sent.
    """
    return text.count(b":") != sum([len(house.model_fields_set) for house in houses])


def diagnose_house(text: bytes) -> Sequence[ErrorDetails]:
    """The errors of one house; none if it is valid."""
    if exceeds_house_size(text):
        return [_too_large_for_a_house(text)]
    try:
        house = House.model_validate_json(text)
    except ValidationError as error:
        return error.errors(include_url=False)
    return _find_duplicate_fields(text) if has_duplicate_fields(text, house) else ()


async def diagnose_rows(rows: Sequence[bytes]) -> Diagnosis:
    """The errors in the rows of a batch."""
    found, count = list[ErrorDetails](), 0
    for index, row in enumerate(rows):
        errors = diagnose_house(row)
        count += len(errors)
        if len(found) < MAX_DETAILS:
            found += [_in_row(item, index) for item in errors]
        if count > MAX_COUNTED:
            break
        await asyncio.sleep(0)
    return Diagnosis(found, count)


def diagnose_unusual_batch(body: bytes, kind: type[HouseBatch], max_rows: int) -> Diagnosis:
    """The errors of a batch that can't be split into rows; none if it is valid nevertheless.

    Raises:
        TooManyRows: if it has too many rows.
    """
    if len(body) > MAX_BYTES:
        return Diagnosis.of([_unsupported_form(body)])
    try:
        kind.model_validate_json(body)
    except ValidationError as error:
        return Diagnosis.of(_locate_errors(error.errors(include_url=False), body, max_rows))
    return Diagnosis.of(_find_duplicate_fields(body))


def _locate_errors(errors: Sequence[ErrorDetails], body: bytes, max_rows: int) -> Sequence[ErrorDetails]:
    outside_rows = [item for item in errors if len(item["loc"]) < 2 and item["type"] != "too_long"]
    if len(outside_rows) == len(errors):
        return outside_rows
    rows = from_json(body)["data"]
    if len(rows) > max_rows:
        raise TooManyRows
    return [*_diagnose_all_rows(rows), *outside_rows]


def _diagnose_all_rows(rows: Sequence[object]) -> Sequence[ErrorDetails]:
    return [_in_row(item, index) for index, row in enumerate(rows) for item in diagnose_house(to_json(row))]


def _find_duplicate_fields(text: bytes) -> Sequence[ErrorDetails]:
    """An error for each field that an object in the text, which is valid JSON, contains more than once."""
    names = dict[str, None]()

    def note(pairs: list[tuple[str, Any]]) -> None:
        names.update((name, None) for name, times in Counter(name for name, _ in pairs).items() if times > 1)

    json.loads(text, object_pairs_hook=note, parse_int=str)  # as text, because Python rejects long integers
    return [_error("duplicate_field", "The field is there more than once: send it once", name) for name in names]


def _too_large_for_a_house(text: bytes) -> ErrorDetails:
    if len(text.strip()) > MAX_BYTES:
        size = f"A house takes at most {MAX_BYTES:,} bytes of JSON; these are {len(text):,}"
        return _error("too_long", size, field_type="Dictionary", max_length=MAX_BYTES)
    fields = f"A house has at most {len(FIELDS)} fields; here are more than {MAX_VALUES} values"
    return _error("too_long", fields, field_type="Dictionary", max_length=len(FIELDS))


def _unsupported_form(body: bytes) -> ErrorDetails:
    if not body.rstrip().endswith((b"}", b"]")):
        return _error("json_invalid", "Invalid JSON: the end is missing", error="the end is missing")
    form = 'A batch of this size is to be {"data": [{…}, …]}, with an object for each house and nothing beside `data`'
    return _error("batch_form", form)


def _in_row(error: ErrorDetails, index: int) -> ErrorDetails:
    return cast("ErrorDetails", {**error, "loc": ("data", index, *error["loc"])})


def _error(kind: str, message: str, *place: str, **context: Any) -> ErrorDetails:
    return cast("ErrorDetails", {"type": kind, "loc": place, "msg": message, "input": {}, "ctx": context})
