"""Makes the calls to the model, each for what waits when it begins, and gives each item its part of the answer."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain

from upstream_resilience.deadline import latest, within
from upstream_resilience.errors import BadUpstreamAnswer, ResilienceError, UpstreamUnavailable
from upstream_resilience.ports import Model
from upstream_resilience.retry import RetryBudget

from housing_price_orchestrator.errors import MODEL_SERVER
from housing_price_orchestrator.provider.model.decorators.waiting_items import Item, WaitingItems
from housing_price_orchestrator.provider.model.decorators.waiting_time import Pace

_MOST_HALVINGS = 128
_HALVINGS_A_REQUEST = 0.25
"""Merged calls that are asked for again in halves: so many at once, and so many for each request that is answered. Each
costs a call more; while nothing is answered they come to an end."""


class MergedCalls:
    """Keeps as many calls in flight as there are slots and something waits for them.

    Args:
        model: what is asked.
        waiting: what waits.
        calls_at_once: how many slots there are for whole requests.
        slice_calls: how many there are for slices of large ones.
        patience_seconds: how long a call of whole requests may take before what fills no call goes beside it.
        side_by_side: how many of them are as quick at the same time as one: one a server.
        on_call: told of each call how many items and how many rows it holds.
    """

    def __init__(
        self,
        model: Model,
        waiting: WaitingItems,
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
        self.pace = Pace(calls_at_once)
        """How long calls of whole requests take."""
        self.pace_of_slices = Pace(slice_calls)
        """How long calls of slices take."""
        self._slots = calls_at_once
        self._side_by_side = side_by_side
        self._halvings = RetryBudget(_MOST_HALVINGS, _HALVINGS_A_REQUEST)
        self._patience_seconds = patience_seconds
        self._last_began = 0.0
        self._alarm: asyncio.TimerHandle | None = None
        self._model = model
        self._waiting = waiting
        self._on_call = on_call
        self._now = now
        self._in_flight: dict[asyncio.Task[None], Sequence[Item]] = {}
        self._is_woken = False
        self._is_sending = False

    def wake(self) -> None:
        """Something waits: send it when this turn of the event loop is over, with what else arrives in it."""
        if (self.free or self.free_for_slices) and not self._is_woken:
            self._is_woken = True
            asyncio.get_running_loop().call_soon(self._send)

    def end_if_abandoned(self, item: Item) -> None:
        """Its caller has gone: end its call if nobody else waits for that."""
        if item.call and all(mate.is_over for mate in self._in_flight.get(item.call, ())):
            item.call.cancel()

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
            while self._may_start() and (items := self._waiting.take_whole()):
                self._last_began = self._now()
                self._start(items)
            while self.free_for_slices and (slice_ := self._waiting.take_slice()):
                self._start([slice_])
        finally:
            self._is_sending = False
        if self.free and self._waiting.whole and not self._alarm:
            self._alarm = asyncio.get_running_loop().call_later(self._patience_seconds, self._lose_patience)

    def _may_start(self) -> bool:
        """One call at a time is quickest, unless it is full or slow: two would share the rows, not the work."""
        if not self.free or self._slots - self.free < self._side_by_side:
            return self.free > 0
        return self._waiting.fills_a_call or self._now() - self._last_began >= self._patience_seconds

    def _lose_patience(self) -> None:
        self._alarm = None
        self._send()

    def _start(self, items: Sequence[Item]) -> None:
        self._occupy(items[0], 1)
        loop = asyncio.get_running_loop()
        # It starts at once, not in the next turn: the model should not wait until all callers of the last call went on.
        call = asyncio.Task(self._call(items), loop=loop, context=items[0].context, eager_start=True)
        if call.done():
            return
        self._in_flight[call] = items
        call.add_done_callback(self._in_flight.pop)
        for item in items:
            item.call = call

    async def _call(self, items: Sequence[Item]) -> None:
        try:
            await self._ask(items)
        except asyncio.CancelledError:
            for item in items:
                item.fail(ended())
            raise
        finally:
            self._occupy(items[0], -1)
            self._send()

    def _occupy(self, item: Item, slots: int) -> None:
        if item.is_slice:
            self.free_for_slices -= slots
        else:
            self.free -= slots

    async def _ask(self, items: Sequence[Item]) -> None:
        groups = [items]
        while groups:
            asked = [item for item in groups.pop() if not item.is_over]
            try:
                if asked:
                    await self._ask_in_context(asked, is_part=asked[0] is not items[0])
            except Exception as error:  # noqa: BLE001 - each caller raises it
                middle = len(asked) // 2
                if middle and _may_be_of_one_row(error) and self._halvings.take():
                    groups += [asked[middle:], asked[:middle]]
                else:
                    for item in asked:
                        item.fail(_own(error))

    async def _ask_in_context(self, items: Sequence[Item], *, is_part: bool) -> None:
        if not is_part:
            await self._ask_once(items)
            return
        # What goes out with the call, such as the id of a request, is that of the first of these items.
        await asyncio.get_running_loop().create_task(self._ask_once(items), context=items[0].context)

    async def _ask_once(self, items: Sequence[Item]) -> None:
        began = self._now()
        rows = list(chain.from_iterable(item.rows for item in items))
        self._on_call(len(items), len(rows))
        with within(latest([item.deadline for item in items])):
            answer = await self._model.predict(items[0].columns, rows, items[0].params)
        if len(answer.outputs) != len(rows):
            raise BadUpstreamAnswer(f"{len(answer.outputs)} predictions for {len(rows)} rows", upstream=MODEL_SERVER)
        (self.pace_of_slices if items[0].is_slice else self.pace).add(self._now() - began)
        self._halvings.add(len(items))
        end = 0
        for item in items:
            start, end = end, end + len(item.rows)
            if not item.is_over:
                timing = replace(answer.timing, queue_seconds=began - item.arrived)
                item.answered.set_result(replace(answer, outputs=answer.outputs[start:end], timing=timing))


def ended() -> UpstreamUnavailable:
    """What callers get whose call is not made to its end."""
    return UpstreamUnavailable("the call to it was ended", "ended", upstream=MODEL_SERVER)


def _may_be_of_one_row(error: Exception) -> bool:
    """Whether the others may get an answer without the row that is to blame."""
    return isinstance(error, BadUpstreamAnswer) or not isinstance(error, ResilienceError)


def _own[Error: Exception](error: Error) -> Error:
    """The same error for one caller alone, since raising and handling an error changes it: trace, context, notes."""
    try:
        own: Error = type(error).__new__(type(error), *error.args)
    except TypeError:  # not one that can be made like this
        return error
    own.__dict__.update(error.__dict__)
    own.__cause__ = error.__cause__
    return own.with_traceback(error.__traceback__)
