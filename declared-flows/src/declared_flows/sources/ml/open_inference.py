"""The Open Inference Protocol, V2 (https://github.com/kserve/open-inference-protocol): tensors in, tensors out."""

from collections.abc import Mapping, Sequence
from itertools import batched
from typing import Any

from upstream_resilience.errors import BadUpstreamAnswer

from declared_flows.errors import UnusableParams
from declared_flows.notation.schema import Kind
from declared_flows.sources.ml.predictions import records_of
from declared_flows.sources.ml.table import Table

_DATATYPES: Mapping[Kind | None, str] = {"integer": "INT64", "boolean": "BOOL", "string": "BYTES"}


class OpenInference:
    """KServe, Triton, MLServer and others.

    Args:
        model: its name on the server.
        tensor: the tensor that takes all inputs; None if each has its own.
        datatype: of tensors of numbers.
    """

    ready_path = "/v2/health/ready"

    def __init__(self, model: str, tensor: str | None, datatype: str) -> None:
        self.model = model
        self.model_path = f"/v2/models/{model}"
        self.path = f"{self.model_path}/infer"
        self._tensor = tensor
        self._datatype = datatype

    def batches(self, table: Table) -> Sequence[Table]:
        """All rows at once."""
        return [table]

    def document(self, table: Table) -> Any:
        """A tensor for each column, or one for all."""
        if any(value is None for row in table.rows for value in row):
            raise UnusableParams("an input is null, for which the protocol V2 has no value")
        if self._tensor is not None:
            return {"inputs": [_tensor(self._tensor, self._datatype, [_numbers(row) for row in table.rows])]}
        return {"inputs": [self._column(table, index) for index in range(len(table.columns))]}

    def _column(self, table: Table, index: int) -> dict[str, Any]:
        values = [row[index] for row in table.rows]
        cells = [value if isinstance(value, list) else [value] for value in values]
        return _tensor(table.columns[index], _DATATYPES.get(table.kinds[index], self._datatype), cells)

    def outputs(self, answer: Any, count: int) -> Sequence[Any]:
        """The values of one tensor, or records of several by their names."""
        tensors = answer.get("outputs") if isinstance(answer, dict) else None
        if not isinstance(tensors, list) or not tensors:
            raise BadUpstreamAnswer("it holds no tensors")
        columns = {name: _rows_of(tensor, count) for name, tensor in map(_name_and_values, tensors)}
        return next(iter(columns.values())) if len(columns) == 1 else records_of(columns, count)


def _tensor(name: str, datatype: str, rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    width = len(rows[0])
    if any(len(row) != width for row in rows):
        raise UnusableParams(f"the lists of `{name}` are not of one length")
    return {"name": name, "datatype": datatype, "shape": [len(rows), width], "data": [v for row in rows for v in row]}


def _numbers(row: Sequence[Any]) -> list[Any]:
    flat = [value for cell in row for value in (cell if isinstance(cell, list) else [cell])]
    if not all(isinstance(value, int | float) for value in flat):
        raise UnusableParams("an input is not a number, and all go into one tensor of numbers")
    return flat


def _name_and_values(tensor: Any) -> tuple[str, Any]:
    if not isinstance(tensor, dict) or not isinstance(tensor.get("name"), str):
        raise BadUpstreamAnswer("it holds a tensor without a name")
    return tensor["name"], tensor


def _rows_of(tensor: Mapping[str, Any], count: int) -> Sequence[Any]:
    """The values of a tensor by rows; those of one value a row are bare."""
    data, shape = tensor.get("data"), tensor.get("shape")
    if not isinstance(data, list) or not isinstance(shape, list) or not all(isinstance(n, int) for n in shape):
        raise BadUpstreamAnswer("it holds a tensor without data or shape")
    flat = _flat(data)
    rows, width = (shape[0] if shape else 1), len(flat) // max(count, 1)
    if rows != count or width * count != len(flat) or not width:
        raise BadUpstreamAnswer(f"it has a tensor that is not of {count} rows")
    return flat if width == 1 else [list(row) for row in batched(flat, width, strict=True)]


def _flat(data: Sequence[Any]) -> Sequence[Any]:
    while any(isinstance(item, list) for item in data):
        if not all(isinstance(item, list) for item in data):
            raise BadUpstreamAnswer("it holds a tensor of uneven data")
        data = [value for item in data for value in item]
    return data
