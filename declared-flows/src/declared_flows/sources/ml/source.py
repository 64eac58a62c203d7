"""The source kind `ml`: its declaration, its operations, and the source at work."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Annotated, Any, Literal

from pydantic import Field, PositiveInt

from declared_flows.errors import UnusableParams
from declared_flows.notation.base import Place
from declared_flows.notation.schema import Schema
from declared_flows.sources.ml.backend import Strategy
from declared_flows.sources.ml.cascade import Cascade
from declared_flows.sources.ml.load import Load
from declared_flows.sources.ml.outputs import Classifier, Outputs, outputs_of
from declared_flows.sources.ml.protocols import Spoken, unknown_places
from declared_flows.sources.ml.table import Inputs
from declared_flows.sources.port import (
    Answer,
    Call,
    OpenSource,
    Operation,
    Params,
    Signature,
    SourceContext,
    SourceOptions,
)

PREDICT = "predict"
PREDICT_MANY = "predict_many"
ROWS = "rows"


class MlOptions(SourceOptions):
    """Any model. `predict` takes the inputs and returns the outputs. `predict_many` takes `rows`, a list of objects
    with the inputs, and returns a list."""

    kind: Literal["ml"]
    """A model."""
    load: Load | Annotated[tuple[Load, ...], Field(min_length=1)]
    """How to reach the model: one strategy, or several that are tried in order. A strategy that does not respond hands
    over to the next at once, and is tried again later. One that returns an unusable response does not hand over,
    because another model's response would hide the fault. Each execution records which one responded."""
    inputs: Annotated[dict[str, Schema], Field(min_length=1)]
    """The inputs of the model, by name and in its order."""
    columns: dict[str, str] = Field(default={})
    """The model's names of inputs, where they differ."""
    outputs: dict[str, Schema] = Field(default={})
    """The outputs of the model, by its own names; in order, if the model returns lists. Without any, the output is
    `prediction`."""
    classifier: Classifier | None = None
    """Instead of `outputs`, for a model that returns probabilities."""
    max_rows: PositiveInt = 1000
    """Maximum number of rows of `predict_many`."""

    @property
    def strategies(self) -> Sequence[Load]:
        """In the order in which they are tried."""
        return (self.load,) if isinstance(self.load, Load) else self.load

    @property
    def reading(self) -> Outputs:
        """How outputs are read."""
        return outputs_of(self.outputs, self.classifier)


class MlKind:
    """The kind `ml`."""

    name = "ml"
    options = MlOptions

    def diagnose(self, options: MlOptions) -> Iterable[tuple[Place, str]]:
        """Inputs, columns and outputs that do not go together, and strategies that can't be followed here."""
        if options.outputs and options.classifier:
            yield ("classifier",), "say either `outputs` or `classifier`"
        yield from _diagnose_inputs(options)
        for index, load in enumerate(options.strategies):
            place: Place = ("load", load.name) if isinstance(options.load, Load) else ("load", index, load.name)
            yield from ((place, text) for text in _diagnose_strategy(load.strategy, options))

    def signatures(self, options: MlOptions) -> Mapping[str, Signature]:
        """One row or many."""
        reading = options.reading
        row = Schema(type="object", properties=options.inputs)
        rows = Schema(type="array", items=row, max_items=options.max_rows)
        return {
            PREDICT: Signature({**options.inputs, **reading.parameters}, reading.answer),
            PREDICT_MANY: Signature({ROWS: rows, **reading.parameters}, Schema(type="array", items=reading.answer)),
        }

    @asynccontextmanager
    async def open(self, name: str, options: MlOptions, context: SourceContext) -> AsyncIterator[OpenSource]:
        """Open the model with all its backends; what must be loaded or started comes up in the background."""
        async with AsyncExitStack() as stack:
            backends = [
                await stack.enter_async_context(load.strategy.open(name, context, options.max_concurrency))
                for load in options.strategies
            ]
            yield OpenModel(Cascade(backends, options.timeout), options)


def _diagnose_inputs(options: MlOptions) -> Iterable[tuple[Place, str]]:
    taken = {*options.reading.parameters}
    for name, schema in options.inputs.items():
        if name in taken:
            yield (
                ("inputs", name),
                f"`{name}` is a parameter of the classifier: give the input another name, see `columns`",
            )
        if schema.record or schema.type == "object":
            yield ("inputs", name), "an input is one column: declare the fields that the model takes, each by itself"
    for name in options.columns.keys() - options.inputs.keys():
        yield ("columns", name), f"there is no input `{name}`: say one of {', '.join(options.inputs)}"
    names = [options.columns.get(name, name) for name in options.inputs]
    if len(set(names)) < len(names):
        yield ("columns",), "two inputs would be the same column"


def _diagnose_strategy(strategy: Strategy, options: MlOptions) -> Iterable[str]:
    yield from strategy.diagnose()
    if isinstance(strategy, Spoken) and strategy.protocol == "json":
        columns = [options.columns.get(name, name) for name in options.inputs]
        for place in unknown_places(strategy.body, columns):
            yield f"`body` has the place {place}, and no column fills it: say {{rows}} or one of {', '.join(columns)}"


class OpenModel:
    """A model at work."""

    def __init__(self, model: Cascade, options: MlOptions) -> None:
        self._model = model
        self._inputs = Inputs(options.inputs, options.columns)
        self._outputs = options.reading
        self._most = options.max_rows
        self.operations: Mapping[str, Operation] = {PREDICT: self._predict, PREDICT_MANY: self._predict_many}
        self.verify = model.verify

    async def _predict(self, params: Params, call: Call) -> Answer:
        [output], served_by = await self._model.predict(self._inputs.table([params]), call)
        return Answer(self._outputs.read(output, params), rows=1, served_by=served_by)

    async def _predict_many(self, params: Params, call: Call) -> Answer:
        records = self._records(params.get(ROWS))
        if not records:
            return Answer([], rows=0)
        outputs, served_by = await self._model.predict(self._inputs.table(records), call)
        return Answer([self._outputs.read(output, params) for output in outputs], len(records), served_by)

    def _records(self, rows: Any) -> Sequence[Params]:
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            raise UnusableParams("`rows` is not a list of objects")
        if len(rows) > self._most:
            raise UnusableParams(f"`rows` has more than {self._most:,} rows")
        return rows
