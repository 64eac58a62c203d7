"""The models of a flow's declaration. The reference and the JSON Schema for editors are generated from them."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from declared_flows.notation.base import Declaration
from declared_flows.notation.durations import Seconds
from declared_flows.notation.names import NAME, PATH, FlowName, Name
from declared_flows.notation.schema import Schema


class Route(Declaration):
    """Where the flow is served."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    """The HTTP method."""
    path: Annotated[str, Field(pattern=PATH, max_length=300)]
    """The address, with `{name}` for each part that the caller fills."""
    summary: str | None = None
    """What it answers, in a few words."""
    tags: tuple[str, ...] = ("flows",)
    """Under which headings it stands in the API's description."""


class RequestDeclaration(Declaration):
    """What the caller gives: as `$request.path.…`, `$request.query.…`, `$request.headers.…` and `$request.body`."""

    path: dict[Name, Schema] = Field(default_factory=dict)
    """The parts of the address."""
    query: dict[Name, Schema] = Field(default_factory=dict)
    """What stands behind the `?`; a list may be given several times."""
    headers: dict[Name, Schema] = Field(default_factory=dict)
    """Headers, written with `_` for `-`."""
    body: Schema | None = None
    """The JSON body; none where it is not declared."""


class Step(Declaration):
    """One value of the flow: asked of a source, or made of values that are there."""

    source: str | None = None
    """The source that is asked; none where the step has a `value`."""
    operation: str | None = None
    """Which operation of the source; needed unless it has only one."""
    params: dict[str, Any] = Field(default_factory=dict)
    """What the operation is told, by name."""
    value: Any = None
    """What the value is made of, in place of a source."""
    description: str | None = None
    """What it is, for people."""
    when: Any = None
    """The step is done only if this is true, or not null where it is no truth value; else its value is `default`."""
    for_each: Any = None
    """A list: the step is done for each of its items, and its value is the list of the outcomes."""
    item: Annotated[str, Field(pattern=NAME, alias="as")] = "item"
    """The name of the item in `params`, with `for_each`."""
    concurrency: PositiveInt = 8
    """How many items are done at the same time."""
    max_items: PositiveInt = 1000
    """The most items that are done; a longer list is a mistake of who gave it."""
    timeout: Seconds | None = None
    """Time in which the source must answer; else that of the source."""
    attempts: PositiveInt | None = None
    """How often the source is asked at most; else as the source says. A call that writes is made once."""
    cache: Seconds | None = None
    """How old an answer to the same parameters may be."""
    optional: bool = False
    """The answer can do without: where the step fails its value is `default`, and the answer says `degraded`."""
    default: Any = None
    """The value where the step is not done, fails or finds nothing."""
    not_found: Literal[404] | None = None
    """Answer 404 where there is no such thing; else the value is `default`."""

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> Self:
        given = self.model_fields_set
        if (self.source is None) == ("value" not in given):
            raise ValueError("a step has either a `source` or a `value`")
        calling = {"operation", "params", "timeout", "attempts", "cache", "not_found"} & given
        if self.source is None and calling:
            raise ValueError(f"`{min(calling)}` is for steps with a `source`")
        if "for_each" not in given and (alone := {"concurrency", "item", "max_items"} & given):
            raise ValueError(f"`{wire_name(min(alone))}` is for steps with `for_each`")
        if self.not_found and (self.optional or "for_each" in given):
            raise ValueError("`not_found` is for steps that are done once and are not optional")
        return self


class Example(Declaration):
    """A request as it may come, what the sources said then, and the answer: tried whenever the flow is loaded."""

    request: dict[Literal["path", "query", "headers", "body"], Any] = Field(default_factory=dict)
    """The request: `path`, `query`, `headers` and `body`."""
    answers: dict[str, Any] = Field(default_factory=dict)
    """What each step's source answered; a list of answers with `for_each`."""
    response: dict[str, Any] | None = None
    """The answer of the flow, where it is to be compared; fields that are not here may be anything."""


class FlowDeclaration(Declaration):
    """One endpoint."""

    name: FlowName
    """Its name, in logs, metrics and executions."""
    description: str | None = None
    """What it is for."""
    route: Route
    """Where it is served."""
    request: RequestDeclaration = RequestDeclaration()
    """What the caller gives."""
    steps: Annotated[dict[Name, Step], Field(min_length=1)]
    """The values, by name. What a step refers to is done before it; the rest is done at the same time."""
    response: Annotated[dict[str, Any], Field(min_length=1)]
    """The answer's document."""
    answer: Annotated[dict[str, Schema], Field(min_length=1)] | None = None
    """What the fields of the answer look like, where that is to be checked and described beyond what is known."""
    timeout: Seconds = 2.0
    """Time in which a request is answered."""
    keep_request: bool = False
    """Keep the requests with the executions, without what is to be redacted."""
    redact: tuple[str, ...] = ()
    """Names of fields that are left out of executions, beside passwords and the like."""
    examples: tuple[Example, ...] = ()
    """Requests with what is answered to them."""


FLOW_KEYS = frozenset(FlowDeclaration.model_fields)

SECTIONS = frozenset({"sources", "flows"})
"""What a file has beside or in place of one flow: sources, and a list of flows."""


def wire_name(field: str) -> str:
    """The name of a field of the notation as it is written."""
    return "as" if field == "item" else field
