"""Finds the errors in a body that was rejected, with a bound on the work: a hostile body must not block others.

The event loop waits while Pydantic creates errors. So the rows of a batch are validated one by one, yielding to other
requests in between, until enough errors are known.
"""

import asyncio
from collections.abc import Sequence

from house_record import Record
from house_record.refusals import (
    MAX_BYTES,
    Findings,
    describe_encoding,
    diagnose_house,
    find_duplicate_fields,
    make_error,
)
from pydantic import ValidationError
from pydantic_core import ErrorDetails, from_json, to_json

from housing_price_orchestrator.api.documents import HouseBatch
from housing_price_orchestrator.api.http.batch_rows import TooManyRows
from housing_price_orchestrator.api.http.body_shapes import UNSUPPORTED_FORM, find_error_of_batch, find_error_of_single

MAX_COUNTED = 10_000
"""Errors of a batch after which no more are counted."""


class Diagnosis:
    """The errors of a body: those of its houses, and those beside them.

    Args:
        record: what a house is.
        beside: errors with their locations in the body.
    """

    def __init__(self, record: Record, beside: Sequence[ErrorDetails] = ()) -> None:
        self.houses = Findings(record)
        self.beside = beside
        self.is_broken = False
        """Whether a house is not JSON. A row that was cut out of a text may be invalid although the text is not."""

    @property
    def count(self) -> int:
        """The number of errors."""
        return self.houses.count + len(self.beside)

    def add(self, errors: Sequence[ErrorDetails], row: int | None = None) -> None:
        """Add the errors of one house; of a batch, with its row."""
        for error in errors:
            self.is_broken = self.is_broken or error["type"] == "json_invalid"
            self.houses.add(error, row)


def diagnose_single(record: Record, body: bytes) -> Diagnosis:
    """The errors in the body of one house."""
    if error := _find_wide_encoding(body) or find_error_of_single(record, body):
        return Diagnosis(record, [error])
    found = Diagnosis(record)
    found.add(diagnose_house(record, body))
    return found


async def diagnose_rows(record: Record, rows: Sequence[bytes]) -> Diagnosis:
    """The errors in the rows of a batch."""
    found = Diagnosis(record)
    for index, row in enumerate(rows):
        found.add(diagnose_house(record, row), index)
        if found.count > MAX_COUNTED:
            break
        await asyncio.sleep(0)
    return found


def diagnose_unusual_batch(record: Record, body: bytes, kind: type[HouseBatch], max_rows: int) -> Diagnosis:
    """The errors of a batch that can't be split into rows; none if it is valid nevertheless.

    Raises:
        TooManyRows: if it has too many rows.
    """
    if wrong_whole := _find_wide_encoding(body) or find_error_of_batch(record, body):
        return Diagnosis(record, [wrong_whole])
    if len(body) > MAX_BYTES:
        return Diagnosis(record, [_unsupported_form(body)])
    try:
        kind.model_validate_json(body)
    except ValidationError as error:
        return _locate_errors(record, error.errors(include_url=False), body, max_rows)
    return Diagnosis(record, find_duplicate_fields(body))


def _locate_errors(record: Record, errors: Sequence[ErrorDetails], body: bytes, max_rows: int) -> Diagnosis:
    found = Diagnosis(record, [item for item in errors if len(item["loc"]) < 2 and item["type"] != "too_long"])
    if len(found.beside) == len(errors):
        return found
    rows = from_json(body)["data"]
    if len(rows) > max_rows:
        raise TooManyRows
    for index, row in enumerate(rows):
        found.add(diagnose_house(record, to_json(row, inf_nan_mode="constants")), index)
    return found


def _unsupported_form(body: bytes) -> ErrorDetails:
    if not body.rstrip().endswith((b"}", b"]")):
        return make_error("json_invalid", "Invalid JSON: the end is missing", error="the end is missing")
    form = 'A batch of this size must have the form {"data": [{…}, …]}, with one object for each house and no other key'
    return make_error(UNSUPPORTED_FORM, form)


def _find_wide_encoding(body: bytes) -> ErrorDetails | None:
    """UTF-16 and UTF-32 without a mark are UTF-8 with null bytes, so only the parser notices."""
    said = describe_encoding(body)
    return make_error("json_invalid", f"Invalid JSON: {said}", error=said) if said else None
