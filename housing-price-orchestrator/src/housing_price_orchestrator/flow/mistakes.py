"""What is wrong with the files of flows: each mistake with its file and line, all of them at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError

from housing_price_orchestrator.flow.located_yaml import Located
from housing_price_orchestrator.flow.ports import Place
from housing_price_orchestrator.flow.suggestions import meant


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One mistake, and what would be right."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class FlowMistakes(Exception):
    """Flows can't be loaded.

    Args:
        mistakes: all that is wrong.
    """

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__(f"{len(mistakes)} mistake{'s' if len(mistakes) > 1 else ''}, the first: {mistakes[0]}")
        self.mistakes = sorted(set(mistakes))


@dataclass(frozen=True, slots=True)
class Spot:
    """A part of a file, where mistakes are found."""

    file: str
    document: Located
    place: Place = ()

    def at(self, *place: str | int) -> "Spot":
        """A part of this part."""
        return Spot(self.file, self.document, (*self.place, *place))

    def mistake(self, message: str, place: Place = ()) -> Mistake:
        """A mistake here, or below."""
        return Mistake(self.file, self.document.line((*self.place, *place)), message)

    def of_model(self, error: ValidationError, model: type[BaseModel]) -> Iterator[Mistake]:
        """What Pydantic found wrong here, in the words of the notation."""
        for found in error.errors(include_url=False):
            place = tuple(part for part in found["loc"] if not _is_pydantics(part))
            name = ".".join(map(str, place))
            if found["type"] == "extra_forbidden":
                where = f" in `{'.'.join(map(str, place[:-1]))}`" if len(place) > 1 else ""
                known = _fields_at(model, place[:-1])
                yield self.mistake(f"there is no key `{place[-1]}`{where}{meant(str(place[-1]), known)}", place)
            elif found["type"] == "missing":
                yield self.mistake(f"`{name}` is missing", place)
            else:
                text = found["msg"].removeprefix("Value error, ")
                yield self.mistake(f"`{name}`: {text[:1].lower()}{text[1:]}" if name else text, place)


def _is_pydantics(part: str | int) -> bool:
    """Whether a part of a place is none of the file's: Pydantic names the types of a union, and keys that are wrong."""
    return isinstance(part, str) and (part == "[key]" or "[" in part or part in {"Secret", "str", "function-before"})


def _fields_at(model: type[BaseModel], place: Place) -> Mapping[str, object]:
    """The keys that a place takes, as far as the models tell."""
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
