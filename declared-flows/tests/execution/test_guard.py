"""The guards around a source: remembered answers, time limits, retries, a breaker, a bulkhead; in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import pytest
from declared_flows.errors import UnusableParams
from declared_flows.execution.guard import DirectSource, GuardedSource
from declared_flows.execution.run import CallResult, StepRecord
from declared_flows.planning.plan import PlannedStep
from declared_flows.sources.port import Answer, Call, Operation, Params, SourceOptions
from scripted_source import SOURCE, flow, plan_of
from upstream_resilience.deadline import Deadline
from upstream_resilience.errors import BadUpstreamAnswer, CircuitOpen, DeadlineExceeded, UpstreamUnavailable
from upstream_resilience.events import BreakerChanged, Event
from upstream_resilience.settings import BreakerSettings, RetrySettings
from virtual_time import in_virtual_time

type Reply = Callable[[Params], Awaitable[Any]]

DOWN = UpstreamUnavailable("nobody listens there", "refused")


class Source:
    """Answers as the test says, and counts."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self.asked: list[Params] = []
        self.at_once = 0
        self.most_at_once = 0

    @property
    def operations(self) -> Mapping[str, Operation]:
        return {"ask": self._ask, "find": self._ask, "write": self._ask}

    async def verify(self) -> Sequence[str]:
        return ()

    async def _ask(self, params: Params, call: Call) -> Answer:
        self.asked.append(params)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return Answer(await self._reply(params))
        finally:
            self.at_once -= 1


def step(**options: Any) -> PlannedStep:
    """A step that asks ``things.ask`` with these options."""
    chosen = {"source": "things", "operation": "ask", "timeout": "1s"} | options
    lines = ", ".join(f"{name}: {value}" for name, value in chosen.items())
    return plan_of(flow(f"found: {{{lines}}}", extra="timeout: 1h") + SOURCE).steps[0]


ASK, CACHED = step(), step(cache="10s")


def guarded(source: Source, *, breaker: BreakerSettings | None = None, **options: Any) -> GuardedSource:
    """The source behind guards; pauses before retries take a second."""
    chosen = SourceOptions(kind="scripted", **options)
    retry = RetrySettings(base_seconds=1.0, cap_seconds=1.0)
    time = asyncio.get_running_loop().time
    return GuardedSource(source, chosen, breaker, retry, now=time, jitter=lambda: 1.0)


async def outcome(call: Awaitable[CallResult]) -> Any:
    try:
        return (await call).answer.value
    except Exception as error:  # noqa: BLE001  whatever it is, the test looks at it
        return type(error)


def record() -> StepRecord:
    return StepRecord("found", "things", "ask")


def after(seconds: float, value: Any = "x") -> Reply:
    async def reply(_: Params) -> Any:
        await asyncio.sleep(seconds)
        return value

    return reply


def in_turn(*answers: Any) -> Reply:
    """Each time the next answer, or error."""
    left = list(answers)

    async def reply(_: Params) -> Any:
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return reply


def test_answers_are_cached_by_operation_and_parameters() -> None:
    async def work() -> None:
        source = Source(after(0))
        things = guarded(source)
        first, again = record(), record()
        await things.call(CACHED, {"a": 1, "b": [2]}, first)
        called = await things.call(CACHED, {"b": [2], "a": 1}, again)
        assert (called.is_cached, called.answer.value) == (True, "x")
        assert (first.attempts, again.attempts) == (1, 0)
        await things.call(CACHED, {"a": 1, "b": [3]}, record())
        await things.call(CACHED, {"a": "1", "b": [2]}, record())
        await outcome(things.call(step(cache="10s", operation="find", params="{id: 1}"), {"a": 1, "b": [2]}, record()))
        assert len(source.asked) == 4
        await asyncio.sleep(9.9)
        assert (await things.call(CACHED, {"a": 1, "b": [2]}, record())).is_cached
        await asyncio.sleep(0.1)
        assert not (await things.call(CACHED, {"a": 1, "b": [2]}, record())).is_cached

    in_virtual_time(work())


def test_that_there_is_nothing_is_remembered_too() -> None:
    async def work() -> None:
        source = Source(after(0, None))
        things = guarded(source)
        assert [await outcome(things.call(CACHED, {}, record())) for _ in range(3)] == [None] * 3
        assert len(source.asked) == 1

    in_virtual_time(work())


def test_callers_with_the_same_question_ask_once() -> None:
    async def work() -> None:
        source = Source(after(0.5))
        things = guarded(source)
        found = await asyncio.gather(*(things.call(CACHED, {"a": 1}, record()) for _ in range(20)))
        assert [called.answer.value for called in found] == ["x"] * 20
        assert [called.is_cached for called in found] == [False] + [True] * 19
        assert len(source.asked) == 1

    in_virtual_time(work())


def test_a_failed_shared_call_is_made_again_by_each() -> None:
    async def work() -> None:
        source = Source(in_turn(BadUpstreamAnswer("it is odd"), "x"))
        things = guarded(source)
        found = await asyncio.gather(*(outcome(things.call(CACHED, {}, record())) for _ in range(3)))
        assert found == [BadUpstreamAnswer, "x", "x"]

    in_virtual_time(work())


