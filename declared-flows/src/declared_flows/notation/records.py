"""Records: values that flows know by name instead of by type. The program that serves flows provides them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import BaseModel
from pydantic_core import CoreSchema


@dataclass(frozen=True)
class Record:
    """What values of one name look like, such as a house.

    Args:
        name: its name in the notation.
        core: validates a value. What it gives is an object of a Pydantic model, or a mapping.
        fields: the ``Schema`` of each field of its document, by name.
        address: where the API's description has it.
        spellings: the names of its fields in every spelling: redaction takes none of them for something personal.
    """

    name: str
    core: CoreSchema
    fields: Mapping[str, Any]
    address: str
    spellings: frozenset[str] = frozenset()


type Records = Mapping[str, Record]
"""By name."""

NO_RECORDS: Records = {}

PLAIN: Mapping[str, bool] = {"null_is_omission": True}
"""The context in which Pydantic writes a record for a flow, where null is a field that was left out.

A record to which an explicit null says more has a value of its own for it.
"""

_CONTEXT_KEY = "records"


def context_with(records: Records) -> dict[str, Any]:
    """Return the context in which Pydantic validates schemas that name these records."""
    return {_CONTEXT_KEY: records}


def records_in(context: Any) -> Records:
    """Return the records that a context of Pydantic's knows."""
    records: Records = (context or {}).get(_CONTEXT_KEY, NO_RECORDS)
    return records


def field_of(value: BaseModel, name: str, absent: Any = None) -> Any:
    """Return a field of a model by its attribute name or its alias; ``absent`` if there is none."""
    attribute = _attributes(type(value)).get(name)
    if attribute is None:
        return absent
    found = getattr(value, attribute)
    if found is None and attribute in value.model_fields_set:
        return value.model_dump(include={attribute}, by_alias=False, context=PLAIN)[attribute]
    return found


def to_document(value: BaseModel, **options: Any) -> dict[str, Any]:
    """Return a record as its document, as flows read it."""
    return value.model_dump(by_alias=True, context=PLAIN, **options)


def leave_out_nulls(value: object) -> object:
    """Return a record's document without its nulls: a source has null where it knows nothing."""
    if isinstance(value, dict) and None in value.values():
        return {name: item for name, item in value.items() if item is not None}
    return value


@lru_cache(maxsize=64)
def _attributes(model: type[BaseModel]) -> Mapping[str, str]:
    by_alias = {(field.serialization_alias or field.alias): name for name, field in model.model_fields.items()}
    return {**{alias: name for alias, name in by_alias.items() if alias}, **{name: name for name in model.model_fields}}
