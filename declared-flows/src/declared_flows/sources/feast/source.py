"""The kind `feast`."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from upstream_resilience.errors import BadUpstreamAnswer

from declared_flows.errors import UnusableParams
from declared_flows.notation.base import Place
from declared_flows.notation.schema import Schema
from declared_flows.sources.feast.options import FeastOptions, FeatureOperation, diagnose
from declared_flows.sources.feast.reply import Reading
from declared_flows.sources.feast.server import FeatureServer
from declared_flows.sources.http_calls import HttpCalls, read_from
from declared_flows.sources.params import complete
from declared_flows.sources.port import Answer, Call, OpenSource, Operation, Params, Signature, SourceContext

_LARGEST = 2**63 - 1


def utc_now() -> datetime:
    """The time by the clock of this machine."""
    return datetime.now(UTC)


class Feast:
    """Online features by entity.

    Args:
        now: a clock, for the age of features.
    """

    name = "feast"
    options = FeastOptions

    def __init__(self, now: Callable[[], datetime] = utc_now) -> None:
        self._now = now

    def diagnose(self, options: FeastOptions) -> Iterable[tuple[Place, str]]:
        """Entities and answers that don't go with the features."""
        return diagnose(options)

    def signatures(self, options: FeastOptions) -> Mapping[str, Signature]:
        """The entities, and the features by name."""
        return {name: _signature(operation) for name, operation in options.operations.items()}

    @asynccontextmanager
    async def open(self, name: str, options: FeastOptions, context: SourceContext) -> AsyncIterator[OpenSource]:  # noqa: ARG002  the port's
        """The feature server, not yet connected.

        Raises:
            UpstreamUnavailable: if a secret can't be sent in a header.
        """
        async with HttpCalls(context, options.max_concurrency, options.timeout) as calls:
            server = FeatureServer(calls, options, context)
            yield OpenFeast(
                server, {name: Features(server, asked, self._now) for name, asked in options.operations.items()}
            )


class OpenFeast:
    """A feature server whose pool is there."""

    def __init__(self, server: FeatureServer, operations: Mapping[str, "Features"]) -> None:
        self._server = server
        self._operations = operations

    @property
    def operations(self) -> Mapping[str, Operation]:
        """Its operations by name."""
        return self._operations

    async def verify(self) -> Sequence[str]:
        """Each name that the store does not know.

        Raises:
            UpstreamError: if the store does not answer.
        """
        asked = (self._server.diagnose(features.operation) for features in self._operations.values())
        found = zip(self._operations, await asyncio.gather(*asked), strict=True)
        return [f"operation `{name}`: {diagnostic}" for name, diagnostics in found for diagnostic in diagnostics]


class Features:
    """One operation at work.

    Args:
        server: the feature server.
        operation: what it retrieves.
        now: a clock.
    """

    def __init__(self, server: FeatureServer, operation: FeatureOperation, now: Callable[[], datetime]) -> None:
        self.operation = operation
        self._server = server
        self._reading = Reading(operation)
        self._now = now

    async def __call__(self, params: Params, call: Call) -> Answer:
        """The features of an entity, or of many.

        Raises:
            UpstreamUnavailable: if the store gives no answer.
            BadUpstreamAnswer: if the answer can't be used.
            UnusableParams: if there can be no such entity.
        """
        is_many = self.operation.rows == "many"
        given = complete(self.operation.entities, params)
        entities = self._columns(given) if is_many else {name: [value] for name, value in given.items()}
        rows = len(next(iter(entities.values())))
        if not rows:
            return Answer([], rows=0)
        _check(entities)
        reply = await self._server.ask(self.operation, entities, call)
        if not 200 <= reply.status < 300:
            # What the caller asks for may not be there; credentials that are refused are not the caller's.
            blames_rows = 400 <= reply.status < 500 and reply.status not in (401, 403, 407)
            raise BadUpstreamAnswer(f"it answered with status {reply.status}", blames_rows=blames_rows)
        now = self._now()
        records = await read_from(reply.body, lambda body: self._reading.records(body, rows, now))
        return Answer(records if is_many else records[0], rows=sum(record is not None for record in records))

    def _columns(self, given: Mapping[str, Any]) -> Mapping[str, list[Any]]:
        if not all(isinstance(values, list) for values in given.values()):
            raise UnusableParams("an entity is not a list")
        sizes = {len(values) for values in given.values()}
        if len(sizes) > 1:
            raise UnusableParams("the lists of the entities are not of the same length")
        if max(sizes) > self.operation.max_rows:
            raise UnusableParams(f"there are more than {self.operation.max_rows:,} entities")
        return given


def _check(entities: Mapping[str, Sequence[Any]]) -> None:
    """Feast answers what it can't take with status 500, and takes 1.5 and true for 1."""
    for name, values in entities.items():
        for value in values:
            if isinstance(value, bool) or not isinstance(value, str | int):
                raise UnusableParams(f"the entity `{name}` is neither a string nor an integer")
            if isinstance(value, int) and not -_LARGEST <= value <= _LARGEST:
                raise UnusableParams(f"the entity `{name}` is beyond 64 bits")


def _signature(operation: FeatureOperation) -> Signature:
    if operation.rows == "one":
        return Signature(operation.entities, operation.record)
    parameters = {name: Schema(type="array", items=schema) for name, schema in operation.entities.items()}
    record = operation.record.model_copy(update={"nullable": True}) if operation.record else None
    return Signature(parameters, Schema(type="array", items=record))
