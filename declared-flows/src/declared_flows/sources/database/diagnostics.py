"""What can be wrong with the declaration of a database, found without one."""

from collections.abc import Iterator

from declared_flows.notation.base import Place
from declared_flows.notation.suggestions import join_names, suggest
from declared_flows.sources.database.address import (
    UnusableAddress,
    address_of,
    dialect_of,
    shows_a_password,
)
from declared_flows.sources.database.options import DatabaseOptions, SqlOperation
from declared_flows.sources.database.sql_text import READING, WRITING, SqlText

type Finding = tuple[Place, str]


def diagnose(options: DatabaseOptions) -> Iterator[Finding]:
    """All of them: where in the declaration, and what is right."""
    yield from _of_address(options)
    for name, operation in options.operations.items():
        yield from _of_operation(("operations", name), operation)


def _of_address(options: DatabaseOptions) -> Iterator[Finding]:
    if isinstance(options.password, str):
        yield ("password",), "a password does not stand in a file: say `password: {secret: its_name}`"
    if not isinstance(options.url, str):
        return
    try:
        url = address_of(options.url)
    except UnusableAddress as error:
        yield ("url",), str(error)
        return
    if shows_a_password(url):
        yield ("url",), "a password does not stand in a file: leave it out and say `password: {secret: its_name}`"
    if dialect_of(url) == "sqlite" and (options.user or options.password):
        yield ("user" if options.user else "password",), "SQLite has no users: leave it out"
    if url.username and options.user:
        yield ("user",), "there is a user in `url`, too: leave out the one or the other"


def _of_operation(place: Place, operation: SqlOperation) -> Iterator[Finding]:
    sql = SqlText(operation.sql)
    at_sql = (*place, "sql")
    if len(sql.statements) != 1:
        yield at_sql, f"an operation is one statement, and these are {len(sql.statements)}: make each its own operation"
    else:
        yield from ((at_sql, sentence) for sentence in _of_kind(sql, writes=operation.write))
    for bind in sql.binds:
        if bind not in operation.params:
            yield at_sql, f"`:{bind}` is not among `params`: declare it there{suggest(bind, operation.params)}"
    for name in operation.params:
        if name not in sql.binds:
            yield (*place, "params", name), f"the statement has no `:{name}`: leave it out{suggest(name, sql.binds)}"


def _of_kind(sql: SqlText, *, writes: bool) -> Iterator[str]:
    if sql.first_word not in WRITING:
        known = join_names(WRITING)
        yield f"a statement that begins with `{sql.first_word}` does not fit an operation: begin it with one of {known}"
    elif not writes and not sql.reads:
        word = f"`{sql.first_word}`" if sql.first_word not in READING else "one below `with`"
        yield f"the statement writes ({word}): say `write: true`"
