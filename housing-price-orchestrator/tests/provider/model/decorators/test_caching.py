"""Remembering of exact repeats."""

import asyncio
import tracemalloc
from collections.abc import Iterator, Sequence

import httpx
import pytest
from fake_model_server import LOT_AREA, FakeModelServer
from fastapi.testclient import TestClient
from house_record import AMES, House, Value, example_document, example_house, minimal_document
from house_record import COLUMNS as FILE_COLUMNS
from house_record.price import ValuationDate, prepare_house
from housing_price_orchestrator.bootstrap.app import create_app
from housing_price_orchestrator.domain import (
    CallTiming,
    ModelDetails,
    ModelIdentity,
    ModelRequest,
    Params,
    Predictions,
    RequestContext,
)
from housing_price_orchestrator.provider.model.decorators.caching import CachingModel
from housing_price_orchestrator.service.pricing import PricingService
from housing_price_orchestrator.settings import RepeatSettings, Settings
from scripted_model import ScriptedModel, outputs_for, settle
from upstream_resilience.errors import UpstreamUnavailable

COLUMNS = ("LotArea", "Street")
ONE, TWO, THREE = (8450.0, "Pave"), (8450.0, None), (8450.5, "Pave")


class CountedModel:
    """Answers at once, and keeps what it was asked."""

    def __init__(self) -> None:
        self.identity = ModelIdentity("model", "1")
        self.asked: list[Sequence[Sequence[Value]]] = []
        self.told: list[Params] = []
        self.error: Exception | None = None
        self.output: object = None

    async def predict(self, request: ModelRequest) -> Predictions:
        self.asked.append(request.rows)
        self.told.append(request.params)
        if self.error:
            raise self.error
        version = self.identity.version
        outputs = [self.output or f"{version}: {dict(zip(request.columns, row, strict=True))}" for row in request.rows]
        return Predictions(outputs, self.identity, CallTiming(upstream_seconds=1.0))

    async def details(self, context: RequestContext) -> ModelDetails:
        return ModelDetails(self.identity)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def model() -> CountedModel:
    return CountedModel()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lookups() -> list[tuple[int, int]]:
    return []


@pytest.fixture
def cache(model: CountedModel, clock: Clock, lookups: list[tuple[int, int]]) -> CachingModel:
    return CachingModel(
        model,
        size=100,
        ttl_seconds=60,
        is_usable=lambda output: output != "bad",
        on_lookup=lambda *lookup: lookups.append(lookup),
        timer=clock,
    )


async def test_an_exact_repeat_is_not_asked_again(
    cache: CachingModel, model: CountedModel, lookups: list[tuple[int, int]]
) -> None:
    first = await cache.predict(ModelRequest(COLUMNS, [ONE]))
    again = await cache.predict(ModelRequest(COLUMNS, [ONE]))

    assert model.asked == [[ONE]]
    assert (again.outputs, again.model) == (first.outputs, first.model)
    assert again.timing == CallTiming()
    assert lookups == [(0, 1), (1, 0)]


@pytest.mark.parametrize("other", [TWO, THREE, (8450.0, "Grvl")])
async def test_another_row_is_asked(cache: CachingModel, model: CountedModel, other: tuple[Value, ...]) -> None:
    await cache.predict(ModelRequest(COLUMNS, [ONE]))
    await cache.predict(ModelRequest(COLUMNS, [other]))

    assert model.asked == [[ONE], [other]]


async def test_the_same_values_of_other_columns_are_asked(cache: CachingModel, model: CountedModel) -> None:
    await cache.predict(ModelRequest(COLUMNS, [ONE]))
    answer = await cache.predict(ModelRequest(("GrLivArea", "Street"), [ONE]))

    assert len(model.asked) == 2
    assert "GrLivArea" in answer.outputs[0]


async def test_the_same_row_with_other_parameters_is_asked(cache: CachingModel, model: CountedModel) -> None:
    for coverage in (0.8, 0.9, 0.8):
        await cache.predict(ModelRequest(COLUMNS, [ONE], {"coverage": coverage}))
    await cache.predict(ModelRequest(COLUMNS, [ONE]))

    assert model.told == [{"coverage": 0.8}, {"coverage": 0.9}, {}]


async def test_only_the_unknown_rows_of_a_request_are_asked(
    cache: CachingModel, model: CountedModel, lookups: list[tuple[int, int]]
) -> None:
    await cache.predict(ModelRequest(COLUMNS, [TWO]))
    answer = await cache.predict(ModelRequest(COLUMNS, [ONE, TWO, THREE]))

    assert model.asked == [[TWO], [ONE, THREE]]
    assert answer == await model.predict(ModelRequest(COLUMNS, [ONE, TWO, THREE]))
    assert lookups == [(0, 1), (1, 2)]


async def test_one_version_answers_all_rows_of_a_request(cache: CachingModel, model: CountedModel) -> None:
    await cache.predict(ModelRequest(COLUMNS, [ONE, TWO]))
    model.identity = ModelIdentity("model", "2")
    answer = await cache.predict(ModelRequest(COLUMNS, [ONE, TWO, THREE]))

    assert answer == await model.predict(ModelRequest(COLUMNS, [ONE, TWO, THREE]))
    assert model.asked[1:3] == [[THREE], [ONE, TWO, THREE]]


async def test_a_new_version_makes_it_forget_the_old_one(cache: CachingModel, model: CountedModel) -> None:
    await cache.predict(ModelRequest(COLUMNS, [ONE, TWO]))
    cache.note_version(ModelIdentity("model", "1"))
    assert len(cache) == 2

    cache.note_version(ModelIdentity("model", "2"))
    assert len(cache) == 0

    model.identity = ModelIdentity("model", "2")
    assert (await cache.predict(ModelRequest(COLUMNS, [ONE]))).model.version == "2"


