"""Merging of requests, one behaviour at a time."""

import asyncio
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import count

import pytest
from house_record import Value
from housing_price_orchestrator.domain import CallTiming, ModelIdentity, ModelRequest, Predictions, RequestContext
from housing_price_orchestrator.errors import ModelNotReady
from housing_price_orchestrator.provider.model.decorators.batching.batcher import Batcher
from pydantic import TypeAdapter, ValidationError
from scripted_model import ScriptedCall, ScriptedModel, outputs_for, settle
from upstream_resilience.errors import BadUpstreamAnswer, Overloaded, UpstreamUnavailable

type Asked = asyncio.Task[Predictions]
type MakeRows = Callable[[int], list[list[Value]]]

COLUMNS = ("LotArea",)


@pytest.fixture
def model() -> ScriptedModel:
    return ScriptedModel()


@pytest.fixture
def batcher(model: ScriptedModel) -> Batcher:
    return Batcher(model, calls_at_once=1, slice_calls=1, max_rows=8, slice_rows=20, max_waiting=100)


@pytest.fixture
def numbers() -> Iterator[int]:
    return count()


@pytest.fixture
def rows(numbers: Iterator[int]) -> MakeRows:
    """So many rows, different from all others."""
    return lambda length: [[float(next(numbers))] for _ in range(length)]


def ask(
    model: Batcher, rows: Sequence[Sequence[Value]], columns: Sequence[str] = COLUMNS, request_id: str = ""
) -> Asked:
    context = RequestContext(request_id)
    return asyncio.create_task(model.predict(ModelRequest(columns, rows, context=context)))


def outputs_of(answers: Iterable[Predictions | BaseException]) -> list[Sequence[object]]:
    """What the model gave, where no call failed."""
    return [answer.outputs for answer in answers if isinstance(answer, Predictions)]


async def busy(batcher: Batcher, model: ScriptedModel, calls: int = 1) -> list[ScriptedCall]:
    """Let so many calls be in flight."""
    for number in range(calls):
        ask(batcher, [[f"busy {number}"]])
        await settle()
    return model.in_flight


async def test_an_idle_model_is_asked_at_once(batcher: Batcher, model: ScriptedModel, rows: MakeRows) -> None:
    house = rows(1)
    asked = ask(batcher, house)
    await settle()

    assert [call.rows for call in model.in_flight] == [house]
    assert batcher.waiting == 0
    model.in_flight[0].answer()
    assert (await asked).outputs == outputs_for(house)


async def test_what_arrives_while_the_model_is_busy_shares_a_call(
    batcher: Batcher, model: ScriptedModel, rows: MakeRows
) -> None:
    (first,) = await busy(batcher, model)
    houses = [rows(1), rows(3), rows(2)]
    asked = [ask(batcher, house) for house in houses]
    await settle()
    assert batcher.waiting == 3

    first.answer()
    await settle()
    assert [call.rows for call in model.in_flight] == [[row for house in houses for row in house]]
    model.in_flight[0].answer()

    assert [answer.outputs for answer in await asyncio.gather(*asked)] == [outputs_for(house) for house in houses]


async def test_a_call_holds_no_more_rows_than_allowed(batcher: Batcher, model: ScriptedModel, rows: MakeRows) -> None:
    (first,) = await busy(batcher, model)
    for length in (3, 4, 2, 7):
        ask(batcher, rows(length))
    await settle()

    sizes = []
    first.answer()
    await settle()
    while model.in_flight:
        sizes.append(len(model.in_flight[0].rows))
        model.in_flight[0].answer()
        await settle()

    assert sizes == [7, 2, 7]


