"""What is wrong with the files of flows: each mistake with its file and line, all of them at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from declared_flows.notation.base import Place
from declared_flows.notation.names import PATTERNS
from declared_flows.notation.suggestions import suggest
from declared_flows.notation.yaml import LocatedValue


@dataclass(frozen=True, slots=True, order=True)
class Diagnostic:
    """One mistake, and what would be right."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class InvalidFlows(Exception):
    """Flows can't be loaded.

    Args:
        diagnostics: all that is wrong.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__(
            f"{len(diagnostics)} mistake{'s' if len(diagnostics) > 1 else ''}, the first: {diagnostics[0]}"
        )
        self.diagnostics = sorted(set(diagnostics))


@dataclass(frozen=True, slots=True)
class Location:
    """A part of a file, where mistakes are found."""

    file: str
    document: LocatedValue
    place: Place = ()

    def at(self, *place: str | int) -> "Location":
        """A part of this part."""
        return Location(self.file, self.document, (*self.place, *place))

    def diagnostic(self, message: str, place: Place = ()) -> Diagnostic:
        """A mistake here, or below."""
        return Diagnostic(self.file, self.document.line((*self.place, *place)), message)

    def diagnostics_of(self, error: ValidationError, model: type[BaseModel]) -> Iterator[Diagnostic]:
        """Yield what Pydantic found wrong here, in the words of the notation."""
        for found in error.errors(include_url=False):
            place = place_of(found)
            name = ".".join(map(str, place))
            if found["type"] == "extra_forbidden":
                where = f" in `{'.'.join(map(str, place[:-1]))}`" if len(place) > 1 else ""
                known = _fields_at(model, place[:-1])
                yield self.diagnostic(f"there is no key `{place[-1]}`{where}{suggest(str(place[-1]), known)}", place)
            elif found["type"] == "missing":
                yield self.diagnostic(f"`{name}` is missing", place)
            else:
                text = describe_error(found)
                yield self.diagnostic(f"`{name}`: {text}" if name else text, place)


def place_of(found: ErrorDetails) -> Place:
    """Return where in a declaration Pydantic found something, without the parts that it adds for unions and keys."""
    return tuple(part for part in found["loc"] if not _is_pydantics(part))


def describe_error(found: ErrorDetails) -> str:
    """Describe what Pydantic found wrong, as the part of a sentence that follows a name."""
    context = found.get("ctx", {})
    match found["type"]:
        case "string_pattern_mismatch":
            return PATTERNS.get(context["pattern"]) or f"a text that matches `{context['pattern']}` is expected"
        case "literal_error" | "enum":
            return f"{context['expected']} is expected"
        case "too_short":
            return f"at least {context['min_length']} is needed"
    if words := _WANTED.get(found["type"].removesuffix("_type").removesuffix("_parsing").removesuffix("_from_float")):
        return f"{words} is expected"
    text = found["msg"].removeprefix("Value error, ").replace("Input should be", "it should be")
    return text[:1].lower() + text[1:]


_WANTED: Mapping[str, str] = {
    "model": "a mapping (lines of `key: value`)",
    "model_attributes": "a mapping (lines of `key: value`)",
    "dict": "a mapping (lines of `key: value`)",
    "list": "a list (`[a, b]`, or lines that begin with `-`)",
    "tuple": "a list (`[a, b]`, or lines that begin with `-`)",
    "string": "a text (in quotes, where it could be taken for something else)",
    "bool": "`true` or `false`",
    "int": "a whole number",
    "float": "a number",
}


def _is_pydantics(part: str | int) -> bool:
    return isinstance(part, str) and (part == "[key]" or "[" in part or part in {"Secret", "str", "function-before"})


def _fields_at(model: type[BaseModel], place: Place) -> Mapping[str, object]:
    """Return the keys that a place takes, as far as the models declare them."""
    found: type[BaseModel] | None = model
    for part in place:
        field = found.model_fields.get(str(part)) if found else None
        if field is not None:
            found = _model_within(field.annotation) or found
    return {(field.alias or name): field for name, field in found.model_fields.items()} if found else {}


def _model_within(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        if found := _model_within(argument):
            return found
    value = getattr(annotation, "__value__", None)
    return _model_within(value) if value is not None else None
