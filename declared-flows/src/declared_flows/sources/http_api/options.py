"""How an HTTP service is declared."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from declared_flows.notation.base import Declaration, Text
from declared_flows.notation.schema import Schema
from declared_flows.sources.answer_schema import AnswerSchema
from declared_flows.sources.port import SourceOptions

type Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
type Scalar = str | int | float | bool | None


class Basic(Declaration):
    """A user and a password (RFC 7617)."""

    user: Text
    """The user."""
    password: Text
    """The password: a secret."""


class Named(Declaration):
    """A key with a name of its own."""

    name: Annotated[str, Field(min_length=1, examples=["X-API-Key"])]
    """The name of the header, or in the query."""
    value: Text
    """The key: a secret."""


class Authentication(Declaration):
    """How to authenticate: one of these."""

    bearer: Text | None = None
    """A token in the header `Authorization` (RFC 6750)."""
    basic: Basic | None = None
    """A user and a password."""
    header: Named | None = None
    """A key in a header."""
    query: Named | None = None
    """A key in the query. Servers write it to their logs, so prefer a header."""

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("say one of `bearer`, `basic`, `header`, `query`")
        return self


class HttpOperation(Declaration):
    """One call. `{name}` in a text stands for the value of a parameter, `{{name}}` for that text itself. A text that is
    only `{name}` takes the value as it is: a number stays a number, a list in the query is repeated, and null leaves
    the query parameter out."""

    method: Method = "GET"
    """The HTTP method."""
    path: Annotated[str, Field(pattern="^/", examples=["/areas/{area}/index"])]
    """The path below the source's `url`. Values are percent-encoded, so none can add a segment or a query."""
    query: Annotated[dict[str, Scalar | list[Scalar]], Field(default_factory=dict)]
    """The query parameters, by name."""
    headers: Annotated[dict[str, str], Field(default_factory=dict)]
    """Headers beside those of the source."""
    body: Any = None
    """The JSON body to send."""
    params: Annotated[dict[str, Schema], Field(default_factory=dict)]
    """The parameters, by name."""
    pick: Annotated[str | None, Field(examples=["data.items[0]"])] = None
    """The part of the response to take (JMESPath, https://jmespath.org); defaults to all of it."""
    not_found: Annotated[list[Annotated[int, Field(ge=400, le=499)]], Field(default_factory=lambda: [404])]
    """The statuses that mean that nothing was found."""
    idempotent: bool = False
    """Whether a second identical call changes nothing more, so that it may be retried. A GET always may."""
    description: str | None = None
    """What it is for."""
    answer: AnswerSchema | None = None
    """The schema of the response, after `pick`."""

    @property
    def writes(self) -> bool:
        """Whether it is made once."""
        return self.method != "GET" and not self.idempotent


class HttpApiOptions(SourceOptions):
    """An HTTP service that returns JSON."""

    kind: Literal["api"]
    """An HTTP service."""
    url: Annotated[Text, Field(examples=["http://market:9101", "https://api.example.org/v1"])]
    """The address that the paths of the operations are appended to. No value of a request can change the host."""
    auth: Authentication | None = None
    """How to authenticate."""
    headers: Annotated[dict[str, Text], Field(default_factory=dict)]
    """Headers of every call."""
    operations: Annotated[dict[str, HttpOperation], Field(min_length=1)]
    """The operations, by name."""
