"""What to send instead of a field or a code that a house does not know."""

from collections.abc import Callable
from typing import Any

from pydantic_core import ErrorDetails

from house_record.features import Feature
from house_record.refusals.suggestions import find_field, find_nearest_code, find_nearest_field

MAX_TEXT_LENGTH = 100
"""Maximum number of characters of a text that are compared with known names and codes."""

MAX_LOOKUPS = 20
"""Names and codes of one body for which suggestions are looked up; each takes some tenths of a millisecond."""


class Suggestions:
    """The known names and codes that resemble those of one body; each is looked up once."""

    def __init__(self) -> None:
        self._found = dict[tuple[str, str], Any]()

    def field(self, name: str) -> Feature | None:
        return self._once(("", name), lambda: find_nearest_field(name))

    def code(self, field: Feature, value: str) -> str | None:
        return self._once((field.name, value), lambda: find_nearest_code(field, value))

    def _once[Found](self, what: tuple[str, str], look_up: Callable[[], Found | None]) -> Found | None:
        if what not in self._found and len(self._found) < MAX_LOOKUPS:
            self._found[what] = look_up()
        return self._found.get(what)


def explain(error: ErrorDetails, name: str, suggestions: Suggestions) -> tuple[str, str | None]:
    """Return the message for an error in a field, and the name or code to send instead, where one is near.

    Args:
        error: Pydantic's.
        name: of the field, as it was sent.
        suggestions: those of the body.
    """
    field = find_field(name)
    if error["type"] == "extra_forbidden":
        return _unknown_field(name, field, suggestions)
    if error["type"] == "literal_error" and field and isinstance(error["input"], str):
        code = suggestions.code(field, error["input"][:MAX_TEXT_LENGTH])
        if code:
            return f"{error['msg']}; did you mean '{code}'?", code
    return error["msg"], None


def _unknown_field(name: str, field: Feature | None, suggestions: Suggestions) -> tuple[str, str | None]:
    if field:
        return f"The field is there twice: send either '{field.wire_name}' or '{field.name}'", None
    known = suggestions.field(name[:MAX_TEXT_LENGTH])
    if known:
        return f"There is no such field; did you mean '{known.wire_name}'?", known.wire_name
    return "There is no such field", None
