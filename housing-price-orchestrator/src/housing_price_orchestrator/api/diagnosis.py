"""Finds what is wrong with a body that was refused, with a bound on the work: a hostile body must not stop the rest.

Pydantic makes an error for each unknown field and each bad value, some microseconds and hundreds of bytes each, and
nobody else is served meanwhile. So a house with far too many fields is not looked into, validation of a batch stops
at its first bad row, and the rows are then looked into one by one until enough is known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from house_record import FIELDS, House
from pydantic import ValidationError
from pydantic_core import ErrorDetails, from_json

from housing_price_orchestrator.api.problems import MOST_DETAILS

MOST_FIELDS = 4 * len(FIELDS)
"""Fields of a house that are looked into: both spellings of all of them, and as many strangers."""

MOST_COUNTED = 10_000
"""Mistakes of a batch after which no more are counted."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The first mistakes, with their places in the body, and how many were counted."""

    errors: Sequence[ErrorDetails]
    count: int


def has_too_many_fields(body: bytes, most_houses: int) -> bool:
    """Whether a JSON text surely holds more fields than so many houses may have; cheap, and before it is parsed."""
    return body.count(b":") > MOST_FIELDS * most_houses


def too_many_fields(*place: int | str) -> Diagnosis:
    """That there are far too many fields, which is all that is said of them."""
    return Diagnosis([_too_many_fields(place)], 1)


def of_house(error: ValidationError) -> Diagnosis:
    """The mistakes of a single house."""
    errors = error.errors(include_url=False)
    return Diagnosis(errors, len(errors))


def of_batch(error: ValidationError, body: bytes) -> Diagnosis:
    """The mistakes of a batch; ``error`` speaks of its first bad row, and of what is wrong beside the rows."""
    errors = error.errors(include_url=False)
    beside = [item for item in errors if len(item["loc"]) < 2]
    if len(beside) == len(errors):
        return Diagnosis(errors, len(errors))
    found, count = list[ErrorDetails](), len(beside)
    for index, row in enumerate(from_json(body)["data"]):
        mistakes = _of_row(row)
        count += len(mistakes)
        if len(found) < MOST_DETAILS:
            found += [_moved(item, "data", index) for item in mistakes]
        if count > MOST_COUNTED:
            break
    return Diagnosis([*found, *beside], count)


def _of_row(row: object) -> Sequence[ErrorDetails]:
    if isinstance(row, Mapping) and len(row) > MOST_FIELDS:
        return [_too_many_fields(())]
    try:
        House.model_validate(row)
    except ValidationError as error:
        return error.errors(include_url=False)
    return ()


def _moved(error: ErrorDetails, *place: int | str) -> ErrorDetails:
    return cast("ErrorDetails", {**error, "loc": (*place, *error["loc"])})


def _too_many_fields(place: tuple[int | str, ...]) -> ErrorDetails:
    context: dict[str, Any] = {"field_type": "Dictionary", "max_length": len(FIELDS)}
    message = f"A house has at most {len(FIELDS)} fields; here are more than {MOST_FIELDS}"
    return cast("ErrorDetails", {"type": "too_long", "loc": place, "msg": message, "input": {}, "ctx": context})