def test_where_who_asks_leaves_another_asks() -> None:
    async def work() -> None:
        source = Source(after(0.5))
        things = guarded(source)
        leader = asyncio.create_task(things.call(CACHED, {}, record()))
        follower = asyncio.create_task(outcome(things.call(CACHED, {}, record())))
        await asyncio.sleep(0.2)
        leader.cancel()
        assert await follower == "x"
        assert leader.cancelled()
        assert (len(source.asked), source.at_once) == (2, 0)

    in_virtual_time(work())


def test_who_waits_for_another_leaves_without_ending_its_call() -> None:
    async def work() -> None:
        source = Source(after(0.5))
        things = guarded(source)
        leader = asyncio.create_task(outcome(things.call(CACHED, {}, record())))
        follower = asyncio.create_task(things.call(CACHED, {}, record()))
        await asyncio.sleep(0.2)
        follower.cancel()
        assert await leader == "x"

    in_virtual_time(work())


def test_waiting_and_calling_share_the_time_of_the_step() -> None:
    async def work() -> None:
        source = Source(after(60))
        things, loop = guarded(source), asyncio.get_running_loop()
        leader = asyncio.create_task(outcome(things.call(CACHED, {}, record())))
        await asyncio.sleep(0.6)
        follower = asyncio.create_task(outcome(things.call(CACHED, {}, record())))
        assert await leader is DeadlineExceeded
        assert await follower is DeadlineExceeded
        assert loop.time() == pytest.approx(1.6)
        assert source.at_once == 0

    in_virtual_time(work())


def test_an_unanswered_call_is_retried_and_counted() -> None:
    async def work() -> None:
        things, counted = guarded(Source(in_turn(DOWN, "x"))), record()
        assert await outcome(things.call(step(timeout="5s"), {}, counted)) == "x"
        assert counted.attempts == 2
        assert asyncio.get_running_loop().time() == 1.0

    in_virtual_time(work())


def test_attempts_of_a_call_that_fails_are_counted_too() -> None:
    async def work() -> None:
        things, counted = guarded(Source(in_turn(DOWN, DOWN, DOWN)), attempts=3), record()
        assert await outcome(things.call(step(timeout="5s"), {}, counted)) is UpstreamUnavailable
        assert counted.attempts == 3

    in_virtual_time(work())


@pytest.mark.parametrize(
    "error",
    [
        BadUpstreamAnswer("it is odd"),
        UnusableParams("it is odd"),
        UpstreamUnavailable("it took too long", "read_timeout"),
        CircuitOpen(1),
    ],
)
def test_other_failures_are_not_tried_again(error: Exception) -> None:
    async def work() -> None:
        things, counted = guarded(Source(in_turn(error))), record()
        assert await outcome(things.call(step(timeout="5s"), {}, counted)) is type(error)
        assert counted.attempts == 1

    in_virtual_time(work())


def test_a_call_that_writes_is_made_once() -> None:
    async def work() -> None:
        things, counted = guarded(Source(in_turn(DOWN, "x")), attempts=5), record()
        assert await outcome(things.call(step(operation="write", timeout="5s"), {}, counted)) is UpstreamUnavailable
        assert counted.attempts == 1

    in_virtual_time(work())


def test_there_is_no_retry_that_would_come_too_late() -> None:
    async def work() -> None:
        things, counted = guarded(Source(in_turn(DOWN))), record()
        assert await outcome(things.call(ASK, {}, counted)) is UpstreamUnavailable
        assert (counted.attempts, asyncio.get_running_loop().time()) == (1, 0)

    in_virtual_time(work())


def test_retries_are_bounded_over_all_calls() -> None:
    async def reply(_: Params) -> Any:
        raise DOWN

    async def work() -> None:
        source = Source(reply)
        things = guarded(source, breaker=BreakerSettings(minimum_calls=100_000))
        for _ in range(200):
            await outcome(things.call(step_of_five_seconds, {}, record()))
        budget = RetrySettings()
        assert len(source.asked) <= 200 + budget.budget + 200 * budget.budget_share

    step_of_five_seconds = step(timeout="5s")
    in_virtual_time(work())


def test_a_step_times_out_and_cancels_its_call() -> None:
    async def work() -> None:
        source = Source(after(60))
        counted = record()
        assert await outcome(guarded(source).call(step(timeout="300ms"), {}, counted)) is DeadlineExceeded
        assert asyncio.get_running_loop().time() == pytest.approx(0.3)
        assert (source.at_once, counted.attempts) == (0, 1)

    in_virtual_time(work())


@pytest.mark.parametrize("direct", [True, False])
def test_a_step_leaves_its_request_time_to_answer(direct: bool) -> None:
    async def work() -> None:
        source = Source(after(60))
        things = DirectSource(source) if direct else guarded(source)
        deadline = Deadline.after(0.5)
        with pytest.raises(DeadlineExceeded):
            async with deadline.limit():
                await things.call(ASK, {}, record(), Call(deadline))
        assert asyncio.get_running_loop().time() == pytest.approx(0.5 if direct else 0.45)
        assert source.at_once == 0

    in_virtual_time(work())


