"""Annotations that declare a field's codes and the meaning of its absence.

Both classes are annotations that Pydantic reads: ``Annotated[str, Vocabulary({...})]`` is validated as a literal, and
``Annotated[Alley | None, Absence("no alley access")]`` takes the dictionary's ``NA`` for null. The codes themselves are
in ``ames/codes.py``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, FieldSerializationInfo, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

NOT_APPLICABLE = "NA"
"""The spelling of a missing value in the data dictionary and the data files."""

NULL_IS_OMISSION = "null_is_omission"
"""In the context of Pydantic's serialization: null is a field that was left out, so an explicit one becomes ``NA``."""


@dataclass(frozen=True, eq=False)
class Vocabulary[Code: (str, int)]:
    """The codes of a field with their meanings, as the data spell them.

    Args:
        meanings: each code and what it stands for.
        spellings: other spellings (the data dictionary's, or a file's) and the code that each one means.
    """

    meanings: Mapping[Code, str]
    spellings: Mapping[str, Code] = field(default_factory=dict)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        codes = core_schema.literal_schema(list(self.meanings))
        if not self.spellings:
            return codes
        return core_schema.no_info_before_validator_function(self._as_code, codes)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(schema) | {"x-code-meanings": {str(code): meaning for code, meaning in self.meanings.items()}}

    def _as_code(self, value: object) -> object:
        return self.spellings.get(value, value) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Absence:
    """A missing value has a meaning: the house does not have the thing."""

    meaning: str

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        values = handler(source)
        serialization = core_schema.plain_serializer_function_ser_schema(
            _spell_none, is_field_serializer=True, info_arg=True
        )
        return core_schema.no_info_before_validator_function(
            _null_for_not_applicable, values, serialization=serialization if _is_coded(values) else None
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(schema) | {"x-absence": self.meaning}


def _is_coded(schema: Any) -> bool:
    return schema["type"] == "literal" or ("schema" in schema and _is_coded(schema["schema"]))


def _spell_none(house: BaseModel, value: object, info: FieldSerializationInfo) -> object:
    """A reader for whom null is a field that was left out gets the code of "none"."""
    if value is None and (info.context or {}).get(NULL_IS_OMISSION) and info.field_name in house.model_fields_set:
        return NOT_APPLICABLE
    return value


def _null_for_not_applicable(value: object) -> object:
    # In places the dictionary writes it with a trailing blank.
    return None if isinstance(value, str) and value.rstrip() == NOT_APPLICABLE else value
