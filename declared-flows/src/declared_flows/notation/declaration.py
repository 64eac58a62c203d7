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
    """The path, with `{name}` for each parameter."""
    summary: str | None = None
    """What it returns, in a few words."""
    tags: tuple[str, ...] = ("flows",)
    """The headings that list it in the API's description."""


class RequestDeclaration(Declaration):
    """What the caller sends: `$request.path.…`, `$request.query.…`, `$request.headers.…` and `$request.body`."""

    path: dict[Name, Schema] = Field(default_factory=dict)
    """The parameters of the path."""
    query: dict[Name, Schema] = Field(default_factory=dict)
    """The parameters of the query. A list may be repeated."""
    headers: dict[Name, Schema] = Field(default_factory=dict)
    """Headers, with `_` for `-`."""
    body: Schema | None = None
    """The JSON body. Without it, the flow takes no body."""


class Step(Declaration):
    """One value of the flow, taken from a source or computed from other values."""

    source: str | None = None
    """The source to call; none if the step has a `value`."""
    operation: str | None = None
    """The operation of the source; required unless it has only one."""
    params: dict[str, Any] = Field(default_factory=dict)
    """The parameters of the operation, by name."""
    value: Any = None
    """The value itself, instead of a source."""
    description: str | None = None
    """What it is."""
    when: Any = None
    """Run the step only if this is true, or is not a boolean and not null. Otherwise its value is `default`."""
    for_each: Any = None
    """A list. The step runs for each item, and its value is the list of results."""
    item: Annotated[str, Field(pattern=NAME, alias="as")] = "item"
    """The name of the item in `params`, with `for_each`."""
    concurrency: PositiveInt = 8
    """Maximum number of items that run concurrently."""
    max_items: PositiveInt = 1000
    """Maximum number of items. Whoever supplied a longer list gets the error."""
    timeout: Seconds | None = None
    """The time limit of a call; defaults to that of the source."""
    attempts: PositiveInt | None = None
    """Maximum number of attempts at a call; defaults to that of the source. A call that writes has one."""
    cache: Seconds | None = None
    """How long a response to the same parameters stays cached."""
    optional: bool = False
    """If the step fails, its value is `default`, and the response says `degraded`."""
    default: Any = None
    """The value if the step is skipped, fails or finds nothing."""
    not_found: Literal[404] | None = None
    """Return 404 if the source finds nothing. Otherwise the value is `default`."""

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
    """A request, the responses of the sources to it, and the response of the flow. A dry run checks it whenever the
    flow loads."""

    request: dict[Literal["path", "query", "headers", "body"], Any] = Field(default_factory=dict)
    """The request: `path`, `query`, `headers` and `body`."""
    answers: dict[str, Any] = Field(default_factory=dict)
    """The response of each step's source; a list of responses with `for_each`."""
    response: dict[str, Any] | None = None
    """The expected response of the flow. Fields that are missing here may be anything."""


class FlowDeclaration(Declaration):
    """One endpoint."""

    name: FlowName
    """Its name, in logs, metrics and executions."""
    description: str | None = None
    """What it is for."""
    route: Route
    """Where it is served."""
    request: RequestDeclaration = RequestDeclaration()
    """What the caller sends."""
    steps: Annotated[dict[Name, Step], Field(min_length=1)]
    """The values, by name. A step runs after the steps that it refers to, and concurrently with the others."""
    response: Annotated[dict[str, Any], Field(min_length=1)]
    """The document to return."""
    answer: Annotated[dict[str, Schema], Field(min_length=1)] | None = None
    """The schema of the response's fields, to check and describe them beyond what is known."""
    timeout: Seconds = 2.0
    """The deadline of a request."""
    keep_request: bool = False
    """Store the request with each execution, redacted."""
    redact: tuple[str, ...] = ()
    """Names of fields to leave out of executions, beside passwords and the like."""
    examples: tuple[Example, ...] = ()
    """Requests with the responses to them."""


FLOW_KEYS = frozenset(FlowDeclaration.model_fields)

SECTIONS = frozenset({"sources", "flows"})
"""What a file has beside or in place of one flow: sources, and a list of flows."""


def wire_name(field: str) -> str:
    """The name of a field of the notation as it is written."""
    return "as" if field == "item" else field
