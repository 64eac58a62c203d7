"""The kind `database`."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from upstream_resilience.errors import UpstreamUnavailable

from declared_flows.notation.base import Place
from declared_flows.notation.schema import Schema
from declared_flows.sources.database.address import UnusableAddress, address_of, dialect_of
from declared_flows.sources.database.calls import Calls
from declared_flows.sources.database.diagnostics import diagnose
from declared_flows.sources.database.driver import Driver
from declared_flows.sources.database.options import DatabaseOptions, SqlOperation
from declared_flows.sources.database.postgres import Postgres
from declared_flows.sources.database.sqlite import Sqlite
from declared_flows.sources.database.statements import Statement
from declared_flows.sources.database.translation import NAME, reason_of
from declared_flows.sources.port import OpenSource, Operation, Signature, SourceContext


class Database:
    """SQL statements by name."""

    name = "database"
    options = DatabaseOptions

    def diagnose(self, options: DatabaseOptions) -> Iterable[tuple[Place, str]]:
        """Yield what is wrong with statements, parameters and the address."""
        return diagnose(options)

    def signatures(self, options: DatabaseOptions) -> Mapping[str, Signature]:
        """Return the declared parameters and answers."""
        return {name: _signature(operation) for name, operation in options.operations.items()}

    @asynccontextmanager
    async def open(
        self,
        name: str,  # noqa: ARG002  the port's
        options: DatabaseOptions,
        context: SourceContext,
    ) -> AsyncIterator[OpenSource]:
        """Open the database, without a connection yet.

        Raises:
            UpstreamUnavailable: if its address is a secret with an invalid value.
        """
        driver = driver_of(options, context)
        async with AsyncExitStack() as stack:
            calls = {}
            for writable in {operation.write for operation in options.operations.values()}:
                calls[writable] = Calls(driver, writable=writable)
                stack.push_async_callback(calls[writable].aclose)
            yield OpenDatabase(
                {
                    name: Statement(operation, driver, calls[operation.write])
                    for name, operation in options.operations.items()
                },
                _passwords(options, context),
            )


def driver_of(options: DatabaseOptions, context: SourceContext) -> Driver:
    """Return the driver of the declared database.

    Raises:
        UpstreamUnavailable: if its address is a secret with an invalid value.
    """
    try:
        url = address_of(context.text(options.url))
    except UnusableAddress as error:
        raise UpstreamUnavailable(f"its address can't be used: {error}", upstream=NAME) from error
    if dialect_of(url) == "sqlite":
        return Sqlite(context.folder / str(url.database), options, context.max_answer_bytes)
    password = context.text(options.password) if options.password else None
    return Postgres(url, options, password, context.max_answer_bytes)


class OpenDatabase:
    """A database whose pools are there.

    Args:
        statements: its operations.
        passwords: what no sentence of the database may repeat.
    """

    def __init__(self, statements: Mapping[str, Statement], passwords: Sequence[str]) -> None:
        self._statements = statements
        self._passwords = passwords

    @property
    def operations(self) -> Mapping[str, Operation]:
        """Its operations by name."""
        return self._statements

    async def verify(self) -> Sequence[str]:
        """Return each statement that the database would refuse, with its reason; none is run.

        Raises:
            UpstreamUnavailable: if the database does not answer, with its own sentence for the people who declared it.
        """
        try:
            found = {name: await statement.refusal() for name, statement in self._statements.items()}
        except UpstreamUnavailable as error:
            said = reason_of(error.__cause__, *self._passwords)
            reason = f"{error.reason} ({said})" if said else error.reason
            raise UpstreamUnavailable(reason, error.cause, upstream=NAME) from error
        return [f"operation `{name}` is refused by the database: {said}" for name, said in found.items() if said]


def _passwords(options: DatabaseOptions, context: SourceContext) -> Sequence[str]:
    declared = context.text(options.password) if options.password else None
    url = address_of(context.text(options.url))
    return [password for password in (declared, url.password, *_listed(url.query.get("password"))) if password]


def _listed(value: str | Sequence[str] | None) -> Sequence[str]:
    return [value] if isinstance(value, str) else value or []


def _signature(operation: SqlOperation) -> Signature:
    answer = operation.answer
    if answer and operation.returns == "many":
        answer = Schema(type="array", items=answer)
    return Signature(operation.params, answer, operation.write)
