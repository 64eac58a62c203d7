"""Reads a model's output for one row as values that steps refer to: a prediction, named outputs, or a label."""

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Protocol, Self

from pydantic import Field, model_validator
from upstream_resilience.errors import BadUpstreamAnswer

from declared_flows.errors import UnusableParams
from declared_flows.notation.base import Declaration
from declared_flows.notation.schema import Schema
from declared_flows.sources.port import Params

THRESHOLD = "threshold"
_DEEPEST = 20
_ROUNDING = 1e-6
_SUM_ROUNDING = 1e-3
"""How far probabilities in single precision may be from a sum of one."""


class Classifier(Declaration):
    """Reads the model's outputs as probabilities of labels. The model must return one probability, that of the positive
    label, or one for each label. `$step.label` is the label, `$step.probability` its probability, and
    `$step.probabilities` those of all labels. With two labels, `$step.probability` is that of the positive label,
    whichever `$step.label` is."""

    labels: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=2)]
    """The labels in the model's order."""
    positive: str | None = None
    """With two labels, the one that is returned from the threshold on; defaults to the last."""
    threshold: Annotated[float, Field(ge=0, le=1)] | None = None
    """With two labels, the lowest probability for which the positive label is returned; defaults to 0.5. The parameter
    `threshold` of a step sets another."""

    @model_validator(mode="after")
    def _fits_its_labels(self) -> Self:
        if len(set(self.labels)) < len(self.labels):
            raise ValueError("each label stands once in `labels`")
        if self.positive is not None and self.positive not in self.labels:
            raise ValueError(f"`positive` is one of the labels: {', '.join(self.labels)}")
        if not self.is_binary and (self.threshold is not None or self.positive is not None):
            raise ValueError(
                "`threshold` and `positive` are for two labels: of more, the most probable one is the answer"
            )
        return self

    @property
    def is_binary(self) -> bool:
        """Whether there are two labels, so that a threshold decides."""
        return len(self.labels) == 2


class Outputs(Protocol):
    """How a model's output for a row is read."""

    @property
    def parameters(self) -> Mapping[str, Schema]:
        """What a step may give beside the inputs."""
        ...

    @property
    def answer(self) -> Schema:
        """What the output of one row looks like."""
        ...

    def read(self, output: Any, params: Params) -> Any:
        """The output of one row.

        Raises:
            BadUpstreamAnswer: if it is not what was declared.
            UnusableParams: if the parameters are not.
        """
        ...


def outputs_of(named: Mapping[str, Schema], classifier: Classifier | None) -> Outputs:
    """Return the reader that a declaration selects."""
    if classifier is not None:
        return Labelled(classifier)
    return Named(named) if named else Unnamed()


class Unnamed:
    """Any output, as `prediction`."""

    parameters: Mapping[str, Schema] = {}
    answer = Schema(type="object", properties={"prediction": Schema()})

    def read(self, output: Any, params: Params) -> Any:  # noqa: ARG002  the port's
        """The output as it is."""
        return {"prediction": _finite(output)}


class Named:
    """Outputs by name or, from a model that does not name them, by position."""

    parameters: Mapping[str, Schema] = {}

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self._schemas = schemas
        self.answer = Schema(type="object", properties=dict(schemas))
        self._is_one_list = [schema.type for schema in schemas.values()] == ["array"]

    def read(self, output: Any, params: Params) -> Any:  # noqa: ARG002  the port's
        """Return the declared outputs and drop all others."""
        found = self._by_name(_finite(output))
        return {name: _convert_to(schema, found[name]) for name, schema in self._schemas.items()}

    def _by_name(self, output: Any) -> Mapping[str, Any]:
        if isinstance(output, Mapping):
            missing = [name for name, schema in self._schemas.items() if schema.is_needed and name not in output]
            if missing:
                raise BadUpstreamAnswer(f"it has no output `{missing[0]}`")
            return {name: output.get(name, schema.default) for name, schema in self._schemas.items()}
        values = self._in_order(output)
        if len(values) != len(self._schemas):
            raise BadUpstreamAnswer(f"it has {len(values)} outputs a row, where {len(self._schemas)} are declared")
        return dict(zip(self._schemas, values, strict=True))

    def _in_order(self, output: Any) -> Sequence[Any]:
        if not isinstance(output, list):
            return [output]
        # A row of [[1, 2]] is a list output by position, and a row of [1, 2] is the list itself.
        is_itself = self._is_one_list and not (len(output) == 1 and isinstance(output[0], list))
        return [output] if is_itself else output