async def test_requests_of_other_columns_go_apart_and_in_turn(
    batcher: Batcher, model: ScriptedModel, rows: MakeRows
) -> None:
    (first,) = await busy(batcher, model)
    for column in ("LotArea", "YrSold", "LotArea", "YrSold"):
        ask(batcher, rows(1), (column,))
    await settle()
    first.answer()
    await settle()
    assert [(call.columns, len(call.rows)) for call in model.in_flight] == [(("LotArea",), 2)]

    for _ in range(20):
        ask(batcher, rows(1))
    model.in_flight[0].answer()
    await settle()

    assert [(call.columns, len(call.rows)) for call in model.in_flight] == [(("YrSold",), 2)]


async def test_requests_of_other_parameters_go_apart(batcher: Batcher, model: ScriptedModel, rows: MakeRows) -> None:
    (first,) = await busy(batcher, model)
    asked = [{"coverage": 0.8}, {}, {"coverage": 0.8}]
    for params in asked:
        asyncio.create_task(batcher.predict(ModelRequest(COLUMNS, rows(1), params)))  # noqa: RUF006  closing ends it
    await settle()
    first.answer()
    await settle()
    assert [(call.params, len(call.rows)) for call in model.in_flight] == [({"coverage": 0.8}, 2)]
    model.in_flight[0].answer()
    await settle()

    assert [(call.params, len(call.rows)) for call in model.in_flight] == [({}, 1)]


async def test_each_slice_of_a_large_request_has_its_parameters(
    batcher: Batcher, model: ScriptedModel, rows: MakeRows
) -> None:
    asked = asyncio.create_task(batcher.predict(ModelRequest(COLUMNS, rows(40), {"coverage": 0.8})))
    await settle()
    model.in_flight[0].answer()
    await settle()
    model.in_flight[0].answer()
    await asked

    assert [call.params for call in model.calls] == [{"coverage": 0.8}] * 2


async def test_halves_of_a_call_keep_its_parameters(batcher: Batcher, model: ScriptedModel, rows: MakeRows) -> None:
    asked = [asyncio.create_task(batcher.predict(ModelRequest(COLUMNS, rows(1), {"coverage": 0.8}))) for _ in range(2)]
    await settle()
    model.in_flight[0].fail(BadUpstreamAnswer("no"))
    for _ in asked:
        await settle()
        model.in_flight[0].answer()
    await asyncio.gather(*asked)

    assert [call.params for call in model.calls] == [{"coverage": 0.8}] * 3


async def test_no_more_calls_than_allowed_are_in_flight(model: ScriptedModel, rows: MakeRows) -> None:
    batcher = Batcher(model, calls_at_once=3, max_rows=1)
    for _ in range(10):
        ask(batcher, rows(1))
    await settle()

    assert len(model.in_flight) == 3
    assert batcher.waiting == 7


async def test_requests_beyond_the_queue_are_refused(model: ScriptedModel, rows: MakeRows) -> None:
    batcher = Batcher(model, calls_at_once=1, max_waiting=2)
    await busy(batcher, model)
    first = ask(batcher, rows(1))
    ask(batcher, rows(1))
    await settle()

    with pytest.raises(Overloaded, match="2 are waiting"):
        await batcher.predict(ModelRequest(COLUMNS, rows(1)))

    first.cancel()
    await settle()
    assert batcher.waiting == 1
    ask(batcher, rows(1))
    await settle()
    assert batcher.waiting == 2


async def test_a_caller_that_leaves_the_queue_takes_its_rows_along(
    batcher: Batcher, model: ScriptedModel, rows: MakeRows
) -> None:
    (first,) = await busy(batcher, model)
    house, other = rows(1), rows(1)
    gone, stays = ask(batcher, house), ask(batcher, other)
    await settle()

    gone.cancel()
    first.answer()
    await settle()

    assert model.in_flight[0].rows == other
    model.in_flight[0].answer()
    assert (await stays).outputs == outputs_for(other)


async def test_a_caller_that_goes_later_leaves_the_others_their_answer(
    batcher: Batcher, model: ScriptedModel, rows: MakeRows
) -> None:
    gone, other = ask(batcher, rows(2)), rows(1)
    stays = ask(batcher, other)
    await settle()

    gone.cancel()
    await settle()
    model.in_flight[0].answer()

    assert (await stays).outputs == outputs_for(other)


