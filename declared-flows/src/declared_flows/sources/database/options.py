"""How a database is declared."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from declared_flows.notation.base import Declaration, Text
from declared_flows.notation.schema import Schema
from declared_flows.sources.answer_schema import AnswerSchema
from declared_flows.sources.port import SourceOptions

type Returns = Literal["one", "many", "value"]


class SqlOperation(Declaration):
    """One SQL statement."""

    sql: Annotated[str, Field(min_length=1, examples=["select * from houses where parcel = :parcel_id"])]
    """The statement. `:name` stands for the value of a parameter, which is bound, never inserted as text."""
    params: Annotated[dict[str, Schema], Field(default_factory=dict)]
    """The parameters, by name. SQLite binds a list or an object as JSON text (for `json_each`). PostgreSQL binds a list
    as an array (for `= any(:names)`) and an object as `jsonb`."""
    returns: Returns = "one"
    """`one` row as an object, or nothing if there is none; `many` rows as a list; or one `value`, the first column of
    one row. A statement without rows, such as an update, returns `{changed: 3}`, or nothing if nothing changed."""
    max_rows: PositiveInt = 1000
    """Maximum number of rows with `many`. More are an error."""
    write: bool = False
    """Whether it may change something. It then runs in a transaction of its own, which is committed at the end."""
    description: str | None = None
    """What it is for."""
    answer: AnswerSchema | None = None
    """The columns of a row (of each row with `many`), or the schema of the value."""


class DatabaseOptions(SourceOptions):
    """An SQLite file or a PostgreSQL database; read-only, except for operations with `write`."""

    kind: Literal["database"]
    """A database."""
    url: Annotated[Text, Field(examples=["sqlite:///houses.db", "postgresql://database:5432/houses"])]
    """An SQLite file, relative to the folder of the flows, or a PostgreSQL server. It must not contain a password,
    unless all of it is a secret."""
    user: str | None = None
    """The user of PostgreSQL."""
    password: Text | None = None
    """The user's password: a secret."""
    operations: Annotated[dict[str, SqlOperation], Field(min_length=1)]
    """The operations, by name."""
