"""Makes the calls to the model, each for what waits when it begins, and gives each request its part of the answer."""

import asyncio
from collections.abc import Callable, Sequence
from contextvars import Context
from dataclasses import replace
from itertools import chain

from upstream_resilience.deadline import latest
from upstream_resilience.errors import BadUpstreamAnswer, DeadlineExceeded, ResilienceError, UpstreamUnavailable
from upstream_resilience.load_balancing import Affinity
from upstream_resilience.retry import RetryBudget

from housing_price_orchestrator.domain import ModelRequest, Predictions
from housing_price_orchestrator.errors import MODEL_SERVER
from housing_price_orchestrator.provider.model.decorators.batching.occupancy import Occupancy
from housing_price_orchestrator.provider.model.decorators.batching.pace import Pace
from housing_price_orchestrator.provider.model.decorators.batching.queue import QueuedRequest, RequestQueue
from housing_price_orchestrator.provider.model.decorators.batching.wait import QueueWait
from housing_price_orchestrator.service.ports import Model

_MOST_HALVINGS = 128
_HALVINGS_A_REQUEST = 0.25
"""Budget for halving failed merged calls: at most 128 saved up, 0.25 earned per answered request. Without answers,
halving stops."""

_CLOSE_ENOUGH_SECONDS = 0.001


class BatchCalls:
    """Keeps as many calls in flight as there are slots and something waits for them.

    Args:
        model: what is asked.
        queue: what waits.
        wait: says whether the model is slow, and refuses what waited too long.
        occupancy: what the model is busy with.
        pace: how long calls of whole requests take.
        pace_of_slices: how long calls of slices take.
        calls_at_once: how many slots there are for whole requests.
        slice_calls: how many there are for slices of large ones.
        patience_seconds: how long a call of whole requests may take before what fills no call goes beside it.
        side_by_side: how many of them are as quick at the same time as one: one a server.
        on_call: hears of each call how many requests and how many rows it holds.
    """

    def __init__(
        self,
        model: Model,
        queue: RequestQueue,
        wait: QueueWait,
        occupancy: Occupancy,
        pace: Pace,
        pace_of_slices: Pace,
        *,
        calls_at_once: int,
        slice_calls: int,
        patience_seconds: float,
        side_by_side: int,
        on_call: Callable[[int, int], object],
        now: Callable[[], float],
    ) -> None:
        self.free = calls_at_once
        """How many slots for whole requests are free."""
        self.free_for_slices = slice_calls
        """How many slots for slices are free."""
        self._wait = wait
        self._occupancy = occupancy
        self._pace = pace
        self._pace_of_slices = pace_of_slices
        self._slots = calls_at_once
        self._side_by_side = side_by_side
        self._halvings = RetryBudget(_MOST_HALVINGS, _HALVINGS_A_REQUEST)
        self._patience_seconds = patience_seconds
        self._last_began = 0.0
        self._is_turn_of_slices = False
        self._alarm: asyncio.TimerHandle | None = None
        self._model = model
        self._queue = queue
        self._on_call = on_call
        self._now = now
        self._in_flight: dict[asyncio.Task[None], Sequence[QueuedRequest]] = {}
        self._is_woken = False
        self._is_sending = False

    def wake(self) -> None:
        """Send what waits when this turn of the event loop is over, with what else arrives in it."""
        if (self.free or self.free_for_slices) and not self._is_woken:
            self._is_woken = True
            asyncio.get_running_loop().call_soon(self._send)

    def end_if_abandoned(self, queued: QueuedRequest) -> None:
        """End the call of a request whose caller has gone, if nobody else waits for that call."""
        if queued.call and all(mate.is_over for mate in self._in_flight.get(queued.call, ())):
            queued.call.cancel()

    async def aclose(self) -> None:
        """End all calls."""
        if self._alarm:
            self._alarm.cancel()
        calls = list(self._in_flight)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

    def _send(self) -> None:
        self._is_woken = False
        if self._is_sending:  # by a call that ended without waiting for anything: the loop below goes on
            return
        self._is_sending = True
        try:
            while self._start_next():
                pass
        finally:
            self._is_sending = False
        if self._has_to_look_again and not self._alarm:
            wait_seconds = min(self._patience_seconds, self._occupancy.changes_in() + _CLOSE_ENOUGH_SECONDS)
            self._alarm = asyncio.get_running_loop().call_later(wait_seconds, self._lose_patience)

    @property
    def _has_to_look_again(self) -> bool:
        return bool((self.free and self._queue.whole) or (self.free_for_slices and self._queue.large))

    def _start_next(self) -> bool:
        """Start a call, if one may; of whole requests and of slices in turn."""
        if self._is_turn_of_slices:
            return self._start_slice() or self._start_whole()
        return self._start_whole() or self._start_slice()

    def _start_whole(self) -> bool:
        if not self._queue.whole or not self._may_start() or not (items := self._queue.take_whole()):
            return False
        self._last_began = self._now()
        self._is_turn_of_slices = True
        self._start(items)
        return True

    def _start_slice(self) -> bool:
        if not self.free_for_slices or not self._queue.large:
            return False
        if self._wait.is_model_slow and self._occupancy.busy >= self._occupancy.limit:
            return False
        queued = self._queue.take_slice()
        self._is_turn_of_slices = False
        if queued:
            self._start([queued])
        return queued is not None

    def _may_start(self) -> bool:
        """Return whether a call of whole requests may start.

        One at a time is quickest, unless it is full or slow: two would share the rows, not the work.
        """
        if not self.free:
            return False
        if self._wait.is_model_slow:
            return self._may_start_slow()
        return self._slots - self.free < self._side_by_side or self._is_worth_its_cost(self._patience_seconds)

    def _may_start_slow(self) -> bool:
        """Return whether a slow model has room, so that nothing waits inside it, where it can't be refused any more."""
        self._wait.refuse_hopeless()
        busy = self._occupancy.busy
        if busy < self._occupancy.limit:
            spread_seconds = self._wait.spread_seconds()
            is_quickest = busy == 0 or (busy < self._side_by_side and not spread_seconds)
            return is_quickest or self._is_worth_its_cost(max(self._patience_seconds, spread_seconds))
        is_try = busy == self._occupancy.limit and self._occupancy.is_worth_a_try
        return is_try and self._is_worth_its_cost(self._patience_seconds)

    def _is_worth_its_cost(self, patience_seconds: float) -> bool:
        return self._queue.fills_a_call or self._now() - self._last_began >= patience_seconds

    def _lose_patience(self) -> None:
        self._alarm = None
        self._send()

    def _start(self, items: Sequence[QueuedRequest]) -> None:
        self._occupy(items[0], 1)
        loop = asyncio.get_running_loop()
        # It starts at once, not in the next turn: the model should not wait until all callers of the last call went on.
        # In a context of its own: it is no part of the request that happened to send it.
        call = asyncio.Task(self._call(items), loop=loop, context=Context(), eager_start=True)
        if call.done():
            return
        self._in_flight[call] = items
        call.add_done_callback(self._in_flight.pop)
        for queued in items:
            queued.call = call

    async def _call(self, items: Sequence[QueuedRequest]) -> None:
        try:
            await self._ask(items)
        except asyncio.CancelledError:
            for queued in items:
                queued.fail(ended_error())
            raise
        finally:
            self._occupy(items[0], -1)
            self._send()

    def _occupy(self, queued: QueuedRequest, slots: int) -> None:
        if queued.is_slice:
            self.free_for_slices -= slots
        else:
            self.free -= slots

    async def _ask(self, items: Sequence[QueuedRequest]) -> None:
        groups = [items]
        while groups:
            asked = [queued for queued in groups.pop() if not queued.is_over]
            try:
                if asked:
                    await self._ask_once(asked)
            except Exception as error:  # noqa: BLE001 - each caller raises it
                middle = len(asked) // 2
                if middle and _may_be_of_one_row(error) and self._halvings.take():
                    groups += [asked[middle:], asked[:middle]]
                else:
                    for queued in asked:
                        queued.fail(_copy_of(error))

    async def _ask_once(self, items: Sequence[QueuedRequest]) -> None:
        began = self._now()
        merged = _merge(items)
        self._on_call(len(items), len(merged.rows))
        answer = await self._predict(merged, self._pace_of_slices if items[0].is_slice else self._pace)
        if len(answer.outputs) != len(merged.rows):
            reason = f"{len(answer.outputs)} predictions for {len(merged.rows)} rows"
            raise BadUpstreamAnswer(reason, upstream=MODEL_SERVER)
        self._halvings.add(len(items))
        end = 0
        for queued in items:
            start, end = end, end + len(queued.request.rows)
            if not queued.is_over:
                timing = replace(answer.timing, queue_seconds=began - queued.arrived)
                queued.answered.set_result(replace(answer, outputs=answer.outputs[start:end], timing=timing))

    async def _predict(self, request: ModelRequest, pace: Pace) -> Predictions:
        call = self._occupancy.begin(pace)
        try:
            answer = await self._model.predict(request)
        except (DeadlineExceeded, asyncio.CancelledError):
            self._occupancy.give_up(call)
            raise
        except BaseException:
            self._occupancy.fail(call)
            raise
        self._occupancy.answer(call)
        return answer


