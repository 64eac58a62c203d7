"""One operation of a database: its statement, ready to run, and what its rows are as an answer."""

from collections.abc import Mapping, Sequence
from typing import Any

from upstream_resilience.errors import BadUpstreamAnswer

from declared_flows.notation.schema import Schema
from declared_flows.sources.database.calls import Calls
from declared_flows.sources.database.driver import Driver, Rows
from declared_flows.sources.database.options import SqlOperation
from declared_flows.sources.database.sql_text import SqlText
from declared_flows.sources.database.translation import reason_of, translate_errors
from declared_flows.sources.database.values import NoJson, fit, to_plain
from declared_flows.sources.params import complete
from declared_flows.sources.port import Answer, Call, Params

_PLAN_LINES = 1000


class Statement:
    """One operation of an open database.

    Args:
        operation: as declared.
        driver: the database.
        calls: where it runs.
    """

    def __init__(self, operation: SqlOperation, driver: Driver, calls: Calls) -> None:
        self._operation = operation
        self._driver = driver
        self._calls = calls
        self._sql = driver.text(SqlText(operation.sql))
        self._columns = _columns(operation)
        self._can_be_planned = SqlText(operation.sql).first_word != "call"
        self._most = operation.max_rows if operation.returns == "many" else 1

    async def __call__(self, params: Params, call: Call) -> Answer:  # noqa: ARG002  the port's
        """Run the statement with these parameters.

        Raises:
            UpstreamUnavailable: if the database gave no answer.
            BadUpstreamAnswer: if it refused the statement, or returned values that JSON lacks.
            UnusableParams: if it does not take the values.
        """
        given = complete(self._operation.params, params)
        bound = {name: self._driver.bind(name, value) for name, value in given.items()}
        with translate_errors():
            return await self._calls.run(lambda connection: self._run(connection, bound))

    async def _run(self, connection: Any, bound: Mapping[str, Any]) -> Answer:
        """Run within the transaction, so that a write without a usable answer is rolled back."""
        run = self._driver.write if self._operation.write else self._driver.read
        # One more row than there may be shows that there are too many; none beyond it is read.
        found = await run(connection, self._sql, bound, self._most + 1)
        if len(found.rows) > self._most:
            raise BadUpstreamAnswer(f"it gives more than {self._most:,} row{'s' if self._most > 1 else ''}")
        return self._answer(found)

    def _answer(self, found: Rows) -> Answer:
        if found.changed is not None:
            return Answer({"changed": found.changed} if found.changed else None, found.changed)
        if len(set(found.columns)) < len(found.columns):
            raise BadUpstreamAnswer("it gives several columns of the same name: name them with `as`")
        match self._operation.returns:
            case "many":
                return Answer([self._record(found.columns, row) for row in found.rows], len(found.rows))
            case "one":
                return Answer(self._record(found.columns, found.rows[0]) if found.rows else None, len(found.rows))
            case "value":
                name, schema = found.columns[0], self._operation.answer
                return Answer(_value(name, found.rows[0][0], schema) if found.rows else None, len(found.rows))

    def _record(self, columns: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
        return {name: _value(name, value, self._columns.get(name)) for name, value in zip(columns, row, strict=True)}

    async def refusal(self) -> str | None:
        """What the database has against the statement when it is asked to plan it; None where it would run it.

        Raises:
            UpstreamUnavailable: if the database does not answer.
        """
        if not self._can_be_planned:
            return None
        nulls = dict.fromkeys(self._operation.params)
        try:
            with translate_errors():
                await self._calls.run(
                    lambda raw: self._driver.read(raw, f"EXPLAIN {self._sql}", nulls, _PLAN_LINES), is_kept=False
                )
        except BadUpstreamAnswer as error:
            return reason_of(error.__cause__) or error.reason
        return None


def _columns(operation: SqlOperation) -> Mapping[str, Schema]:
    return (operation.answer.fields if operation.answer else None) or {}


def _value(name: str, value: Any, schema: Schema | None) -> Any:
    try:
        return fit(to_plain(value), schema)
    except NoJson as error:
        raise BadUpstreamAnswer(f"column `{name}` has a value {error}, which JSON has not") from error
