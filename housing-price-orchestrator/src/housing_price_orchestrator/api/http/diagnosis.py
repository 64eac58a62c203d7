"""Finds what is wrong with a body that was refused, with a bound on the work: a hostile body must not stop the rest.

Pydantic makes an error for each unknown field and each bad value, and copies what it speaks of into each; nobody else
is served meanwhile. So a text that is far too large for a house is not looked into, and the rows of a batch are looked
into one by one, with turns for others between them, until enough is known.
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
from housing_price_orchestrator.api.http.problems import MOST_DETAILS

MOST_VALUES = 4 * len(FIELDS)
"""Values in a house that are looked into: both spellings of all fields, and as many strangers."""

USUAL_BYTES = 4 * 1024
"""Size of a house's text up to which nothing in it can take long; one with all fields takes 1,700 bytes."""

MOST_BYTES = 32 * 1024
"""Size of a house's text that is looked into, and of a batch of an unusual form."""

MOST_COUNTED = 10_000
"""Mistakes of a batch after which no more are counted."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The first mistakes, with their places in the body, and how many were counted."""

    errors: Sequence[ErrorDetails]
    count: int

    @classmethod
    def of(cls, errors: Sequence[ErrorDetails]) -> "Diagnosis":
        return cls(errors, len(errors))

    @property
    def is_broken(self) -> bool:
        """Whether something is no JSON; what was cut out of a text may be that although the text is JSON."""
        return any(error["type"] == "json_invalid" for error in self.errors)


def is_beyond_a_house(text: bytes) -> bool:
    """Whether a text is so much larger than a house that it is not looked into; cheap, and before it is parsed."""
    return len(text) > USUAL_BYTES and (len(text.strip()) > MOST_BYTES or text.count(b",") > MOST_VALUES)


def has_fields_twice(text: bytes, *houses: House) -> bool:
    """Whether a text of valid houses has a field twice: a parser takes the last one and says nothing.

    No value that a house may have holds a colon, so there is one for each field that was sent.
    """
    return text.count(b":") != sum([len(house.model_fields_set) for house in houses])


def of_house(text: bytes) -> Sequence[ErrorDetails]:
    """The mistakes of one house; none where it is valid."""
    if is_beyond_a_house(text):
        return [_beyond_a_house(text)]
    try:
        house = House.model_validate_json(text)
    except ValidationError as error:
        return error.errors(include_url=False)
    return _sent_twice(text) if has_fields_twice(text, house) else ()


async def of_rows(rows: Sequence[bytes]) -> Diagnosis:
    """The mistakes in the rows of a batch."""
    found, count = list[ErrorDetails](), 0
    for index, row in enumerate(rows):
        mistakes = of_house(row)
        count += len(mistakes)
        if len(found) < MOST_DETAILS:
            found += [_moved(item, index) for item in mistakes]
        if count > MOST_COUNTED:
            break
        await asyncio.sleep(0)
    return Diagnosis(found, count)


def of_unusual_batch(body: bytes, kind: type[HouseBatch], max_rows: int) -> Diagnosis:
    """The mistakes of a batch that can't be cut into rows; none where it is valid all the same.

    Raises:
        TooManyRows: if that is what is wrong.
    """
    if len(body) > MOST_BYTES:
        return Diagnosis.of([_unusual_form(body)])
    try:
        kind.model_validate_json(body)
    except ValidationError as error:
        return Diagnosis.of(_of_whole(error.errors(include_url=False), body, max_rows))
    return Diagnosis.of(_sent_twice(body))


def _of_whole(errors: Sequence[ErrorDetails], body: bytes, max_rows: int) -> Sequence[ErrorDetails]:
    beside = [item for item in errors if len(item["loc"]) < 2 and item["type"] != "too_long"]
    if len(beside) == len(errors):
        return beside
    rows = from_json(body)["data"]
    if len(rows) > max_rows:
        raise TooManyRows
    return [*_of_all_rows(rows), *beside]


def _of_all_rows(rows: Sequence[object]) -> Sequence[ErrorDetails]:
    return [_moved(item, index) for index, row in enumerate(rows) for item in of_house(to_json(row))]


def _sent_twice(text: bytes) -> Sequence[ErrorDetails]:
    """A mistake for each field that an object in the text, which is valid JSON, has more than once."""
    names = dict[str, None]()

    def note(pairs: list[tuple[str, Any]]) -> None:
        names.update((name, None) for name, times in Counter(name for name, _ in pairs).items() if times > 1)

    json.loads(text, object_pairs_hook=note, parse_int=str)  # as text, because Python refuses long integers
    return [_error("duplicate_field", "The field is there more than once: send it once", name) for name in names]


def _beyond_a_house(text: bytes) -> ErrorDetails:
    if len(text.strip()) > MOST_BYTES:
        size = f"A house takes at most {MOST_BYTES:,} bytes of JSON; these are {len(text):,}"
        return _error("too_long", size, field_type="Dictionary", max_length=MOST_BYTES)
    fields = f"A house has at most {len(FIELDS)} fields; here are more than {MOST_VALUES} values"
    return _error("too_long", fields, field_type="Dictionary", max_length=len(FIELDS))


def _unusual_form(body: bytes) -> ErrorDetails:
    if not body.rstrip().endswith((b"}", b"]")):
        return _error("json_invalid", "Invalid JSON: the end is missing", error="the end is missing")
    form = 'A batch of this size is to be {"data": [{…}, …]}, with an object for each house and nothing beside `data`'
    return _error("batch_form", form)


def _moved(error: ErrorDetails, index: int) -> ErrorDetails:
    return cast("ErrorDetails", {**error, "loc": ("data", index, *error["loc"])})


def _error(kind: str, message: str, *place: str, **context: Any) -> ErrorDetails:
    return cast("ErrorDetails", {"type": kind, "loc": place, "msg": message, "input": {}, "ctx": context})
