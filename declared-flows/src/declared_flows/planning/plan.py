"""A flow that is ready to run: templates compiled, steps in an order that respects references."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from pydantic_core import SchemaValidator

from declared_flows.notation.base import Place
from declared_flows.notation.declaration import Example, RequestDeclaration, Route
from declared_flows.notation.schema import Schema, core_schema_of
from declared_flows.notation.templates import Template
from declared_flows.sources.port import Signature

REQUEST = "request"


@dataclass(frozen=True, slots=True)
class SourceSignature:
    """What a flow needs to know of a source.

    Args:
        operations: by name; None if the declaration is wrong, so that they are not known.
        timeout_seconds: how long a call may take unless the step sets its own limit.
        description: what it is, for people.
    """

    operations: Mapping[str, Signature] | None
    timeout_seconds: float = 1.0
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """One step, ready to run."""

    name: str
    source: str | None
    operation: str | None
    params: Template
    """Of a step without a source, its value."""
    when: Template | None
    for_each: Template | None
    item: str
    concurrency: int
    max_items: int
    timeout_seconds: float
    attempts: int | None
    cache_seconds: float | None
    is_optional: bool
    default: Any
    is_found_or_404: bool
    needs: frozenset[str]
    """The steps that it refers to."""
    callers: Mapping[str, Place]
    """The parameters that come from the request alone, and where they stand there; `""` if all that is read does."""
    takes: SchemaValidator | None
    """Checks the parameters of the call."""
    leaves_out: frozenset[str]
    """Parameters that are left out where they are null, so that their default holds."""
    gives: SchemaValidator | None
    answer: Schema | None
    """What its value looks like."""
    writes: bool


@dataclass(frozen=True, slots=True)
class RequestChecks:
    """Check the parts of a request and fill in what has a default."""

    path: SchemaValidator
    query: SchemaValidator
    headers: SchemaValidator
    body: SchemaValidator | None

    @classmethod
    def of(cls, request: RequestDeclaration) -> Self:
        """Build the checks for a declaration. Text may stand for numbers, except in a body."""

        def texts(fields: Mapping[str, Schema]) -> SchemaValidator:
            return SchemaValidator(core_schema_of(Schema(type="object", properties=dict(fields)), lax=True))

        body = SchemaValidator(core_schema_of(request.body)) if request.body else None
        return cls(texts(request.path), texts(request.query), texts(request.headers), body)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowPlan:
    """One flow, ready to run."""

    name: str
    file: str
    description: str | None
    route: Route
    request: RequestDeclaration
    checks: RequestChecks
    steps: tuple[PlannedStep, ...]
    """In an order in which each comes after those that it needs."""
    response: Template
    answer: Schema
    """What the answer looks like."""
    checks_answer: SchemaValidator | None
    timeout_seconds: float
    keeps_request: bool
    redact: tuple[str, ...]
    examples: Sequence[Example] = ()
    example_lines: Sequence[int] = ()
    """The line of each example."""

    @property
    def worst_seconds(self) -> float:
        """The longest that an answer can take: the slowest way through the steps, at most the time of the flow."""
        if any(step.for_each is not None for step in self.steps):
            return self.timeout_seconds  # how many items there are is not known
        ends: dict[str, float] = {}
        for step in self.steps:
            ends[step.name] = max((ends[name] for name in step.needs), default=0.0) + step.timeout_seconds
        return min(self.timeout_seconds, max(ends.values()))
