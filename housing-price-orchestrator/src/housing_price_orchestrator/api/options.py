"""What a caller may ask for beside a price, in the query of the address."""

from typing import Annotated, Any
from urllib.parse import parse_qsl

from house_record.answer import PriceOptions
from pydantic import Field, ValidationError

from housing_price_orchestrator.errors import InvalidInput

MOST_EXPLAINED_ROWS = 64
"""Houses in a batch that are explained or compared at most: each such answer takes kilobytes, and milliseconds."""


class Options(PriceOptions):
    """The options of a request for prices."""

    timing: Annotated[bool, Field(examples=[True])] = False
    """Say in the header `Server-Timing` where the time went."""


_NONE = Options()


def read_options(query: bytes) -> Options:
    """The options in a query string; names that are no option are ignored.

    Raises:
        InvalidInput: if an option has a value that it does not take.
    """
    if not query:
        return _NONE
    try:
        return Options.model_validate(dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True)))
    except ValidationError as error:
        mistakes = error.errors(include_url=False, include_context=False, include_input=False)
        details = [{"type": item["type"], "loc": ["query", *item["loc"]], "msg": item["msg"]} for item in mistakes]
        raise InvalidInput(details, len(details)) from error


def check_rows(options: Options, rows: int) -> None:
    """Whether the options can be had for so many houses at once.

    Raises:
        InvalidInput: if they are too many.
    """
    if rows > MOST_EXPLAINED_ROWS and options.has_large_answers:
        option = "explain" if options.explain else "comparables"
        limit = f"At most {MOST_EXPLAINED_ROWS} houses are answered at once with `{option}`; these are {rows:,}"
        raise InvalidInput.of_option(option, "too_many_houses", limit)


def parameters() -> list[dict[str, Any]]:
    """The options as OpenAPI describes parameters."""
    properties = Options.model_json_schema()["properties"]
    return [
        {"name": name, "in": "query", "required": False, "description": schema.pop("description"), "schema": schema}
        for name, schema in properties.items()
    ]
