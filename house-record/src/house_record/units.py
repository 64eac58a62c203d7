"""Units of the numbers in a house record, as annotated types.

The bounds exclude only the impossible, and keep every number small enough to be exact as a float.
"""

from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

LARGEST_AREA_SQUARE_FEET = 1e9
"""About 36 square miles: more than the whole city of Ames."""

LARGEST_EXACT_INTEGER = 2**53 - 1
"""The largest integer that every JSON parser keeps exactly (RFC 8259, section 6)."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What one unit of a number stands for."""

    name: str

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(schema) | {"x-unit": self.name}


def _whole_number(value: object) -> object:
    """JSON has one kind of number, so 1961.0 is an integer too; 1.5 is left to the strict check."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


INTEGER = BeforeValidator(_whole_number)

Identifier = Annotated[int, Field(ge=0, le=LARGEST_EXACT_INTEGER), INTEGER]
SquareFeet = Annotated[float, Field(ge=0, le=LARGEST_AREA_SQUARE_FEET), Unit("square feet")]
Feet = Annotated[float, Field(ge=0, le=1e6), Unit("feet")]
Dollars = Annotated[float, Field(ge=0, le=1e9), Unit("US dollars")]
Year = Annotated[int, Field(ge=1800, le=9999), INTEGER, Unit("year")]
Month = Annotated[int, Field(ge=1, le=12), INTEGER, Unit("month of the year")]
Count = Annotated[int, Field(ge=0, le=1000), INTEGER, Unit("count")]
Rating = Annotated[int, Field(ge=1, le=10), INTEGER, Unit("rating, 10 is best")]
