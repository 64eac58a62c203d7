"""The server itself: connections in, routes, and the control route by which it is told how to behave."""

import asyncio
import json
import time
from types import TracebackType
from typing import Any, Self

from pydantic import ValidationError

from housing_price_bench.programmable_model import delivery, prices
from housing_price_bench.programmable_model.account import Account
from housing_price_bench.programmable_model.answers import MODEL_MILLISECONDS, Answer, bad_answer, json_answer
from housing_price_bench.programmable_model.behaviour import OK, Behaviour, Script
from housing_price_bench.programmable_model.capacity import Capacity
from housing_price_bench.programmable_model.http import Call, NotHttp, read_call

CONTROL = "/behaviour"


class ProgrammableModel:
    """A model server on loopback; open while its ``async with`` lasts.

    Args:
        port: where it listens; 0 for any free port.
        version: the version that it says it is; None for a server that does not say who it is.
        gives_records: whether it answers with records and heeds parameters, or with numbers alone.
        seconds_a_call: how long the model computes; with ``at_once``, its capacity.
        at_once: how many calls it computes at the same time; the others queue.
        behaviour: how it behaves at the start.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        version: str | None = "3",
        gives_records: bool = False,
        seconds_a_call: float = 0.0,
        at_once: int = 1,
        behaviour: Behaviour = OK,
    ) -> None:
        self.port = port
        self.account = Account()
        self._version = version
        self._gives_records = gives_records
        self._capacity = Capacity(seconds_a_call, at_once, time.monotonic)
        self._script = Script(behaviour, time.monotonic)
        self._connections: set[asyncio.Task[None]] = set()
        self._identity = {"x-model-name": prices.NAME, "x-model-version": version} if version else {}

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def behaviour(self) -> Behaviour:
        """How it behaves. Setting it begins anew: counts, draws and times."""
        return self._script.behaviour

    @behaviour.setter
    def behaviour(self, behaviour: Behaviour) -> None:
        self._script = Script(behaviour, time.monotonic)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def serve_forever(self) -> None:
        """Serve until cancelled."""
        await self._server.serve_forever()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.create_task(self._converse(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.account.connected()
        try:
            if self._script.for_connection() == "half_open":
                await delivery.never_read(writer)
            while await self._answer_next(reader, writer):
                pass
        except (NotHttp, OSError):
            pass  # the caller has gone, or speaks something else
        finally:
            self.account.disconnected()
            writer.close()

    async def _answer_next(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        call = await read_call(reader)
        if call is None:
            return False
        if call.path == CONTROL:
            return await delivery.deliver("ok", OK, self._control(call), reader, writer) and call.keeps_alive
        self.account.begun(call.path, time.monotonic())
        try:
            kind, behaviour = self._script.for_call(call.path), self.behaviour
            answer = bad_answer(kind, behaviour, call.body, await self._good_answer(call))
            is_usable = await delivery.deliver(kind, behaviour, answer, reader, writer)
        finally:
            self.account.ended()
        return is_usable and call.keeps_alive

    async def _good_answer(self, call: Call) -> Answer:
        match call.method, call.path:
            case "POST", "/invocations":
                return await self._invocations(call.body)
            case "GET", "/ping":
                return Answer(200, b"\n", fields=self._identity)
            case "GET", "/model" if self._version:
                return json_answer(prices.details(self._version), fields=self._identity)
        return json_answer({"detail": "Not Found"}, 404)

    async def _invocations(self, body: bytes) -> Answer:
        try:
            document = json.loads(body)
            rows = prices.rows_of(document)
        except ValueError as error:
            return json_answer({"error_code": "BAD_REQUEST", "message": str(error)}, 400)
        self.account.rows += len(rows)
        await self._capacity.work()
        outputs = self._outputs(rows, document.get("params", {}))
        timing = {"server-timing": f"model;dur={MODEL_MILLISECONDS}"} if self._version else {}
        return json_answer({"predictions": outputs}, fields=self._identity | timing)

    def _outputs(self, rows: list[list[Any]], params: dict[str, Any]) -> list[Any]:
        return [prices.record_of(row, **params) if self._gives_records else prices.price_of(row) for row in rows]

    def _control(self, call: Call) -> Answer:
        if call.method == "PUT":
            try:
                self.behaviour = Behaviour.model_validate_json(call.body)
            except ValidationError as error:
                return json_answer({"detail": error.errors(include_url=False, include_context=False)}, 422)
        return json_answer({"behaviour": self.behaviour.model_dump(), "saw": self.account.document()})
