"""A field of a house, derived from its declaration in the class of a record."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import NoneType
from typing import Any, Literal, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from house_record.column import Column
from house_record.units import Unit
from house_record.vocabulary import NOT_APPLICABLE, Absence, Vocabulary

type Kind = Literal["number", "text"]
type Value = float | str | None
"""A value in the model's input: a number, a code, or None where it is unknown."""


@dataclass(frozen=True, slots=True, eq=False)
class Feature:
    """One field of the record, from its declaration."""

    name: str
    wire_name: str
    column: str
    kind: Kind
    python_type: type
    description: str
    required: bool
    unit: str | None
    codes: Mapping[str | int, str]
    spellings: Mapping[str, str | int | None]
    absence: str | None
    minimum: float | None
    maximum: float | None
    example: str | int | None

    @property
    def has_none(self) -> bool:
        """Whether ``NA`` is a code of its column: the house does not have the thing."""
        return self.absence is not None and self.kind == "text"

    def values(self) -> list[str | int | None]:
        """Every value of a field with a vocabulary, as on the wire."""
        return [*self.codes, *self.spellings]


def read_fields(house: type[BaseModel]) -> tuple[Feature, ...]:
    """Return the fields that the class of a record declares, in its order."""
    return tuple(_read_field(name, field) for name, field in house.model_fields.items())


def _read_field(name: str, field: FieldInfo) -> Feature:
    annotations = [*field.metadata, *_annotations_within(field.annotation)]
    column = next(item for item in annotations if isinstance(item, Column))
    vocabulary = next((item for item in annotations if isinstance(item, Vocabulary)), None)
    absence = next((item for item in annotations if isinstance(item, Absence)), None)
    python_type = _base_type(field.annotation)
    return Feature(
        name=name,
        wire_name=field.alias or name,
        column=column.name,
        kind="text" if python_type is str else "number",
        python_type=python_type,
        description=field.description or "",
        required=field.is_required(),
        unit=next((item.name for item in annotations if isinstance(item, Unit)), None),
        codes=vocabulary.meanings if vocabulary else {},
        spellings=_spellings(vocabulary, absence),
        absence=absence.meaning if absence else None,
        minimum=_bound(annotations, "ge"),
        maximum=_bound(annotations, "le"),
        example=column.example,
    )


def _bound(annotations: list[Any], name: Literal["ge", "le"]) -> float | None:
    return next((getattr(item, name) for item in annotations if hasattr(item, name)), None)


def _spellings(vocabulary: Vocabulary[Any] | None, absence: Absence | None) -> Mapping[str, str | int | None]:
    if vocabulary is None:
        return {}
    return {**vocabulary.spellings, **({NOT_APPLICABLE: None} if absence else {})}


def _annotations_within(annotation: Any) -> list[Any]:
    found: list[Any] = []
    for item in getattr(annotation, "__metadata__", ()):
        found += item.metadata if isinstance(item, FieldInfo) else [item]
    for argument in get_args(annotation):
        found += _annotations_within(argument)
    return found


def _base_type(annotation: Any) -> type:
    if isinstance(annotation, type):
        return annotation
    return next(_base_type(argument) for argument in get_args(annotation) if argument is not NoneType)
