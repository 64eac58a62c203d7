"""Reads what a feature server answers: columns of values with their statuses and times, as records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ValidationError
from upstream_resilience.errors import BadUpstreamAnswer

from declared_flows.sources.feast.options import FeatureOperation
from declared_flows.sources.http_calls import document_of

type Record = dict[str, Any]

_FOUND = frozenset({"PRESENT", "NULL_VALUE"})
_NAN = "NaN"
"""How Feast writes a number that is not finite, since JSON can't."""


class _Column(BaseModel):
    values: list[Any]
    statuses: list[str]
    event_timestamps: list[AwareDatetime] = []


class _Metadata(BaseModel):
    feature_names: list[str]


class _Reply(BaseModel):
    metadata: _Metadata
    results: list[_Column]


@dataclass(frozen=True, slots=True)
class Columns:
    """What a feature server answered, by name."""

    by_name: Mapping[str, _Column]

    @classmethod
    def of(cls, body: bytes, rows: int) -> "Columns":
        """The columns of an answer for that many rows.

        Raises:
            BadUpstreamAnswer: if it is not a set of columns.
        """
        try:
            reply = _Reply.model_validate(document_of(body))
        except ValidationError:
            # Its text shows values.
            raise BadUpstreamAnswer("it is not a set of features") from None
        names, columns = reply.metadata.feature_names, reply.results
        if len(names) != len(columns) or any(
            len(column.values) != rows or len(column.statuses) != rows for column in columns
        ):
            raise BadUpstreamAnswer("it has not a value of each feature for each entity")
        return cls(dict(zip(names, columns, strict=True)))


class Reading:
    """How the answers to an operation are read.

    Args:
        operation: what was asked for.
    """

    def __init__(self, operation: FeatureOperation) -> None:
        self._fields = operation.fields
        self._entities = operation.entities.keys()
        self._max_age = operation.max_age
        self._numbers = operation.numbers

    def records(self, body: bytes, rows: int, now: datetime) -> Sequence[Record | None]:
        """Return a record for each entity; None if the store has none of its features.

        Raises:
            BadUpstreamAnswer: if the answer lacks what was asked for.
        """
        columns = Columns.of(body, rows).by_name
        fields = [name for name in columns if name not in self._entities] if self._fields is None else self._fields
        if missing := [name for name in fields if name not in columns]:
            raise BadUpstreamAnswer(f"it has no feature `{missing[0]}`")
        return [self._record({name: columns[name] for name in fields}, row, now) for row in range(rows)]

    def _record(self, columns: Mapping[str, _Column], row: int, now: datetime) -> Record | None:
        found = {name for name, column in columns.items() if self._is_found(column, row, now)}
        if not found:
            return None
        return {
            name: self._value(name, column.values[row]) if name in found else None for name, column in columns.items()
        }

    def _is_found(self, column: _Column, row: int, now: datetime) -> bool:
        if column.statuses[row] not in _FOUND:
            return False
        if self._max_age is None:
            return True
        if len(column.event_timestamps) <= row:
            raise BadUpstreamAnswer("it does not say how old the features are")
        return (now - column.event_timestamps[row]).total_seconds() <= self._max_age

    def _value(self, name: str, value: Any) -> Any:
        return None if value == _NAN and name in self._numbers else value
