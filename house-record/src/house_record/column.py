"""Links a field of the record to the data files: its column, and its value in the example house."""

from dataclasses import dataclass

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


@dataclass(frozen=True, slots=True)
class Column:
    """The name of a field in the data files and in the model, and its value in Kaggle's house 1461."""

    name: str
    example: str | int | None

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        described = handler(schema)
        if self.example is not None:
            described["examples"] = [self.example]
        return described
