"""A flow is done: in an order that respects references, at the same time where it can be, to a known end."""

import asyncio
import gc
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest
from declared_flows.errors import NothingFound, StepFailed
from declared_flows.execution.engine import Engine
from declared_flows.execution.run import CallResult, Run, StepRecord
from declared_flows.execution.turns import Turns
from declared_flows.notation.declaration import FlowDeclaration
from declared_flows.notation.diagnostics import Location
from declared_flows.notation.yaml import LocatedValue
from declared_flows.planning.plan import FlowPlan, PlannedStep, SourceSignature
from declared_flows.planning.planner import plan_flow
from declared_flows.sources.port import NO_CALL, Answer, Call, Params, Signature
from housing_price_orchestrator.api.http.problems import kind_of
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted_source import SOURCE, flow, plan_of
from upstream_resilience.deadline import Deadline
from upstream_resilience.errors import BadUpstreamAnswer, DeadlineExceeded, UpstreamUnavailable
from virtual_time import in_virtual_time

type Reply = Callable[[Params], Awaitable[Any]]


class Things:
    """A source whose steps answer as the test says, by the name of the step."""

    def __init__(self, **replies: Reply) -> None:
        self._replies = replies
        self.asked: list[tuple[str, Params]] = []
        self.at_once = 0
        self.most_at_once = 0

    async def call(self, step: PlannedStep, params: Params, record: StepRecord, call: Call = NO_CALL) -> CallResult:
        self.asked.append((step.name, params))
        record.attempts += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            answer = await self._replies[step.name](params)
            return answer if isinstance(answer, CallResult) else CallResult(Answer(answer))
        finally:
            self.at_once -= 1


def gives(value: Any, after: float = 0.0) -> Reply:
    async def reply(_: Params) -> Any:
        await asyncio.sleep(after)
        return value

    return reply


def fails(error: Exception, after: float = 0.0) -> Reply:
    async def reply(_: Params) -> Any:
        await asyncio.sleep(after)
        raise error

    return reply


DOWN = UpstreamUnavailable("nobody listens there", "refused")
ASK = "{source: things, operation: ask}"


def flow_of(steps: str, response: str = "{found: $found}", extra: str = "") -> FlowPlan:
    return plan_of(flow(steps, response, extra=extra) + SOURCE)


async def done(plan: FlowPlan, things: Things, request: Mapping[str, Any] | None = None) -> tuple[Run, Any]:
    """The run, and its answer or error."""
    engine = Engine({"things": things}, asyncio.get_running_loop().time)
    run = engine.begin(plan, request or {"path": {"id": 7}})
    try:
        return run, await engine.finish(run)
    except Exception as error:  # noqa: BLE001  whatever it is, the test looks at it
        return run, error


def ended(plan: FlowPlan, things: Things, request: Mapping[str, Any] | None = None) -> tuple[Run, Any]:
    return in_virtual_time(done(plan, things, request))


def statuses(run: Run) -> dict[str, str]:
    return {name: step.status for name, step in run.steps.items()}


def test_the_answer_is_made_of_what_the_steps_found() -> None:
    plan = flow_of(
        "found: {source: things, operation: ask, params: {id: $request.path.id, label: 'no ${request.path.id}'}}\n"
        "more: {value: {name: $found.name, twice: '${found.size * 2.0}'}}",
        "{id: $request.path.id, name: $found.name, more: $more}",
    )
    things = Things(found=gives({"name": "x", "size": 1.5}))

    run, document = ended(plan, things)

    assert document == {"id": 7, "name": "x", "more": {"name": "x", "twice": 3.0}}
    assert things.asked == [("found", {"id": 7, "label": "no 7"})]
    assert statuses(run) == {"found": "succeeded", "more": "succeeded"}
    assert run.document == document


def test_a_missing_value_is_null_all_the_way() -> None:
    plan = flow_of(f"found: {ASK}", "{deep: '$found.a.b[0].c', none: $found.none}")

    assert ended(plan, Things(found=gives({"none": None})))[1] == {"deep": None, "none": None}


def test_independent_steps_run_at_the_same_time() -> None:
    plan = flow_of(
        f"a: {ASK}\nb: {ASK}\nfound: {{source: things, operation: ask, params: {{a: $a, b: $b}}}}",
    )
    things = Things(a=gives(1, 3), b=gives(2, 5), found=gives("x", 2))

    run, _ = ended(plan, things)

    assert {name: (step.began, step.seconds) for name, step in run.steps.items()} == {
        "a": (0, 3),
        "b": (0, 5),
        "found": (5, 2),
    }