class Labelled:
    """A label, by the probabilities of all."""

    def __init__(self, options: Classifier) -> None:
        self._labels = options.labels
        self._is_binary = options.is_binary
        self._positive = options.positive or options.labels[-1]
        self._threshold = 0.5 if options.threshold is None else options.threshold

    @property
    def parameters(self) -> Mapping[str, Schema]:
        """The threshold, where it decides."""
        if not self._is_binary:
            return {}
        meaning = f"The smallest probability of `{self._positive}` for which it is the label."
        schema = Schema(type="number", minimum=0, maximum=1, default=self._threshold, description=meaning)
        return {THRESHOLD: schema}

    @property
    def answer(self) -> Schema:
        """The label, its probability, and those of all; with a threshold where that decides."""
        share = Schema(type="number", minimum=0, maximum=1)
        properties = {
            "label": Schema(type="string", enum=self._labels),
            "probability": share,
            "probabilities": Schema(type="object", properties=dict.fromkeys(self._labels, share)),
        }
        return Schema(type="object", properties=properties | ({THRESHOLD: share} if self._is_binary else {}))

    def read(self, output: Any, params: Params) -> Any:
        """The label for the probabilities that the model gives."""
        probabilities = self._probabilities(output)
        if not self._is_binary:
            label = max(probabilities, key=probabilities.__getitem__)
            return {"label": label, "probability": probabilities[label], "probabilities": probabilities}
        threshold = self._asked_threshold(params)
        probability = probabilities[self._positive]
        return {
            "label": self._positive if probability >= threshold else self._other,
            "probability": probability,
            "threshold": threshold,
            "probabilities": probabilities,
        }

    @property
    def _other(self) -> str:
        return next(label for label in self._labels if label != self._positive)

    def _asked_threshold(self, params: Params) -> float:
        asked = params.get(THRESHOLD)
        if asked is None:
            return self._threshold
        if isinstance(asked, bool) or not isinstance(asked, int | float) or not 0 <= asked <= 1:
            raise UnusableParams("`threshold` is not a number from 0 to 1")
        return float(asked)

    def _probabilities(self, output: Any) -> dict[str, float]:
        given = self._in_order(output)
        if self._is_binary and len(given) == 1:
            positive = _probability(given[0])
            return {label: positive if label == self._positive else 1 - positive for label in self._labels}
        if len(given) != len(self._labels):
            raise BadUpstreamAnswer(f"it has {len(given)} probabilities a row for {len(self._labels)} labels")
        found = [_probability(value) for value in given]
        if abs(sum(found) - 1) > _SUM_ROUNDING:
            raise BadUpstreamAnswer("the probabilities of a row do not add up to 1")
        return dict(zip(self._labels, found, strict=True))

    def _in_order(self, output: Any) -> Sequence[Any]:
        if isinstance(output, Mapping):
            missing = [label for label in self._labels if label not in output]
            if missing and len(output) > 1:
                raise BadUpstreamAnswer(f"it has no probability of `{missing[0]}`")
            return list(output.values()) if missing else [output[label] for label in self._labels]
        return output if isinstance(output, list) else [output]


def _probability(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadUpstreamAnswer("a probability is not a number")
    if not -_ROUNDING <= value <= 1 + _ROUNDING:  # NaN is not within it either
        raise BadUpstreamAnswer("a probability is not from 0 to 1")
    return min(1.0, max(0.0, float(value)))


def _convert_to(schema: Schema, value: Any) -> Any:
    """Return a value in the form of its schema, where the model uses another: [5.0] for 5.0, or 5.0 for 5."""
    if schema.type not in (None, "array", "object") and isinstance(value, list) and len(value) == 1:
        value = value[0]
    if schema.type == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _finite(value: Any, depth: int = 0) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        raise BadUpstreamAnswer("a number is not finite")
    if isinstance(value, Mapping | list):
        if depth == _DEEPEST:
            raise BadUpstreamAnswer("it is nested too deeply")
        for item in value.values() if isinstance(value, Mapping) else value:
            _finite(item, depth + 1)
    return value
