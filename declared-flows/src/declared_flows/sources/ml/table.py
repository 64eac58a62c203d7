"""The input of a model: rows of declared columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from declared_flows.notation.schema import Kind, Schema
from declared_flows.sources.params import complete
from declared_flows.sources.port import Params


@dataclass(frozen=True, slots=True)
class Table:
    """Rows, whose values are in the order of the columns; ``kinds`` are the columns' JSON types, None for any."""

    columns: Sequence[str]
    kinds: Sequence[Kind | None]
    rows: Sequence[Sequence[Any]]

    def records(self) -> list[dict[str, Any]]:
        """The rows, each by the names of its columns."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


class Inputs:
    """Makes tables of parameters.

    Args:
        schemas: the model's inputs by name, in its order.
        columns: what the model calls them, where that differs.
    """

    def __init__(self, schemas: Mapping[str, Schema], columns: Mapping[str, str]) -> None:
        self._schemas = schemas
        self._columns = [columns.get(name, name) for name in schemas]
        self._kinds = [schema.type for schema in schemas.values()]

    def table(self, records: Sequence[Params]) -> Table:
        """One row a record.

        Raises:
            UnusableParams: if one lacks an input.
        """
        return Table(self._columns, self._kinds, [list(complete(self._schemas, record).values()) for record in records])
