"""The options of a request for prices, in the query string and the headers."""

from collections.abc import Iterable
from typing import Annotated, Any

from house_record.price import EXPECTED_MONTH, MONTH_PATTERN, PriceOptions, ValuationDate
from pydantic import Field, PlainValidator, ValidationError, WithJsonSchema
from pydantic_core import PydanticCustomError

from housing_price_orchestrator.api.query import read_query
from housing_price_orchestrator.errors import InvalidInput

MAX_EXPLAINED_ROWS = 64
"""Maximum number of houses in a batch to explain or compare: each takes kilobytes and milliseconds."""


MIN_TIMEOUT_SECONDS = 0.1
"""The shortest time limit that a caller can set. A shorter one is raised to it."""

_TIME_LIMIT = b"x-request-timeout-ms"
_MAX_DIGITS = 15
"""Digits of a time limit that are read: with more, it is longer than any limit of the service."""

_REPEATED_CHARACTERS = 100


def _read_month(text: str) -> ValuationDate:
    try:
        return ValuationDate.parse(text)
    except ValueError as error:
        raise PydanticCustomError("month_parsing", f"Input should be {EXPECTED_MONTH}") from error


def _without_default(schema: dict[str, Any]) -> None:
    del schema["default"]


class Options(PriceOptions):
    """The options of a request for prices."""

    as_of: Annotated[
        ValuationDate | None,
        PlainValidator(_read_month),
        WithJsonSchema({"type": "string", "pattern": MONTH_PATTERN}),
        Field(alias="asOf", examples=["2026-12"], json_schema_extra=_without_default),
    ] = None
    """The month as of which to price the houses that do not state when they were sold. Defaults to the service's own
    date, which is usually today's in UTC."""
    timing: Annotated[bool, Field(examples=[True])] = False
    """Return the header `Server-Timing`: where the time went."""


_NONE = Options()
_NAMES = tuple(field.alias or name for name, field in Options.model_fields.items())


def read_options(query: bytes) -> Options:
    """Read the options in a query string.

    Raises:
        InvalidInput: if an option is unknown, given twice, or has an invalid value.
    """
    if not query:
        return _NONE
    try:
        return Options.model_validate(read_query(query, _NAMES))
    except ValidationError as error:
        mistakes = error.errors(include_url=False, include_context=False, include_input=False)
        details = [{"type": item["type"], "loc": ["query", *item["loc"]], "msg": item["msg"]} for item in mistakes]
        raise InvalidInput(details, len(details)) from error


def check_rows(options: Options, rows: int) -> None:
    """Check that the options are available for this many houses.

    Raises:
        InvalidInput: if there are too many houses.
    """
    if rows > MAX_EXPLAINED_ROWS and options.has_large_answers:
        option = "explain" if options.explain else "comparables"
        limit = f"A request with `{option}` may hold at most {MAX_EXPLAINED_ROWS} houses; this one holds {rows:,}"
        raise InvalidInput.of_option(option, "too_many_houses", limit)


def read_time_limit(headers: Iterable[tuple[bytes, bytes]], longest_seconds: float) -> float:
    """Read how many seconds a request may take: the caller may shorten the service's own limit.

    Raises:
        InvalidInput: if the header is not a whole number of milliseconds.
    """
    for name, value in headers:
        if name == _TIME_LIMIT:
            if not value.isdigit():
                raise _bad_time_limit(value)
            digits = value.lstrip(b"0") or b"0"
            if len(digits) > _MAX_DIGITS:
                return longest_seconds
            return min(longest_seconds, max(int(digits) / 1000, MIN_TIMEOUT_SECONDS))
    return longest_seconds


def _bad_time_limit(value: bytes) -> InvalidInput:
    mistake = {
        "type": "int_parsing",
        "loc": ["header", TIME_LIMIT_PARAMETER["name"]],
        "msg": "Input should be a whole number of milliseconds, such as 500",
        "input": value.decode("latin-1")[:_REPEATED_CHARACTERS],
    }
    return InvalidInput([mistake], 1)


def describe_parameters() -> list[dict[str, Any]]:
    """Describe the options as OpenAPI parameters."""
    properties = Options.model_json_schema()["properties"]
    options = [
        {"name": name, "in": "query", "required": False, "description": schema.pop("description"), "schema": schema}
        for name, schema in properties.items()
    ]
    return [*options, TIME_LIMIT_PARAMETER]


TIME_LIMIT_PARAMETER = {
    "name": "X-Request-Timeout-Ms",
    "in": "header",
    "required": False,
    "description": (
        "The deadline in milliseconds. Values below 100 count as 100, and values above the service's own limit count "
        "as that limit."
    ),
    "schema": {"type": "integer", "minimum": 0, "examples": [500]},
}
