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
    """The statement; `:name` stands for the value of a parameter, which is bound, never written into the text."""
    params: Annotated[dict[str, Schema], Field(default_factory=dict)]
    """Its parameters by name. In SQLite a list or an object is bound as JSON text (for `json_each`), in PostgreSQL a
    list as an array (for `= any(:names)`) and an object as `jsonb`."""
    returns: Returns = "one"
    """`one` row as an object, or nothing where there is none; `many` rows as a list; or one `value`, the first column
    of one row. A statement without rows, such as an update, gives `{changed: 3}`, or nothing where nothing changed."""
    max_rows: PositiveInt = 1000
    """More rows than that, where it returns many, are an error."""
    write: bool = False
    """Whether it may change something. It runs in a transaction then, which is committed after it."""
    description: str | None = None
    """What it is for, for people."""
    answer: AnswerSchema | None = None
    """What it answers: the columns of a row (each row, where it returns many), or what the value looks like."""


class DatabaseOptions(SourceOptions):
    """An SQLite file or a PostgreSQL database, read-only but for operations that say otherwise."""

    kind: Literal["database"]
    """A database."""
    url: Annotated[Text, Field(examples=["sqlite:///houses.db", "postgresql://database:5432/houses"])]
    """Where it is: an SQLite file, relative to the folder of the flows, or a PostgreSQL server. It holds no password,
    unless it is a secret as a whole."""
    user: str | None = None
    """The user of PostgreSQL."""
    password: Text | None = None
    """The user's password: a secret."""
    operations: Annotated[dict[str, SqlOperation], Field(min_length=1)]
    """What can be asked of it, by name."""
