"""Finds the errors in a body that was rejected, with a bound on the work: a hostile body must not block others.

The event loop waits while Pydantic creates errors. So the rows of a batch are validated one by one, yielding to other
requests in between, until enough errors are known.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from house_record.refusals import MAX_BYTES, diagnose_house, find_duplicate_fields, make_error
from pydantic import ValidationError
from pydantic_core import ErrorDetails, from_json, to_json

from housing_price_orchestrator.api.documents import HouseBatch
from housing_price_orchestrator.api.http.batch_rows import TooManyRows
from housing_price_orchestrator.api.http.problems import MAX_DETAILS

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
    return Diagnosis.of(find_duplicate_fields(body))


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


def _unsupported_form(body: bytes) -> ErrorDetails:
    if not body.rstrip().endswith((b"}", b"]")):
        return make_error("json_invalid", "Invalid JSON: the end is missing", error="the end is missing")
    form = 'A batch of this size must have the form {"data": [{…}, …]}, with one object for each house and no other key'
    return make_error("batch_form", form)


def _in_row(error: ErrorDetails, index: int) -> ErrorDetails:
    return cast("ErrorDetails", {**error, "loc": ("data", index, *error["loc"])})