async def test_a_call_ends_when_its_last_caller_goes(batcher: Batcher, model: ScriptedModel, rows: MakeRows) -> None:
    gone = [ask(batcher, rows(1)) for _ in range(2)]
    await settle()
    (stalled,) = model.in_flight
    for caller in gone:
        caller.cancel()
    await settle()
    assert stalled.ended.cancelled()

    house = rows(1)
    asked = ask(batcher, house)
    await settle()
    model.in_flight[0].answer()
    assert (await asked).outputs == outputs_for(house)


async def test_a_row_that_cannot_be_priced_fails_alone(model: ScriptedModel, rows: MakeRows) -> None:
    sizes: list[tuple[int, int]] = []
    batcher = Batcher(model, calls_at_once=1, max_rows=8, on_call=lambda *size: sizes.append(size))
    houses = [rows(1) for _ in range(8)]
    asked = [ask(batcher, house) for house in houses]
    poison = houses[5]

    await settle()
    while model.in_flight:
        call = model.in_flight[0]
        if poison[0] in call.rows:
            call.fail(BadUpstreamAnswer("status 400"))
        else:
            call.answer()
        await settle()

    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(answers.pop(5), BadUpstreamAnswer)
    del houses[5]
    assert outputs_of(answers) == [outputs_for(house) for house in houses]
    assert sizes == [(8, 8), (4, 4), (4, 4), (2, 2), (1, 1), (1, 1), (2, 2)]


async def test_a_broken_model_is_asked_less_than_twice_per_request(
    batcher: Batcher, model: ScriptedModel, rows: MakeRows
) -> None:
    asked = [ask(batcher, rows(1)) for _ in range(8)]
    await settle()
    while model.in_flight:
        model.in_flight[0].answer_too_short()
        await settle()

    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert {str(answer) for answer in answers} == {
        str(BadUpstreamAnswer("0 predictions for 1 rows", upstream="model server"))
    }
    assert len(model.calls) == 2 * 8 - 1


async def test_a_caller_that_left_is_not_part_of_the_halves(
    batcher: Batcher, model: ScriptedModel, rows: MakeRows
) -> None:
    first, gone, other = rows(1), rows(1), rows(1)
    asked = [ask(batcher, house) for house in (first, gone, other)]
    await settle()
    asked[1].cancel()
    model.in_flight[0].fail(BadUpstreamAnswer("status 400"))
    await settle()
    model.in_flight[0].answer()
    await settle()

    assert [call.rows for call in model.calls[1:]] == [first, other]


@pytest.mark.parametrize("error", [UpstreamUnavailable("it is down"), ModelNotReady(), Overloaded("full", 7)])
async def test_every_caller_gets_its_own_copy_of_an_error(
    batcher: Batcher, model: ScriptedModel, rows: MakeRows, error: Exception
) -> None:
    asked = [ask(batcher, rows(1)) for _ in range(3)]
    await settle()
    model.in_flight[0].fail(error)

    raised = await asyncio.gather(*asked, return_exceptions=True)
    assert {(type(each), str(each)) for each in raised} == {(type(error), str(error))}
    assert {str(vars(each)) for each in raised} == {str(vars(error))}
    assert len({id(each) for each in raised}) == 3
    assert len(model.calls) == 1
    await busy(batcher, model)
    assert len(model.in_flight) == 1


async def test_large_requests_and_others_do_not_wait_for_each_other(model: ScriptedModel, rows: MakeRows) -> None:
    batcher = Batcher(model, calls_at_once=1, slice_calls=2, max_rows=8, slice_rows=20)
    ask(batcher, rows(100))
    await settle()
    assert [len(call.rows) for call in model.in_flight] == [20, 20]

    ask(batcher, rows(1))
    ask(batcher, rows(100))
    await settle()
    assert [len(call.rows) for call in model.in_flight] == [20, 20, 1]


