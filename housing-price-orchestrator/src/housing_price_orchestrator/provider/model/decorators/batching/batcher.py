"""Merges requests that arrive while the model is busy into one call, since a call costs more than its rows.

A request that finds no call in flight goes at once. What arrives in one turn of the event loop, or during a call, goes
together in the next one; beside the first go full calls, and others when it is slow.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence

from upstream_resilience.errors import BadUpstreamAnswer, Overloaded
from upstream_resilience.events import OnEvent, ignore
from upstream_resilience.load_balancing import Affinity

from housing_price_orchestrator.domain import ModelRequest, Predictions
from housing_price_orchestrator.errors import MODEL_SERVER
from housing_price_orchestrator.provider.model.decorators.batching.calls import BatchCalls, ended_error
from housing_price_orchestrator.provider.model.decorators.batching.occupancy import Occupancy
from housing_price_orchestrator.provider.model.decorators.batching.pace import Pace
from housing_price_orchestrator.provider.model.decorators.batching.queue import QueuedRequest, RequestQueue
from housing_price_orchestrator.provider.model.decorators.batching.slicing import join_slices, slice_rows
from housing_price_orchestrator.provider.model.decorators.batching.wait import QueueWait, WaitLimits
from housing_price_orchestrator.service.ports import Model


class Batcher:
    """A model that is called for the rows of several requests at once; each caller gets its own outputs.

    A caller that goes while its rows wait takes them along. One that goes while they are being computed leaves the
    others their answer, and the last one to go ends the call. After a bad answer to several requests the call is made
    again in halves, so that a row that the model can't price fails alone: at most 2n - 1 calls for n requests, one
    after another and in the slot of the first.

    Args:
        model: what is called.
        calls_at_once: how many calls for whole requests run at the same time.
        slice_calls: how many calls for slices of large requests run beside them, so that neither waits for the other.
        max_rows: how many rows are merged into one call at most; a request of more goes in slices of its own.
        slice_rows: how many rows a slice of a larger request has at most.
        patience_seconds: how long a call may take before requests that wait, and do not fill one, go beside it.
        side_by_side: how many calls for whole requests are as quick at the same time as one: one a server.
        max_waiting: how many requests may wait before others are refused.
        wait_limits: how long one may wait for a call before it is refused.
        on_event: hears of each that is refused for that.
        check: raises where a call could only be refused.
        on_call: hears of each call how many requests and how many rows it holds.
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
        self._queue = RequestQueue(max_rows)
        occupancy, pace, pace_of_slices = Occupancy(side_by_side, calls_at_once, now), Pace(), Pace()
        self._wait = QueueWait(
            self._queue,
            occupancy,
            pace,
            pace_of_slices,
            max_rows=max_rows,
            limits=wait_limits or WaitLimits(),
            on_event=on_event,
            now=now,
        )
        self._calls = BatchCalls(
            model,
            self._queue,
            self._wait,
            occupancy,
            pace,
            pace_of_slices,
            calls_at_once=calls_at_once,
            slice_calls=slice_calls,
            patience_seconds=patience_seconds,
            side_by_side=side_by_side,
            on_call=on_call,
            now=now,
        )
        self._is_closed = False

    @property
    def waiting(self) -> int:
        """How many requests wait for a call."""
        return len(self._queue)

    def expected_wait_seconds(self, *, is_large: bool) -> float:
        """Return how long a request that comes now would wait for a call; infinite if it could not end in time."""
        return self._wait.expected_seconds(is_large=is_large)

    def longest_wait_seconds(self, *, is_large: bool) -> float:
        """Return how long a request may wait for a call."""
        return self._wait.longest_seconds(is_large=is_large)

    async def predict(self, request: ModelRequest) -> Predictions:
        """Predict one output a row, in order, all by one version of the model.

        Raises:
            UpstreamError: if there is no usable answer.
            Overloaded: if too many requests wait already.
        """
        if len(request.rows) > self._max_rows:
            return await self._predict_sliced(request)
        self._admit(self._calls.free)
        self._wait.check(request.deadline)
        queued = self._make_queued(request)
        self._queue.add(queued)
        self._calls.wake()
        self._wait.watch()
        try:
            return await queued.answered
        except asyncio.CancelledError:
            self._queue.withdraw(queued)
            self._calls.end_if_abandoned(queued)
            raise

    async def aclose(self) -> None:
        """End all calls; whoever still waits gets ``UpstreamUnavailable``, as does whoever comes later."""
        self._is_closed = True
        self._wait.aclose()
        for queued in self._queue.drain():
            queued.fail(ended_error())
        await self._calls.aclose()

    async def _predict_sliced(self, request: ModelRequest) -> Predictions:
        arrived = self._now()
        for _ in range(2):  # a new version that comes between two slices does not come again at once
            answers = await self._predict_slices(self._slices(request))
            if all(answer.model == answers[0].model for answer in answers):
                return join_slices(answers, self._now() - arrived)
        raise BadUpstreamAnswer("its parts are by different versions", upstream=MODEL_SERVER)

    def _slices(self, request: ModelRequest) -> Sequence[ModelRequest]:
        """Return the slices of a large request, which all go to one replica."""
        affinity = Affinity(sticks=True)
        return [
            ModelRequest(request.columns, rows, request.params, request.context, request.deadline, affinity)
            for rows in slice_rows(request.rows, self._slice_rows)
        ]

    async def _predict_slices(self, slices: Sequence[ModelRequest]) -> Sequence[Predictions]:
        self._admit(self._calls.free_for_slices)
        items = [self._make_queued(request, is_slice=True) for request in slices]
        for queued in items[1:]:
            queued.is_first = False
        waiting = deque(items)
        self._queue.add_slices(waiting)
        self._calls.wake()
        self._wait.watch()
        try:
            return await asyncio.gather(*(queued.answered for queued in items))
        finally:
            self._queue.withdraw_slices(waiting)
            for queued in items:
                queued.answered.cancel()
                self._calls.end_if_abandoned(queued)

    def _admit(self, free: int) -> None:
        if self._is_closed:
            raise ended_error()
        if self._check:
            self._check()
        if len(self._queue) >= self._max_waiting + free:
            raise Overloaded(f"{len(self._queue)} are waiting already")

    def _make_queued(self, request: ModelRequest, *, is_slice: bool = False) -> QueuedRequest:
        return QueuedRequest(request, asyncio.get_running_loop().create_future(), self._now(), is_slice=is_slice)