def test_a_failure_of_a_needed_step_cancels_the_others() -> None:
    plan = flow_of(
        f"bad: {ASK}\nslow: {ASK}\nlater: {{source: things, operation: ask, params: {{x: $slow}}}}",
        "{found: [$bad, $later]}",
    )
    things = Things(bad=fails(DOWN, 2), slow=gives(1, 9), later=gives(1))

    run, error = ended(plan, things)

    assert isinstance(error, StepFailed)
    assert str(error) == "Step `bad`, which asks `things`, failed: nobody listens there."
    assert (error.step, error.source, kind_of(error).status) == ("bad", "things", 503)
    assert statuses(run) == {"bad": "failed", "slow": "cancelled", "later": "cancelled"}
    assert (run.steps["slow"].began, run.steps["slow"].seconds, run.steps["slow"].attempts) == (0, 2, 1)
    assert (run.steps["later"].began, run.steps["later"].attempts) == (None, 0)
    assert run.steps["bad"].attempts == 1
    assert run.steps["bad"].error is error
    assert run.document is None


def test_of_two_failures_the_first_in_the_file_is_reported() -> None:
    plan = flow_of(f"one: {ASK}\ntwo: {ASK}", "{found: [$one, $two]}")

    run, error = ended(plan, Things(one=fails(DOWN), two=fails(BadUpstreamAnswer("it is odd"))))
    gc.collect()

    assert error.step == "one"
    assert statuses(run) == {"one": "failed", "two": "failed"}


def test_a_failed_optional_step_degrades_to_its_default() -> None:
    plan = flow_of(
        "b: {source: things, operation: ask, optional: true, default: {index: 1.0}}\n"
        "a: {source: things, operation: ask, optional: true}",
        "{b: $b.index, a: $a}",
    )

    run, document = ended(plan, Things(a=fails(DOWN), b=fails(BadUpstreamAnswer("it is odd"), 1)))

    assert document == {"b": 1.0, "a": None, "degraded": ["b", "a"]}
    assert statuses(run) == {"b": "defaulted", "a": "defaulted"}


def test_a_step_whose_condition_does_not_hold_is_not_done() -> None:
    plan = plan_of(
        """
name: conditions
route: {path: /conditions}
request: {query: {x: {type: boolean, optional: true}}}
steps:
  found: {source: things, operation: ask, when: $request.query.x, default: nothing}
response: {found: $found}
"""
        + SOURCE
    )
    things = Things(found=gives("some"))

    outcomes = [ended(plan, things, {"query": {"x": x}}) for x in (None, False, True)]

    assert [document["found"] for _, document in outcomes] == ["nothing", "nothing", "some"]
    assert [statuses(run)["found"] for run, _ in outcomes] == ["skipped", "skipped", "succeeded"]
    assert len(things.asked) == 1


def test_for_each_keeps_order_and_concurrency() -> None:
    plan = flow_of(
        "found: {source: things, operation: ask, for_each: [1, 2, 3, 4, 5], as: n, concurrency: 2, params: {n: $n}}"
    )

    async def reply(params: Params) -> Any:
        await asyncio.sleep(6 - params["n"])
        return params["n"] * 10

    things = Things(found=reply)
    run, document = ended(plan, things)

    assert document == {"found": [10, 20, 30, 40, 50]}
    assert things.most_at_once == 2
    assert (run.steps["found"].rows, run.steps["found"].attempts) == (5, 5)


@pytest.mark.parametrize(("milliseconds", "turns"), [(6, 600), (2, 200), (0, 0)])
async def test_others_get_a_turn_by_the_time_that_items_take(milliseconds: int, turns: int) -> None:
    items = list(range(600))
    plan = flow_of(f"found: {{source: things, operation: ask, for_each: {items}, max_items: 600, concurrency: 16}}")
    clock = 0.0
    given = 0

    async def reply(_: Params) -> Any:
        nonlocal clock
        clock += milliseconds / 1000

    async def take_turns() -> None:
        nonlocal given
        while True:
            await asyncio.sleep(0)
            given += 1

    engine = Engine({"things": Things(found=reply)}, lambda: clock)
    other = asyncio.create_task(take_turns())
    await engine.finish(engine.begin(plan, {"path": {"id": 7}}))
    other.cancel()

    assert turns - 1 <= given <= turns + 5


async def test_a_worker_that_leaves_holds_no_other_back() -> None:
    clock = 0.0
    turns = Turns(lambda: clock)
    clock = 1.0
    leaving, staying = asyncio.create_task(turns.give()), asyncio.create_task(turns.give())

    await asyncio.sleep(0)
    leaving.cancel()
    await staying

    assert leaving.cancelled()


@pytest.mark.parametrize(("items", "found"), [("[]", []), ("null", [])])
def test_for_each_of_nothing_is_nothing(items: str, found: list[Any]) -> None:
    plan = flow_of(f"found: {{source: things, operation: ask, for_each: '${{{items}}}'}}")
    things = Things()

    assert ended(plan, things)[1] == {"found": found}
    assert things.asked == []