async def test_the_slices_of_a_large_request_make_one_answer(model: ScriptedModel, rows: MakeRows) -> None:
    batcher = Batcher(model, calls_at_once=3, max_rows=8, slice_rows=20)
    houses = rows(41)
    asked = ask(batcher, houses)
    await settle()
    for call in reversed(model.in_flight):
        call.answer()
    await settle()
    model.in_flight[0].answer()

    assert (await asked).outputs == outputs_for(houses)
    assert sorted(len(call.rows) for call in model.calls) == [13, 14, 14]


async def test_a_request_larger_than_a_call_goes_in_slices(model: ScriptedModel, rows: MakeRows) -> None:
    batcher = Batcher(model, calls_at_once=1, slice_calls=1, max_rows=8, slice_rows=20)
    ask(batcher, rows(9))
    ask(batcher, rows(20))
    ask(batcher, rows(8))
    await settle()

    assert [len(call.rows) for call in model.in_flight] == [8, 9]


async def test_a_row_that_breaks_the_model_fails_alone(
    model: ScriptedModel, rows: MakeRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def predict(request: ModelRequest) -> Predictions:
        if poison[0] in request.rows:
            raise TypeError("no such code")
        return Predictions(outputs_for(request.rows), ModelIdentity("model", "1"))

    monkeypatch.setattr(model, "predict", predict)
    batcher = Batcher(model, calls_at_once=1)
    poison, *others = [rows(1) for _ in range(5)]

    answers = await asyncio.gather(*(ask(batcher, each) for each in (poison, *others)), return_exceptions=True)

    assert isinstance(answers[0], TypeError)
    assert outputs_of(answers[1:]) == [outputs_for(each) for each in others]


async def test_an_error_that_can_not_be_made_again_reaches_everybody(model: ScriptedModel, rows: MakeRows) -> None:
    batcher = Batcher(model, calls_at_once=1)
    error = unusual_error()
    asked = [ask(batcher, rows(1)) for _ in range(2)]
    while not all(task.done() for task in asked):
        await settle()
        for call in model.in_flight:
            call.fail(error)

    assert await asyncio.gather(*asked, return_exceptions=True) == [error, error]


async def test_the_halves_of_a_call_carry_their_own_context(
    model: ScriptedModel, rows: MakeRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    async def predict(request: ModelRequest) -> Predictions:
        seen.append(request.context.request_id)
        if poison[0] in request.rows:
            raise BadUpstreamAnswer("no")
        return Predictions(outputs_for(request.rows), ModelIdentity("model", "1"))

    monkeypatch.setattr(model, "predict", predict)
    batcher = Batcher(model, calls_at_once=1)
    first, poison = rows(1), rows(1)
    asked = []
    for name, each in (("first", first), ("poison", poison)):
        asked.append(ask(batcher, each, request_id=name))
    await asyncio.gather(*asked, return_exceptions=True)

    assert seen == ["first", "first", "poison"]


def unusual_error() -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(int).validate_python("x")
    return caught.value


async def test_a_second_call_begins_when_it_is_full(model: ScriptedModel, rows: MakeRows) -> None:
    batcher = Batcher(model, calls_at_once=2, max_rows=3, patience_seconds=3600)
    for _ in range(3):
        ask(batcher, rows(1))
        await settle()
    assert [len(call.rows) for call in model.in_flight] == [1]

    ask(batcher, rows(1))
    await settle()
    assert [len(call.rows) for call in model.in_flight] == [1, 3]


async def test_a_second_call_begins_when_the_first_is_slow(model: ScriptedModel, rows: MakeRows) -> None:
    clock = 0.0
    batcher = Batcher(model, calls_at_once=2, patience_seconds=10, now=lambda: clock)
    ask(batcher, rows(1))
    await settle()
    clock = 9.0
    ask(batcher, rows(1))
    await settle()
    assert [len(call.rows) for call in model.in_flight] == [1]

    clock = 10.0
    ask(batcher, rows(1))
    await settle()
    assert [len(call.rows) for call in model.in_flight] == [1, 2]


async def test_who_waits_for_a_slow_call_needs_no_other_arrival(model: ScriptedModel, rows: MakeRows) -> None:
    batcher = Batcher(model, calls_at_once=2, patience_seconds=0.001)
    ask(batcher, rows(1))
    await settle()
    asked = ask(batcher, rows(1))

    async with asyncio.timeout(120):
        while len(model.in_flight) < 2:
            await settle()
    model.in_flight[1].answer()
    assert (await asked).outputs


async def test_large_requests_take_turns(batcher: Batcher, model: ScriptedModel, rows: MakeRows) -> None:
    one, two = rows(60), rows(40)
    ask(batcher, one)
    ask(batcher, two)
    await settle()
    while model.in_flight:
        model.in_flight[0].answer()
        await settle()

    assert [call.rows[0] for call in model.calls] == [one[0], two[0], one[20], two[20], one[40]]


async def test_a_large_request_of_two_versions_is_asked_again(
    batcher: Batcher, model: ScriptedModel, rows: MakeRows
) -> None:
    houses = rows(40)
    asked = ask(batcher, houses)
    for version in ("1", "2", "2", "2"):
        await settle()
        model.in_flight[0].answer(version)

    answer = await asked
    assert answer.outputs == outputs_for(houses)
    assert answer.model == ModelIdentity("model", "2")


async def test_a_large_request_that_no_version_answers_alone_fails(
    batcher: Batcher, model: ScriptedModel, rows: MakeRows
) -> None:
    asked = ask(batcher, rows(40))
    for version in ("1", "2", "1", "2"):
        await settle()
        model.in_flight[0].answer(version)

    with pytest.raises(BadUpstreamAnswer, match="different versions"):
        await asked


async def test_a_failed_slice_ends_the_whole_request(model: ScriptedModel, rows: MakeRows) -> None:
    batcher = Batcher(model, calls_at_once=3, max_rows=8, slice_rows=20)
    asked = ask(batcher, rows(100))
    await settle()
    one, other = model.in_flight
    other.fail(UpstreamUnavailable("it is down"))
    await settle()

    with pytest.raises(UpstreamUnavailable, match="it is down"):
        await asked
    assert one.ended.cancelled()
    assert batcher.waiting == 0
    assert not model.in_flight


async def test_a_large_request_whose_caller_goes_is_computed_no_further(
    batcher: Batcher, model: ScriptedModel, rows: MakeRows
) -> None:
    gone, waits = ask(batcher, rows(60)), ask(batcher, rows(60))
    await settle()
    assert batcher.waiting == 2
    waits.cancel()
    await settle()
    assert batcher.waiting == 1
    gone.cancel()
    await settle()

    assert batcher.waiting == 0
    assert len(model.calls) == 1
    assert not model.in_flight


async def test_a_call_carries_the_context_of_its_first_request(rows: MakeRows) -> None:
    seen = []

    class Model(ScriptedModel):
        async def predict(self, request: ModelRequest) -> Predictions:
            seen.append(request.context.request_id)
            return await super().predict(request)

    model = Model()
    batcher = Batcher(model, calls_at_once=1)
    for name in ("first", "second", "third"):
        ask(batcher, rows(1), request_id=name)
    await settle()
    model.in_flight[0].answer()
    await settle()

    assert seen == ["first"]


async def test_an_answer_says_how_long_its_request_waited(model: ScriptedModel, rows: MakeRows) -> None:
    clock = 0.0
    batcher = Batcher(model, calls_at_once=1, slice_calls=1, max_rows=8, slice_rows=20, now=lambda: clock)
    (first,) = await busy(batcher, model)
    single = ask(batcher, rows(1))
    await settle()
    clock = 3.0
    first.answer()
    await settle()
    model.in_flight[0].answer(timing=CallTiming(upstream_seconds=2.0, model_seconds=1.0))

    assert (await single).timing == CallTiming(queue_seconds=3.0, upstream_seconds=2.0, model_seconds=1.0)


async def test_a_large_request_waited_as_long_as_its_first_slice(model: ScriptedModel, rows: MakeRows) -> None:
    clock = 0.0
    batcher = Batcher(model, calls_at_once=1, slice_calls=1, max_rows=8, slice_rows=20, now=lambda: clock)
    ask(batcher, rows(21))
    await settle()
    large = ask(batcher, rows(40))
    # The slices of the first are answered at 1 and 5, those of the other after them.
    for ended in (1.0, 5.0, 6.0, 8.0):
        await settle()
        clock = ended
        model.in_flight[0].answer(timing=CallTiming(upstream_seconds=2.0, model_seconds=1.0))

    assert (await large).timing == CallTiming(queue_seconds=5.0, upstream_seconds=3.0, model_seconds=2.0)


async def test_a_model_that_answers_without_waiting_serves_a_long_queue(rows: MakeRows) -> None:
    class Model(ScriptedModel):
        async def predict(self, request: ModelRequest) -> Predictions:
            return Predictions(outputs_for(request.rows), ModelIdentity())

    batcher = Batcher(Model(), calls_at_once=1, max_rows=1, max_waiting=2000)
    houses = [rows(1) for _ in range(2000)]

    answers = await asyncio.gather(*(batcher.predict(ModelRequest(COLUMNS, house)) for house in houses))

    assert [answer.outputs for answer in answers] == [outputs_for(house) for house in houses]


async def test_closing_ends_calls_and_answers_who_waits(batcher: Batcher, model: ScriptedModel, rows: MakeRows) -> None:
    asked = [ask(batcher, rows(1))]
    await settle()
    asked += [ask(batcher, rows(1)), ask(batcher, rows(40))]
    await settle()

    await batcher.aclose()

    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(answer) for answer in answers] == [UpstreamUnavailable] * 3
    assert not model.in_flight
    assert batcher.waiting == 0
    with pytest.raises(UpstreamUnavailable):
        await batcher.predict(ModelRequest(COLUMNS, rows(1)))


async def test_a_call_that_is_cancelled_from_below_strands_nobody(
    batcher: Batcher, model: ScriptedModel, rows: MakeRows
) -> None:
    asked = [ask(batcher, rows(1)) for _ in range(2)]
    await settle()
    model.in_flight[0].fail(asyncio.CancelledError())

    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(answer) for answer in answers] == [UpstreamUnavailable] * 2


async def test_ten_thousand_cancelled_requests_leak_no_slot(model: ScriptedModel, rows: MakeRows) -> None:
    batcher = Batcher(model, calls_at_once=2, max_rows=4, slice_rows=6, max_waiting=30)
    chance = random.Random(0)
    callers: list[asyncio.Task[None]] = []

    async def caller() -> None:
        with suppress(Overloaded):
            await batcher.predict(ModelRequest(COLUMNS, rows(chance.choice((1, 2, 13)))))

    for _ in range(10_000):
        callers.append(asyncio.create_task(caller()))
        await asyncio.sleep(0)
        chance.choice(callers).cancel()
        if model.in_flight and chance.random() < 0.3:
            model.in_flight[0].answer()
        callers[:-40] = [task for task in callers[:-40] if task.cancel()]
        model.calls = model.in_flight
    for task in callers:
        task.cancel()
    await settle()
    assert batcher.waiting == 0

    model.calls.clear()
    houses = [rows(4), rows(4)]
    asked = [ask(batcher, house) for house in houses]
    await settle()
    assert [call.rows for call in model.in_flight] == houses
    for call in model.in_flight:
        call.answer()
    assert [answer.outputs for answer in await asyncio.gather(*asked)] == [outputs_for(house) for house in houses]
