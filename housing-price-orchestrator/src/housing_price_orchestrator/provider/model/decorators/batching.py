"""Merges requests that arrive while the model is busy into one call, since a call costs more than its rows.

A request that finds no call in flight goes at once. What arrives in one turn of the event loop, or during a call, goes
together in the next one; beside the first go full calls, and others when it is slow.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence

from house_record import Value
from upstream_resilience.errors import BadUpstreamAnswer, Overloaded
from upstream_resilience.events import OnEvent, ignore
from upstream_resilience.ports import Model

from housing_price_orchestrator.domain import NO_PARAMS, ModelDetails, Params, Predictions
from housing_price_orchestrator.errors import MODEL_SERVER
from housing_price_orchestrator.provider.model.decorators.balancing import by_one_replica
from housing_price_orchestrator.provider.model.decorators.merged_calls import MergedCalls, ended
from housing_price_orchestrator.provider.model.decorators.slicing import joined, sliced
from housing_price_orchestrator.provider.model.decorators.waiting_items import Item, WaitingItems
from housing_price_orchestrator.provider.model.decorators.waiting_time import WaitingTime, WaitLimits


class MergedModel:
    """A model that is asked for the rows of several requests at once; each caller gets its own outputs.

    A caller that goes while its rows wait takes them along; one that goes while they are being computed leaves the
    others their answer, and the last one to go ends the call. A bad answer to several requests is asked for again in
    halves, so that a row that the model can't price fails alone: at most 2n - 1 calls for n requests, one after
    another and in the slot of the first.

    Args:
        model: what is asked.
        calls_at_once: how many calls for whole requests run at the same time.
        slice_calls: how many calls for slices of large requests run beside them, so that neither waits for the other.
        max_rows: how many rows are merged into one call at most; a request of more goes in slices of its own.
        slice_rows: how many rows a slice of a larger request has at most.
        patience_seconds: how long a call may take before requests that wait, and do not fill one, go beside it.
        side_by_side: how many calls for whole requests are as quick at the same time as one: one a server.
        max_waiting: how many requests may wait before others are refused.
        wait_limits: how long one may wait for a call before it is refused.
        on_event: told of each that is refused for that.
        check: raises where a call could only be refused.
        on_call: told of each call how many requests and how many rows it holds.
    """

    def __init__(
        self,
        model: Model,
        *,
        calls_at_once: int,
        slice_calls: int = 2,
        max_rows: int = 64,
        slice_rows: int = 256,
        patience_seconds: float = 0.05,
        side_by_side: int = 1,
        max_waiting: int = 1000,
        wait_limits: WaitLimits | None = None,
        on_event: OnEvent = ignore,
        check: Callable[[], object] | None = None,
        on_call: Callable[[int, int], object] = lambda _requests, _rows: None,
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._model = model
        self._max_rows = max_rows
        self._slice_rows = slice_rows
        self._max_waiting = max_waiting
        self._check = check
        self._now = now
        self._waiting = WaitingItems(max_rows)
        self._calls = MergedCalls(
            model, self._waiting, calls_at_once, slice_calls, patience_seconds, side_by_side, on_call, now
        )
        self._waiting_time = WaitingTime(
            self._waiting,
            self._calls.pace,
            self._calls.pace_of_slices,
            max_rows=max_rows,
            limits=wait_limits or WaitLimits(),
            on_event=on_event,
            now=now,
        )
        self._is_closed = False

    @property
    def waiting(self) -> int:
        """How many requests wait for a call."""
        return len(self._waiting)

    def expected_wait_seconds(self, *, is_large: bool) -> float:
        """How long a request that comes now would wait for a call."""
        return self._waiting_time.expected_seconds(is_large=is_large)

    def longest_wait_seconds(self, *, is_large: bool) -> float:
        """How long a request may wait for a call."""
        return self._waiting_time.longest_seconds(is_large=is_large)

    async def predict(
        self, columns: Sequence[str], rows: Sequence[Sequence[Value]], params: Params = NO_PARAMS
    ) -> Predictions:
        """One output a row, in order, all by one version of the model.

        Raises:
            UpstreamError: if there is no usable answer.
            Overloaded: if too many requests wait already.
        """
        if len(rows) > self._max_rows:
            return await self._predict_sliced(tuple(columns), rows, params)
        self._admit(self._calls.free)
        item = self._item(tuple(columns), rows, params)
        self._waiting.add(item)
        self._calls.wake()
        self._waiting_time.watch()
        try:
            return await item.answered
        except asyncio.CancelledError:
            self._waiting.withdraw(item)
            self._calls.end_if_abandoned(item)
            raise

    async def details(self) -> ModelDetails:
        """What is known of the model that answers.

        Raises:
            UpstreamError: if the model server does not answer.
        """
        return await self._model.details()

    async def aclose(self) -> None:
        """End all calls; who still waits gets ``UpstreamUnavailable``, as does who comes later."""
        self._is_closed = True
        self._waiting_time.aclose()
        for item in self._waiting.drain():
            item.fail(ended())
        await self._calls.aclose()

    async def _predict_sliced(
        self, columns: tuple[str, ...], rows: Sequence[Sequence[Value]], params: Params
    ) -> Predictions:
        arrived = self._now()
        for _ in range(2):  # a new version that comes between two slices does not come again at once
            with by_one_replica():
                answers = await self._answers(columns, sliced(rows, self._slice_rows), params)
            if all(answer.model == answers[0].model for answer in answers):
                return joined(answers, self._now() - arrived)
        raise BadUpstreamAnswer("its parts are by different versions", upstream=MODEL_SERVER)

    async def _answers(
        self, columns: tuple[str, ...], slices: Sequence[Sequence[Sequence[Value]]], params: Params
    ) -> Sequence[Predictions]:
        self._admit(self._calls.free_for_slices)
        items = [self._item(columns, rows, params, is_slice=True) for rows in slices]
        for item in items[1:]:
            item.is_first = False
        waiting = deque(items)
        self._waiting.add_slices(waiting)
        self._calls.wake()
        self._waiting_time.watch()
        try:
            return await asyncio.gather(*(item.answered for item in items))
        finally:
            self._waiting.withdraw_slices(waiting)
            for item in items:
                item.answered.cancel()
                self._calls.end_if_abandoned(item)

    def _admit(self, free: int) -> None:
        if self._is_closed:
            raise ended()
        if self._check:
            self._check()
        if len(self._waiting) >= self._max_waiting + free:
            raise Overloaded(f"{len(self._waiting)} are waiting already")

    def _item(
        self, columns: tuple[str, ...], rows: Sequence[Sequence[Value]], params: Params, *, is_slice: bool = False
    ) -> Item:
        answered = asyncio.get_running_loop().create_future()
        return Item(columns, rows, params, answered, arrived=self._now(), is_slice=is_slice)
