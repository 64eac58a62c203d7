"""The kind `database`."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from housing_price_orchestrator.errors import UpstreamUnavailable
from housing_price_orchestrator.flow.ports import OpenSource, Operation, Place, Signature, SourceContext
from housing_price_orchestrator.flow.schema import Schema
from housing_price_orchestrator.provider.sources.database.address import UnusableAddress, address_of, dialect_of
from housing_price_orchestrator.provider.sources.database.calls import Calls
from housing_price_orchestrator.provider.sources.database.driver import Driver
from housing_price_orchestrator.provider.sources.database.mistakes import mistakes_of
from housing_price_orchestrator.provider.sources.database.options import DatabaseOptions, SqlOperation
from housing_price_orchestrator.provider.sources.database.postgres import Postgres
from housing_price_orchestrator.provider.sources.database.sqlite import Sqlite
from housing_price_orchestrator.provider.sources.database.statements import Statement


class Database:
    """SQL statements by name."""

    name = "database"
    options = DatabaseOptions

    def mistakes(self, options: DatabaseOptions) -> Iterable[tuple[Place, str]]:
        """What is wrong with statements, parameters and the address."""
        return mistakes_of(options)

    def signatures(self, options: DatabaseOptions) -> Mapping[str, Signature]:
        """The parameters and answers that are declared."""
        return {name: _signature(operation) for name, operation in options.operations.items()}

    @asynccontextmanager
    async def opened(
        self,
        name: str,  # noqa: ARG002  the port's
        options: DatabaseOptions,
        context: SourceContext,
    ) -> AsyncIterator[OpenSource]:
        """The database, not yet connected.

        Raises:
            UpstreamUnavailable: if a secret that is its address is none.
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
                [name for name, operation in options.operations.items() if not operation.write],
            )


def driver_of(options: DatabaseOptions, context: SourceContext) -> Driver:
    """The database that is declared.

    Raises:
        UpstreamUnavailable: if a secret that is its address is none.
    """
    try:
        url = address_of(context.text(options.url))
    except UnusableAddress as error:
        raise UpstreamUnavailable(f"its address can't be used: {error}") from error
    if dialect_of(url) == "sqlite":
        return Sqlite(context.folder / str(url.database), options)
    return Postgres(url, options, context.text(options.password) if options.password else None)


class OpenDatabase:
    """A database whose pools are there.

    Args:
        statements: its operations.
        reading: the names of those that change nothing.
    """

    def __init__(self, statements: Mapping[str, Statement], reading: Sequence[str]) -> None:
        self._statements = statements
        self._reading = reading

    @property
    def operations(self) -> Mapping[str, Operation]:
        """Its operations by name."""
        return self._statements

    async def verify(self) -> Sequence[str]:
        """Each reading statement that the database would refuse, with what it says.

        Raises:
            UpstreamUnavailable: if the database does not answer.
        """
        found = {name: await self._statements[name].refusal() for name in self._reading}
        return [f"operation `{name}` is refused by the database: {said}" for name, said in found.items() if said]


def _signature(operation: SqlOperation) -> Signature:
    answer = operation.answer
    if answer and operation.returns == "many":
        answer = Schema(type="array", items=answer)
    return Signature(operation.params, answer, operation.write)
