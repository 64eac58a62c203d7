"""`POST /invocations`: takes a table of houses and returns prices, computed outside the event loop."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

from house_record import Record
from pydantic_core import to_json
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from housing_price_model.inference import CompiledModel, Output, RowError
from housing_price_model.serving.advice import explain_rows
from housing_price_model.serving.bodies import BodyReader
from housing_price_model.serving.compute import ComputeThread, Steps
from housing_price_model.serving.refusals import MAX_ROWS_WITH_LARGE_ANSWERS, Refusal, TooManyLargeAnswers
from housing_price_model.serving.tables import read_table

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

SLICE_ROWS = 128
"""A single row that arrives meanwhile waits for one slice, about five milliseconds."""

LARGE_ANSWERS_SLICE_ROWS = 8
"""The same for rows that take a millisecond or more: explanations, comparable sales."""


@dataclass(frozen=True, slots=True)
class Priced:
    """Prices as JSON, the number of rows, and the seconds of encoding and predicting."""

    content: bytes
    rows: int
    seconds: float


class Invocations:
    """The endpoint as an ASGI application. ``observe`` receives everything that was priced."""

    def __init__(
        self, model: CompiledModel, record: Record, compute: ComputeThread, observe: Callable[[Priced], None]
    ) -> None:
        self._model = model
        self._record = record
        self._compute = compute
        self._observe = observe
        self._bodies = BodyReader()

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        request = Request(scope, receive)
        # A client that has disconnected gets no response.
        with suppress(ClientDisconnect):
            try:
                priced = await self._priced(request, await self._bodies.read(request))
            except Refusal as refusal:
                await refusal.response()(scope, receive, send)
                return
            self._observe(priced)
            await _response(priced)(scope, receive, send)

    async def _priced(self, request: Request, body: bytes) -> Priced:
        steps = pricing(self._model, self._record, body, request.headers.get("content-type", ""))
        computed = self._compute.run(steps, size_bytes=len(body))
        return await (_while_connected(request, computed) if self._compute.is_long(len(body)) else computed)


def pricing(model: CompiledModel, record: Record, body: bytes, content_type: str) -> Steps[Priced]:
    """Yield between the steps from a body to prices.

    Raises:
        Refusal: if the body is not a table that the model accepts.
    """
    try:
        rows, params = read_table(body, content_type, model.columns, model.types.number_columns, record)
        if params.has_large_answers and len(rows) > MAX_ROWS_WITH_LARGE_ANSWERS:
            raise TooManyLargeAnswers
        outputs: list[Output] = []
        seconds = 0.0
        size = LARGE_ANSWERS_SLICE_ROWS if params.has_large_answers else SLICE_ROWS
        for start in range(0, len(rows), size):
            # Many rows also yield before the first slice, because their number is known only now.
            if len(rows) > size:
                yield
            began = perf_counter()
            checked = model.types.check(rows[start : start + size], first=start)
            outputs += model.answer(checked, params)
            seconds += perf_counter() - began
    except RowError as error:
        raise Refusal(explain_rows(error, record)) from None
    return Priced(to_json({"predictions": outputs}), len(rows), seconds)


async def _while_connected[T](request: Request, computed: Coroutine[Any, Any, T]) -> T:
    """Return the result of long work, and cancel it when the client disconnects."""
    work, gone = asyncio.ensure_future(computed), asyncio.ensure_future(request.receive())
    try:
        await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            raise ClientDisconnect
        return work.result()
    finally:
        work.cancel()
        gone.cancel()


def _response(priced: Priced) -> Response:
    timing = f"model;dur={priced.seconds * 1000:.3f}"
    return Response(priced.content, media_type="application/json", headers={"Server-Timing": timing})