def test_a_request_whose_time_is_up_asks_nobody() -> None:
    async def work() -> None:
        source = Source(after(0.1))
        things = guarded(source)
        deadline = Deadline.after(10)
        async with deadline.limit():
            await asyncio.sleep(9.99)
            with pytest.raises(DeadlineExceeded) as caught:
                await things.call(ASK, {}, record(), Call(deadline))
        assert "-" not in str(caught.value)

    in_virtual_time(work())


def test_no_more_calls_run_than_the_source_takes() -> None:
    async def work() -> None:
        source = Source(after(0.1))
        things = guarded(source, max_concurrency=3)
        await asyncio.gather(*(things.call(ASK, {"n": n}, record()) for n in range(12)))
        assert source.most_at_once == 3
        assert asyncio.get_running_loop().time() == pytest.approx(0.4)

    in_virtual_time(work())


def test_who_waits_for_a_turn_and_leaves_takes_none() -> None:
    async def work() -> None:
        source = Source(after(0.5))
        things = guarded(source, max_concurrency=1)
        first = asyncio.create_task(things.call(ASK, {}, record()))
        counted = record()
        second = asyncio.create_task(things.call(ASK, {}, counted))
        await asyncio.sleep(0.1)
        second.cancel()
        await first
        assert await outcome(things.call(ASK, {}, record())) == "x"
        assert (len(source.asked), counted.attempts) == (2, 0)

    in_virtual_time(work())


BREAKER = BreakerSettings(minimum_calls=4, failure_share=0.5, open_seconds=10, probes=1)


def opened_by(error: Exception | None, seconds: float = 0) -> bool:
    """Whether calls that end so open the breaker."""

    async def reply(_: Params) -> Any:
        await asyncio.sleep(seconds)
        if error:
            raise error

    async def work() -> bool:
        events: list[Event] = []
        source = Source(reply)
        time = asyncio.get_running_loop().time
        options = SourceOptions(kind="scripted", attempts=1)
        things = GuardedSource(source, options, BREAKER, on_event=events.append, now=time)
        for _ in range(6):
            await outcome(things.call(step_of_a_minute, {}, record()))
        return any(isinstance(event, BreakerChanged) and event.state == "open" for event in events)

    return in_virtual_time(work())


step_of_a_minute = step(timeout="1m")


@pytest.mark.parametrize(
    ("error", "opens"),
    [(DOWN, True), (BadUpstreamAnswer("it is odd"), True), (UnusableParams("it is odd"), False), (None, False)],
)
def test_a_source_that_keeps_failing_is_left_alone(error: Exception | None, opens: bool) -> None:
    assert opened_by(error) is opens


def test_a_source_within_its_declared_time_counts_as_healthy() -> None:
    assert not opened_by(None, BREAKER.slow_seconds + 1)


def test_a_source_that_always_times_out_opens_the_breaker() -> None:
    async def work() -> None:
        broken = True

        async def reply(_: Params) -> Any:
            await asyncio.sleep(60 if broken else 0)
            return "x"

        source = Source(reply)
        things = guarded(source, breaker=BREAKER, attempts=1)
        found = [await outcome(things.call(ASK, {}, record())) for _ in range(6)]
        assert found == [DeadlineExceeded] * 4 + [CircuitOpen] * 2
        assert len(source.asked) == 4
        broken = False
        await asyncio.sleep(10)
        assert [await outcome(things.call(ASK, {}, record())) for _ in range(2)] == ["x", "x"]

    in_virtual_time(work())


def test_callers_who_leave_do_not_speak_against_a_source() -> None:
    async def work() -> None:
        things = guarded(Source(after(0.5)), breaker=BREAKER)
        for _ in range(10):
            call = asyncio.create_task(things.call(ASK, {}, record()))
            await asyncio.sleep(0.1)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
        assert await outcome(things.call(ASK, {}, record())) == "x"

    in_virtual_time(work())


def test_an_undeclared_answer_is_refused_and_not_cached() -> None:
    async def work() -> None:
        find = step(operation="find", params="{id: 1}", cache="10s")
        things = guarded(Source(in_turn({"name": "secret", "size": "hunter2"}, {"name": "x", "size": 1, "tags": []})))
        with pytest.raises(BadUpstreamAnswer) as caught:
            await things.call(find, {"id": 1}, record())
        assert "its answer is not as declared: `size`: " in str(caught.value)
        assert "hunter2" not in str(caught.value)
        assert "secret" not in str(caught.value)
        assert await outcome(things.call(find, {"id": 1}, record())) == {"name": "x", "size": 1.0, "tags": []}

    in_virtual_time(work())


def test_an_answer_may_have_more_fields_and_be_null() -> None:
    async def work() -> None:
        find = step(operation="find", params="{id: 1}")
        things = guarded(Source(in_turn({"name": "x", "size": 1.5, "tags": [], "more": 1}, None)))
        assert (await outcome(things.call(find, {}, record())))["more"] == 1
        assert await outcome(things.call(find, {}, record())) is None

    in_virtual_time(work())