def test_for_each_of_what_is_no_list_fails() -> None:
    plan = flow_of("found: {source: things, operation: ask, for_each: '${1 + 1}'}")

    assert str(ended(plan, Things())[1]) == ("Step `found`, which asks `things`, failed: `for_each` needs a list.")


def test_one_item_that_fails_ends_the_others() -> None:
    plan = flow_of("found: {source: things, operation: ask, for_each: [1, 2, 3], concurrency: 3, params: {n: $item}}")

    async def reply(params: Params) -> Any:
        await asyncio.sleep(params["n"])
        if params["n"] == 2:
            raise DOWN

    things = Things(found=reply)
    run, error = ended(plan, things)

    assert isinstance(error, StepFailed)
    assert (things.at_once, run.steps["found"].seconds) == (0, 2)


def test_what_is_not_found_is_the_default_or_404() -> None:
    plan = flow_of(f"found: {ASK[:-1]}, default: none}}")
    strict = flow_of(f"found: {ASK[:-1]}, not_found: 404}}")

    assert ended(plan, Things(found=gives(None)))[1] == {"found": "none"}
    run, error = ended(strict, Things(found=gives(None)))
    assert isinstance(error, NothingFound)
    assert (str(error), kind_of(error).status) == ("There is nothing of that kind: step `found` found none.", 404)
    assert statuses(run) == {"found": "failed"}
    assert ended(strict, Things(found=gives(0)))[1] == {"found": 0}


TYPED = "found: {source: things, operation: find, params: {id: $request.path.id}}"
TYPED_BY_STEP = f"other: {ASK}\nfound: {{source: things, operation: find, params: {{id: $other.id}}}}"


def test_a_bad_parameter_of_the_request_is_the_callers() -> None:
    run, error = ended(flow_of(TYPED), Things(), {"path": {"id": "secret"}})

    assert isinstance(error, StepFailed)
    assert error.callers_place is not None
    assert "`id`: " in str(error)
    assert "secret" not in str(error)
    assert run.steps["found"].attempts == 0


def test_a_bad_parameter_from_a_step_is_not_the_callers() -> None:
    _, error = ended(flow_of(TYPED_BY_STEP), Things(other=gives({"id": "secret"})))

    assert (error.callers_place, kind_of(error).status) == (None, 502)
    assert "secret" not in str(error)


def test_an_expression_without_a_value_is_told_without_values() -> None:
    _, error = ended(flow_of(f"a: {ASK}\nfound: {{value: '${{a.b + 1}}'}}"), Things(a=gives({"b": "secret"})))

    assert str(error) == (
        "Step `found`, which asks `values of the flow`, failed: `a.b + 1` can't be computed: "
        "a value is null or of another type than the operation takes."
    )


def test_a_response_that_can_not_be_made_names_itself() -> None:
    _, error = ended(flow_of(f"found: {ASK}", "{x: '${found.b + 1}'}"), Things(found=gives({})))

    assert error.step == "response"


def test_an_answer_that_is_not_as_declared_is_refused() -> None:
    plan = flow_of(f"found: {ASK}", extra="answer: {found: {type: number}}")

    assert ended(plan, Things(found=gives(1.5)))[1] == {"found": 1.5}
    _, error = ended(plan, Things(found=gives("secret")))
    assert (error.step, kind_of(error).status) == ("response", 502)
    assert "secret" not in str(error)


def test_a_bug_in_a_source_takes_no_default() -> None:
    plan = flow_of(f"found: {ASK[:-1]}, optional: true}}")

    run, error = ended(plan, Things(found=fails(ZeroDivisionError())))

    assert isinstance(error, ZeroDivisionError)
    assert statuses(run) == {"found": "failed"}


def test_a_cached_answer_is_marked_but_not_for_many_items() -> None:
    class Remembered(Things):
        async def call(self, step: PlannedStep, params: Params, record: StepRecord, call: Call = NO_CALL) -> CallResult:
            if params["n"] > 1:
                return CallResult(Answer(1), is_cached=True)
            record.attempts += 1
            return CallResult(Answer(1))

    each = "found: {{source: things, operation: ask, for_each: {}, concurrency: 1, params: {{n: $item}}}}"
    run, _ = ended(flow_of(each.format("[1, 2]")), Remembered())
    assert (statuses(run)["found"], run.steps["found"].is_cached) == ("succeeded", False)
    run, _ = ended(flow_of(each.format("[2, 3]")), Remembered())
    assert (statuses(run)["found"], run.steps["found"].is_cached) == ("cached", True)