def _merge(items: Sequence[QueuedRequest]) -> ModelRequest:
    """Return the request of one call for all of these, in the name of the first."""
    first = items[0].request
    if first.affinity is None:
        first.affinity = Affinity()  # kept with the first, so that a part of a failed call avoids the same replica
    if len(items) == 1:
        return first
    rows = list(chain.from_iterable(queued.request.rows for queued in items))
    deadline = latest([queued.request.deadline for queued in items])
    return ModelRequest(first.columns, rows, first.params, first.context, deadline, first.affinity)


def ended_error() -> UpstreamUnavailable:
    """Return what callers get whose call is not made to its end."""
    return UpstreamUnavailable("the call to it was ended", "ended", upstream=MODEL_SERVER)


def _may_be_of_one_row(error: Exception) -> bool:
    """Return whether the others may get an answer without the row that is to blame."""
    return isinstance(error, BadUpstreamAnswer) or not isinstance(error, ResilienceError)


def _copy_of[Error: Exception](error: Error) -> Error:
    """Return a copy of an error for one caller alone, since raising an error changes it: trace, context, notes."""
    try:
        own: Error = type(error).__new__(type(error), *error.args)
    except TypeError:  # not one that can be made like this
        return error
    own.__dict__.update(error.__dict__)
    own.__cause__ = error.__cause__
    return own.with_traceback(error.__traceback__)
