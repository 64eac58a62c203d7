"""How a table is written in the protocols of model servers, and their answers read: MLflow's, KServe's (Open Inference
Protocol V2), and plain JSON."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Protocol, Self

from pydantic import Field, model_validator
from upstream_resilience.errors import BadUpstreamAnswer

from declared_flows.notation.base import Declaration
from declared_flows.sources.http_api.picking import BadExpression, compile_pick
from declared_flows.sources.ml.open_inference import OpenInference
from declared_flows.sources.ml.predictions import one_a_row, records_of
from declared_flows.sources.ml.table import Table

ROWS = "{rows}"

_ONLY_OF: Mapping[str, tuple[str, ...]] = {"v2": ("model", "tensor", "datatype"), "json": ("path", "body", "pick")}


class Spoken(Declaration):
    """The protocol that a model server speaks."""

    protocol: Literal["mlflow", "json", "v2"] = "mlflow"
    """`mlflow` for MLflow's scoring protocol, `v2` for the Open Inference Protocol (KServe, Triton, MLServer), `json`
    for anything else that takes and returns JSON."""
    model: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")] | None = None
    """V2: the model's name on its server."""
    tensor: str | None = None
    """V2: the name of the tensor for all inputs, if the model takes them together. Otherwise each input is a tensor of
    its own."""
    datatype: Literal["FP64", "FP32"] = "FP64"
    """V2: the type of numeric tensors."""
    path: Annotated[str, Field(pattern=r"^(/[A-Za-z0-9._~-]+)*/?$")] = ""
    """JSON: the path below the address."""
    body: Any = Field(default={"rows": ROWS})
    """JSON: the document to send. A text that is `{rows}` becomes the list of rows, each an object by columns. A text
    that is `{column}` becomes the value of that column, and each row is then a call of its own."""
    pick: str = "predictions"
    """JSON: the place of the outputs in the response, as a JMESPath: a list with one for each row."""

    @model_validator(mode="after")
    def _fits_its_protocol(self) -> Self:
        for protocol, names in _ONLY_OF.items():
            odd = [name for name in names if name in self.model_fields_set]
            if odd and self.protocol != protocol:
                raise ValueError(f"`{odd[0]}` is for `protocol: {protocol}` alone")
        if self.protocol == "v2" and self.model is None:
            raise ValueError("`protocol: v2` needs `model`, the model's name on its server")
        try:
            compile_pick(self.pick)
        except BadExpression as error:
            raise ValueError(f"`pick` is no JMESPath: {error}") from error
        except RecursionError as error:
            raise ValueError("`pick` is no JMESPath that can be read: it is nested too deeply") from error
        return self

    def dialect(self) -> "Dialect":
        """The protocol at work."""
        match self.protocol:
            case "mlflow":
                return Mlflow()
            case "v2":
                return OpenInference(self.model or "", self.tensor, self.datatype)
            case "json":
                return PlainJson(self.path, self.body, self.pick)


class Dialect(Protocol):
    """A protocol: what is sent where, and how the answer is read."""

    @property
    def path(self) -> str:
        """The path of predictions, below the server's address."""
        ...

    @property
    def ready_path(self) -> str:
        """The path that answers 200 once the model is ready."""
        ...

    def batches(self, table: Table) -> Sequence[Table]:
        """Return the table in parts, each for one call."""
        ...

    def document(self, table: Table) -> Any:
        """What is sent.

        Raises:
            UnusableParams: if the protocol has no place for a value.
        """
        ...

    def outputs(self, answer: Any, count: int) -> Sequence[Any]:
        """The outputs in an answer, one for each of ``count`` rows.

        Raises:
            BadUpstreamAnswer: if it holds no such thing.
        """
        ...


class Mlflow:
    """MLflow's scoring protocol (https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally)."""

    path = "/invocations"
    ready_path = "/ping"

    def batches(self, table: Table) -> Sequence[Table]:
        """All rows at once."""
        return [table]

    def document(self, table: Table) -> Any:
        """The form that keeps the order and the types of columns, and nulls."""
        return {"dataframe_split": {"columns": table.columns, "data": table.rows}}

    def outputs(self, answer: Any, count: int) -> Sequence[Any]:
        """The predictions: a list, or columns by name."""
        predictions = answer.get("predictions") if isinstance(answer, dict) else None
        if isinstance(predictions, dict):
            return records_of(predictions, count)
        return one_a_row(predictions, count)


class PlainJson:
    """A document by template, and outputs by JMESPath."""

    ready_path = "/ping"

    def __init__(self, path: str, body: Any, pick: str) -> None:
        self.path = path
        self._body = body
        self._pick = compile_pick(pick)
        self._takes_many = ROWS in set(_texts(body))

    def batches(self, table: Table) -> Sequence[Table]:
        """All rows at once, where the template has a place for them."""
        if self._takes_many:
            return [table]
        return [Table(table.columns, table.kinds, [row]) for row in table.rows]

    def document(self, table: Table) -> Any:
        """The template with its places filled."""
        records = table.records()
        values = {} if self._takes_many else {f"{{{name}}}": value for name, value in records[0].items()}
        return _fill(self._body, {**values, ROWS: records})

    def outputs(self, answer: Any, count: int) -> Sequence[Any]:
        """What is picked; of one row it need not be a list."""
        picked = self._pick(answer)
        if picked is None:
            raise BadUpstreamAnswer("it does not hold what is to be picked")
        is_one = not self._takes_many or (count == 1 and not isinstance(picked, list))
        return [picked] if is_one else one_a_row(picked, count)


def unknown_places(body: Any, columns: Sequence[str]) -> list[str]:
    """The places of a template that no column fills."""
    known = {ROWS, *(f"{{{name}}}" for name in columns)}
    return sorted({text for text in _texts(body) if text[:1] + text[-1:] == "{}"} - known)


def _texts(template: Any) -> Sequence[str]:
    match template:
        case str():
            return [template]
        case dict():
            return [text for value in template.values() for text in _texts(value)]
        case list() | tuple():
            return [text for value in template for text in _texts(value)]
    return []


def _fill(template: Any, values: Mapping[str, Any]) -> Any:
    match template:
        case str():
            return values.get(template, template)
        case dict():
            return {name: _fill(value, values) for name, value in template.items()}
        case list() | tuple():
            return [_fill(value, values) for value in template]
    return template
