"""Merging of requests under any interleaving of arrivals, cancels, answers and errors.

Each row names its caller, so that an output tells whose it is. The model's calls end only by a rule.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from house_record import Value
from housing_price_orchestrator.domain import NO_PARAMS, ModelRequest, Params, Predictions
from housing_price_orchestrator.errors import ModelNotReady
from housing_price_orchestrator.provider.model.decorators.batching.batcher import Batcher
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from present import present
from scripted_model import TURNS, ScriptedCall, ScriptedModel, outputs_for
from upstream_resilience.errors import BadUpstreamAnswer, Overloaded, UpstreamUnavailable

MAX_ROWS = 8
SLICE_ROWS = 20
MAX_WAITING = 6

ERRORS = [UpstreamUnavailable("it is down"), ModelNotReady(), Overloaded("the queue is full")]
TURN_COUNTS = st.sampled_from([TURNS, TURNS, 0, 1, 2])
"""How far things move before the next rule: mostly until nothing does, else into the middle of it."""


@dataclass(eq=False)
class Caller:
    columns: Sequence[str]
    rows: Sequence[Sequence[Value]]
    params: Params
    is_poisoned: bool
    asked: asyncio.Task[Predictions] | None = None
    has_gone: bool = False
    calls: list[ScriptedCall] = field(default_factory=list)

    @property
    def is_large(self) -> bool:
        return len(self.rows) > MAX_ROWS

    @property
    def task(self) -> asyncio.Task[Predictions]:
        return present(self.asked)

    @property
    def waits(self) -> bool:
        return self.asked is not None and not self.asked.done()

    @property
    def is_asked_again(self) -> bool:
        return bool(self.calls) and failure(self.calls[-1]) is BadUpstreamAnswer


def _number(row: Sequence[Value]) -> int:
    """Which caller sent the row."""
    assert isinstance(row[0], float)
    return int(row[0])


def failure(call: ScriptedCall) -> type[BaseException] | None:
    """What a call that ended badly ended with."""
    if not call.ended.done() or call.ended.cancelled():
        return None
    if error := call.ended.exception():
        return type(error)
    return None if len(call.ended.result().outputs) == len(call.rows) else BadUpstreamAnswer


class WatchedModel(ScriptedModel):
    """Notes what must never be sent."""

    def __init__(self, callers: Sequence[Caller], calls_at_once: int, slice_calls: int) -> None:
        super().__init__()
        self.callers = callers
        self.calls_at_once = calls_at_once
        self.slice_calls = slice_calls
        self.violations: list[str] = []

    def owners(self, call: ScriptedCall) -> list[Caller]:
        return [self.callers[number] for number in dict.fromkeys(_number(row) for row in call.rows)]

    def is_poisoned(self, call: ScriptedCall) -> bool:
        return any(poisoned for _, _, poisoned in call.rows)

    async def predict(self, request: ModelRequest) -> Predictions:
        columns, rows, params = request.columns, request.rows, request.params
        call = ScriptedCall(columns, rows, params)
        self.calls.append(call)
        owners = self.owners(call)
        slices = [each for each in self.in_flight if self.owners(each)[0].is_large]
        rules = {
            "more calls than allowed": len(self.in_flight) - len(slices) <= self.calls_at_once,
            "more slices than allowed": len(slices) <= self.slice_calls,
            "too many rows": len(rows) <= MAX_ROWS or (len(owners) == 1 and len(rows) <= SLICE_ROWS),
            "other columns": all(owner.columns == columns for owner in owners),
            "other parameters": all(owner.params == params for owner in owners),
            "a caller that has gone": not any(owner.has_gone for owner in owners),
            "a slice among others": len(owners) == 1 or not any(owner.is_large for owner in owners),
        }
        self.violations += [what for what, holds in rules.items() if not holds]
        for owner in owners:
            owner.calls.append(call)
        return await call.ended


class Interleavings(RuleBasedStateMachine):
    @initialize(calls_at_once=st.integers(1, 3), slice_calls=st.integers(1, 3))
    def start(self, calls_at_once: int, slice_calls: int) -> None:
        self.loop = asyncio.new_event_loop()
        self.callers: list[Caller] = []
        self.model = WatchedModel(self.callers, calls_at_once, slice_calls)
        self.batcher = Batcher(
            self.model,
            calls_at_once=calls_at_once,
            slice_calls=slice_calls,
            patience_seconds=0,
            max_rows=MAX_ROWS,
            slice_rows=SLICE_ROWS,
            max_waiting=MAX_WAITING,
        )
        self.is_settled = True

    @rule(
        lengths=st.lists(st.one_of(st.integers(1, 4), st.integers(1, 100)), min_size=1, max_size=6),
        column=st.sampled_from(["LotArea", "LotArea", "YrSold"]),
        params=st.sampled_from([NO_PARAMS, NO_PARAMS, {"coverage": 0.8}]),
        poisoned=st.sampled_from([False, False, False, True]),
        turns=TURN_COUNTS,
    )
    def arrive(self, lengths: list[int], column: str, params: Params, poisoned: bool, turns: int) -> None:
        for index, length in enumerate(lengths):
            is_poisoned = poisoned and index == 0
            number = float(len(self.callers))
            rows: list[list[Value]] = [[number, float(row), is_poisoned] for row in range(length)]
            caller = Caller((column,), rows, params, is_poisoned)
            self.callers.append(caller)
            caller.asked = self.loop.create_task(
                self.batcher.predict(ModelRequest(caller.columns, caller.rows, caller.params))
            )
        self._pass(turns)

    @precondition(lambda self: any(caller.waits for caller in self.callers))
    @rule(data=st.data(), turns=TURN_COUNTS)
    def leave(self, data: st.DataObject, turns: int) -> None:
        caller = data.draw(st.sampled_from([caller for caller in self.callers if caller.waits]))
        caller.task.cancel()
        caller.has_gone = True
        self._pass(turns)

    @precondition(lambda self: self.model.in_flight)
    @rule(data=st.data(), version=st.sampled_from(["1", "1", "1", "2"]), turns=TURN_COUNTS)
    def answer(self, data: st.DataObject, version: str, turns: int) -> None:
        self._answer(data.draw(st.sampled_from(self.model.in_flight)), version)
        self._pass(turns)

    @precondition(lambda self: self.model.in_flight)
    @rule(data=st.data(), error=st.sampled_from(ERRORS), turns=TURN_COUNTS)
    def fail(self, data: st.DataObject, error: Exception, turns: int) -> None:
        data.draw(st.sampled_from(self.model.in_flight)).fail(error)
        self._pass(turns)

    @precondition(lambda self: self.model.in_flight)
    @rule(data=st.data(), turns=TURN_COUNTS)
    def answer_too_short(self, data: st.DataObject, turns: int) -> None:
        data.draw(st.sampled_from(self.model.in_flight)).answer_too_short()
        self._pass(turns)

    @invariant()
    def nothing_is_sent_that_must_not_be(self) -> None:
        assert not self.model.violations

    @invariant()
    def the_queue_is_bounded(self) -> None:
        assert self.batcher.waiting <= MAX_WAITING + self.model.calls_at_once + self.model.slice_calls

    @precondition(lambda self: self.is_settled)
    @invariant()
    def who_has_gone_does_not_wait(self) -> None:
        assert self.batcher.waiting <= sum(caller.waits for caller in self.callers)

    @precondition(lambda self: self.is_settled)
    @invariant()
    def nobody_waits_while_a_slot_is_free(self) -> None:
        never_sent = [caller for caller in self.callers if caller.waits and not caller.calls]
        slices = [call for call in self.model.in_flight if self.model.owners(call)[0].is_large]
        if len(self.model.in_flight) - len(slices) < self.model.calls_at_once:
            assert all(caller.is_large for caller in never_sent)
        if len(slices) < self.model.slice_calls:
            assert not any(caller.is_large for caller in never_sent)
        if not self.model.in_flight:
            assert not any(caller.waits for caller in self.callers)

    @precondition(lambda self: self.is_settled)
    @invariant()
    def nothing_is_computed_for_nobody(self) -> None:
        if not any(caller.waits and caller.is_asked_again for caller in self.callers):
            for call in self.model.in_flight:
                assert any(caller.waits for caller in self.model.owners(call))

    def teardown(self) -> None:
        try:
            self._end_all_calls()
            self._check_that_all_slots_are_free()
            for caller in self.callers:
                self._check_outcome(caller)
        finally:
            self.loop.run_until_complete(self.batcher.aclose())
            self._pass(TURNS)
            self.loop.close()

    def _end_all_calls(self) -> None:
        self._pass(TURNS)
        while self.model.in_flight:
            self._answer(self.model.in_flight[0], "1")
            self._pass(TURNS)
        assert self.batcher.waiting == 0

    def _check_that_all_slots_are_free(self) -> None:
        before = len(self.callers)
        for number in range(self.model.calls_at_once):
            self.arrive([1], f"Column {number}", NO_PARAMS, poisoned=False, turns=0)
        self._pass(TURNS)
        assert len(self.model.in_flight) == self.model.calls_at_once
        self._end_all_calls()
        assert all(caller.task.exception() is None for caller in self.callers[before:])

    def _check_outcome(self, caller: Caller) -> None:
        assert caller.task.done()
        if caller.task.cancelled():
            assert caller.has_gone
        elif (error := caller.task.exception()) is None:
            assert caller.task.result().outputs == outputs_for(caller.rows)
            assert not caller.is_poisoned
            assert self._is_by_one_version(caller)
        elif not caller.calls:
            assert type(error) is Overloaded
        elif caller.is_large:
            assert self._explains(caller, type(error))
        else:
            assert failure(caller.calls[-1]) is type(error)
            if type(error) is BadUpstreamAnswer:
                assert self.model.owners(caller.calls[-1]) == [caller]

    def _is_by_one_version(self, caller: Caller) -> bool:
        count = -(-len(caller.rows) // SLICE_ROWS)
        answers = [call.ended.result() for call in caller.calls[-count:]]
        return {answer.model for answer in answers} == {caller.task.result().model}

    def _explains(self, caller: Caller, kind: type[BaseException]) -> bool:
        failures = [failure(call) for call in caller.calls]
        answered = [call for call in caller.calls if call.ended.done() and not call.ended.cancelled()]
        versions = {call.ended.result().model for call in answered if not call.ended.exception()}
        return kind in failures or (len(versions) > 1 and kind in (BadUpstreamAnswer, Overloaded))

    def _answer(self, call: ScriptedCall, version: str) -> None:
        if self.model.is_poisoned(call):
            call.fail(BadUpstreamAnswer("status 400"))
        else:
            call.answer(version)

    def _pass(self, turns: int) -> None:
        async def wait() -> None:
            for _ in range(turns):
                await asyncio.sleep(0)

        self.loop.run_until_complete(wait())
        self.is_settled = turns == TURNS


TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(derandomize=True, max_examples=100, stateful_step_count=40)