# Any flow at all: steps that take whole seconds of a virtual clock, each after some of those before it.


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, tuple[set[str], int]]:
    """Steps by name, in any order of the file: what each needs, and its seconds."""
    count = draw(st.integers(1, 7))
    names = draw(st.permutations([f"s{number}" for number in range(count)]))
    return {
        name: (draw(st.sets(st.sampled_from(names[:index]), max_size=3)) if index else set(), draw(st.integers(0, 5)))
        for index, name in enumerate(names)
    }


def plan_of_graph(graph: Mapping[str, tuple[set[str], int]]) -> FlowPlan:
    steps = {
        name: {"source": "things", "operation": "ask", "params": {need: f"${need}" for need in needs}}
        for name, (needs, _) in sorted(graph.items())
    }
    response = {"all": [f"${name}" for name in graph]}
    declared = {"name": "graph", "route": {"path": "/graph"}, "steps": steps, "response": response}
    sources = {"things": SourceSignature({"ask": Signature()})}
    plan, diagnostics = plan_flow(
        FlowDeclaration.model_validate(declared), Location("graph.yaml", LocatedValue()), sources
    )
    assert plan, diagnostics
    return plan


def times(graph: Mapping[str, tuple[set[str], int]]) -> dict[str, tuple[int, int]]:
    """When each step begins and ends, if each begins as soon as it can."""
    found: dict[str, tuple[int, int]] = {}
    for name, (needs, seconds) in graph.items():
        begins = max((found[need][1] for need in needs), default=0)
        found[name] = begins, begins + seconds
    return found


@given(graphs())
@settings(max_examples=40)
def test_every_step_starts_as_soon_as_it_can(
    graph: dict[str, tuple[set[str], int]],
) -> None:
    things = Things(**{name: gives(name, seconds) for name, (_, seconds) in graph.items()})

    run, document = ended(plan_of_graph(graph), things)

    assert document == {"all": list(graph)}
    assert {name: (step.began, (step.began or 0) + step.seconds) for name, step in run.steps.items()} == times(graph)
    assert {name: set(params) for name, params in things.asked} == {name: needs for name, (needs, _) in graph.items()}


@given(graphs(), st.integers(0, 20))
@settings(max_examples=40)
def test_any_flow_ends_at_its_deadline_and_leaves_nothing_behind(
    graph: dict[str, tuple[set[str], int]], seconds: int
) -> None:
    plan, expected, limit = plan_of_graph(graph), times(graph), seconds + 0.5
    things = Things(**{name: gives(name, took) for name, (_, took) in graph.items()})

    async def limited() -> tuple[Run, Any, float]:
        engine = Engine({"things": things}, asyncio.get_running_loop().time)
        run = engine.begin(plan, {})
        try:
            async with Deadline.after(limit).limit():
                outcome: Any = await engine.finish(run)
        except DeadlineExceeded as error:
            outcome = error
        return run, outcome, asyncio.get_running_loop().time()

    run, outcome, ended_at = in_virtual_time(limited())

    longest = max(end for _, end in expected.values())
    assert isinstance(outcome, DeadlineExceeded) == (longest > limit)
    assert ended_at == min(longest, limit)
    assert things.at_once == 0
    for name, step in run.steps.items():
        begins, ends = expected[name]
        assert step.status == ("succeeded" if ends < limit else "cancelled")
        assert step.began == (begins if begins < limit else None)


@given(graphs(), st.data())
@settings(max_examples=40)
def test_a_failure_in_any_flow_ends_it_at_once(graph: dict[str, tuple[set[str], int]], data: st.DataObject) -> None:
    bad = data.draw(st.sampled_from(sorted(graph)))
    expected = times(graph)
    things = Things(**{name: fails(DOWN, took) if name == bad else gives(1, took) for name, (_, took) in graph.items()})

    run, error = ended(plan_of_graph(graph), things)

    assert isinstance(error, StepFailed)
    assert error.step == bad
    assert things.at_once == 0
    ends = expected[bad][1]
    for name, step in run.steps.items():
        if name != bad and expected[name][1] < ends:
            assert step.status == "succeeded"
        if expected[name][0] > ends:
            assert (step.status, step.began) == ("cancelled", None)
        if step.began is not None:
            assert step.began + step.seconds <= ends


@given(graphs(), st.integers(0, 20))
@settings(max_examples=40)
def test_a_caller_who_leaves_ends_all_of_any_flow(graph: dict[str, tuple[set[str], int]], seconds: int) -> None:
    things = Things(**{name: gives(name, took) for name, (_, took) in graph.items()})

    async def left() -> None:
        running = asyncio.create_task(done(plan_of_graph(graph), things))
        await asyncio.wait({running}, timeout=seconds + 0.5)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    in_virtual_time(left())

    assert things.at_once == 0