async def test_a_late_answer_of_the_old_version_is_not_cached() -> None:
    model = ScriptedModel()
    cache = CachingModel(model, size=100, ttl_seconds=60, is_usable=bool)
    late = asyncio.create_task(cache.predict(ModelRequest(COLUMNS, [ONE])))
    await settle()
    early = asyncio.create_task(cache.predict(ModelRequest(COLUMNS, [TWO])))
    await settle()
    model.calls[1].answer("2")
    await early
    model.calls[0].answer("1")
    await late

    again = asyncio.create_task(cache.predict(ModelRequest(COLUMNS, [ONE, TWO])))
    await settle()
    model.calls[2].answer("2")
    await settle()
    model.calls[3].answer("2")

    assert model.calls[3].rows == [ONE, TWO]
    assert (await again).model.version == "2"


async def test_a_model_without_a_version_is_not_cached(cache: CachingModel, model: CountedModel) -> None:
    model.identity = ModelIdentity("model")
    await cache.predict(ModelRequest(COLUMNS, [ONE]))
    await cache.predict(ModelRequest(COLUMNS, [ONE]))

    assert len(model.asked) == 2


async def test_what_is_remembered_grows_old(cache: CachingModel, model: CountedModel, clock: Clock) -> None:
    await cache.predict(ModelRequest(COLUMNS, [ONE]))
    clock.now = 59.9
    await cache.predict(ModelRequest(COLUMNS, [ONE]))
    assert len(model.asked) == 1

    clock.now = 60.1
    await cache.predict(ModelRequest(COLUMNS, [ONE]))
    assert len(model.asked) == 2


async def test_an_error_is_not_remembered(cache: CachingModel, model: CountedModel) -> None:
    model.error = UpstreamUnavailable("it is down")
    with pytest.raises(UpstreamUnavailable):
        await cache.predict(ModelRequest(COLUMNS, [ONE]))

    model.error = None
    assert (await cache.predict(ModelRequest(COLUMNS, [ONE]))).outputs


async def test_an_output_that_is_no_price_is_not_remembered(cache: CachingModel, model: CountedModel) -> None:
    model.output = "bad"
    assert (await cache.predict(ModelRequest(COLUMNS, [ONE]))).outputs == ["bad"]
    model.output = None

    assert (await cache.predict(ModelRequest(COLUMNS, [ONE]))).outputs != ["bad"]


@pytest.mark.parametrize("known", [[], [TWO]])
async def test_an_answer_of_wrong_length_is_passed_on_not_cached(known: list[tuple[Value, ...]]) -> None:
    model = ScriptedModel()
    cache = CachingModel(model, size=100, ttl_seconds=60, is_usable=bool)
    if known:
        asked = asyncio.create_task(cache.predict(ModelRequest(COLUMNS, known)))
        await settle()
        model.in_flight[0].answer()
        await asked

    asked = asyncio.create_task(cache.predict(ModelRequest(COLUMNS, [ONE, TWO])))
    await settle()
    while model.in_flight:
        model.in_flight[0].answer_too_short()
        await settle()

    assert (await asked).outputs == outputs_for([TWO])
    assert len(cache) == len(known)


async def test_many_distinct_houses_leave_memory_flat(model: CountedModel) -> None:
    cache = CachingModel(model, size=1000, ttl_seconds=60, is_usable=lambda _: True)
    model.output = 180_000.0

    async def price(first: int, count: int) -> None:
        for start in range(first, first + count, 500):
            await cache.predict(ModelRequest(COLUMNS, [(float(area), "Pave") for area in range(start, start + 500)]))
        model.asked.clear()

    await price(0, 2_000)
    tracemalloc.start()
    try:
        await price(2_000, 10_000)
        grown_bytes, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(cache) == 1000
    # All 1,000 entries were replaced while it was traced: they are what has grown, 500 bytes each at most.
    assert grown_bytes < 500_000


@pytest.fixture
def caching_api(model_server: FakeModelServer) -> Iterator[TestClient]:
    settings = Settings.model_construct(repeats=RepeatSettings(enabled=True))
    with TestClient(create_app(settings, httpx.MockTransport(model_server))) as api:
        yield api


def test_the_api_asks_once_for_a_house_that_comes_again(caching_api: TestClient, model_server: FakeModelServer) -> None:
    house = example_document(lot_area=12_345)
    first, second = (caching_api.post("/api/v1/price/predict", json=house).json() for _ in range(2))

    assert first == second
    asked = [row[LOT_AREA] for table in model_server.invocations for row in table["data"]]
    assert asked.count(12_345) == 1
    text = caching_api.get("/metrics").text
    assert 'repeats_total{outcome="hit"} 1.0' in text


async def test_a_cached_price_is_no_sign_of_life_of_the_model() -> None:
    model = CountedModel()
    model.output = 100.0
    cache = CachingModel(model, size=10, ttl_seconds=60, is_usable=lambda output: True)
    service = PricingService(AMES, model, model, cache)

    for _ in range(2):
        await service.price([prepare_house(AMES, example_house(), ValuationDate(2026, 12))], RequestContext())

    assert service.answered == 1


async def test_a_null_and_a_field_that_was_left_out_are_different_rows(model: CountedModel) -> None:
    cache = CachingModel(model, size=10, ttl_seconds=60, is_usable=lambda _: True)
    told, not_told = (
        prepare_house(AMES, House.model_validate(document), ValuationDate(2026, 12)).row
        for document in (minimal_document() | {"garageType": None}, minimal_document())
    )
    for row in (told, not_told, told, not_told):
        await cache.predict(ModelRequest(FILE_COLUMNS, [row], {}, RequestContext()))

    assert model.asked == [[told], [not_told]]
