"""The server: connections, routes, and the control route that sets its behaviour."""

import asyncio
import json
import time
from types import TracebackType
from typing import Any, Self

from pydantic import ValidationError

from housing_price_bench.programmable_model import delivery, prices
from housing_price_bench.programmable_model.behaviour import OK, Behaviour, Script
from housing_price_bench.programmable_model.capacity import Capacity
from housing_price_bench.programmable_model.http import NotHttp, Request, read_request
from housing_price_bench.programmable_model.responses import (
    MODEL_MILLISECONDS,
    Response,
    choose_response,
    make_json_response,
)
from housing_price_bench.programmable_model.stats import Stats

CONTROL = "/behaviour"


class ProgrammableModel:
    """A model server on loopback; it serves inside its ``async with`` block.

    Args:
        port: the port; 0 for any free one.
        version: the version of its model; None for a server that does not name its model, as MLflow's own.
        gives_records: return records and respect parameters, or return only numbers.
        seconds_a_call: how long the model computes for a call; with ``at_once``, its capacity.
        at_once: how many calls the model computes at the same time; the others queue.
        behaviour: how it behaves at first.
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
        self.stats = Stats()
        self._version = version
        self._gives_records = gives_records
        self._capacity = Capacity(seconds_a_call, at_once, time.monotonic)
        self._script = Script(behaviour, time.monotonic)
        self._connections: set[asyncio.Task[None]] = set()
        self._identity = {"x-model-name": prices.NAME, "x-model-version": version} if version else {}

    @property
    def url(self) -> str:
        """The address of the server."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def behaviour(self) -> Behaviour:
        """How it behaves. Setting it restarts its counts, draws and times."""
        return self._script.behaviour

    @behaviour.setter
    def behaviour(self, behaviour: Behaviour) -> None:
        self._script = Script(behaviour, time.monotonic)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, backlog=1024)
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

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.create_task(self._serve_connection(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _serve_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.stats.count_connection()
        try:
            if self._script.choose_for_connection() == "half_open":
                await delivery.ignore_input(writer)
            while await self._answer_next(reader, writer):
                pass
        except (NotHttp, OSError):
            pass  # the caller has disconnected, or does not speak HTTP
        finally:
            self.stats.count_disconnection()
            writer.close()

    async def _answer_next(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        request = await read_request(reader)
        if request is None:
            return False
        if request.path == CONTROL:
            return (
                await delivery.deliver("ok", OK, self._handle_control(request), reader, writer) and request.keeps_alive
            )
        self.stats.count_request(request.path, time.monotonic())
        try:
            kind, behaviour = self._script.choose_for_request(request.path), self.behaviour
            response = choose_response(kind, behaviour, request.body, await self._make_good_response(request))
            is_usable = await delivery.deliver(kind, behaviour, response, reader, writer)
        finally:
            self.stats.count_end()
        return is_usable and request.keeps_alive

    async def _make_good_response(self, request: Request) -> Response:
        match request.method, request.path:
            case "POST", "/invocations":
                return await self._predict(request.body)
            case "GET", "/ping":
                return Response(200, b"\n", fields=self._identity)
            case "GET", "/model" if self._version:
                return make_json_response(prices.describe_model(self._version), fields=self._identity)
        return make_json_response({"detail": "Not Found"}, 404)

    async def _predict(self, body: bytes) -> Response:
        try:
            document = json.loads(body)
            rows = prices.read_rows(document)
        except ValueError as error:
            return make_json_response({"error_code": "BAD_REQUEST", "message": str(error)}, 400)
        self.stats.rows += len(rows)
        await self._capacity.work()
        outputs = self._make_outputs(rows, document.get("params", {}))
        timing = {"server-timing": f"model;dur={MODEL_MILLISECONDS}"} if self._version else {}
        return make_json_response({"predictions": outputs}, fields=self._identity | timing)

    def _make_outputs(self, rows: list[list[Any]], params: dict[str, Any]) -> list[Any]:
        return [prices.make_record(row, **params) if self._gives_records else prices.price_row(row) for row in rows]

    def _handle_control(self, request: Request) -> Response:
        if request.method == "PUT":
            try:
                self.behaviour = Behaviour.model_validate_json(request.body)
            except ValidationError as error:
                return make_json_response({"detail": error.errors(include_url=False, include_context=False)}, 422)
        return make_json_response({"behaviour": self.behaviour.model_dump(), "saw": self.stats.to_json()})
