"""The source `feast`: what holds for the fake and for the real feature server."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from declared_flows.sources.feast.options import FeastOptions
from declared_flows.sources.feast.source import Feast
from declared_flows.sources.port import NO_CALL, Answer, OpenSource, SourceContext
from fake_feature_server import FakeFeatureServer
from fake_model_server import serving
from running_feast import feast_server, why_no_feast
from upstream_resilience.errors import BadUpstreamAnswer, UpstreamUnavailable

CUSTOMER = {"customer_id": {"type": "integer"}}
BUDGET_AND_PAYMENT = ["home_search:budget", "customer_stats:avg_payment"]


@pytest.fixture(
    scope="module", params=["fake", pytest.param("real", marks=(pytest.mark.integration, pytest.mark.slow))]
)
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "fake":
        with serving(FakeFeatureServer()) as address:  # type: ignore[arg-type] # any callable will do
            yield address
    elif reason := why_no_feast():
        pytest.skip(reason)
    else:
        with feast_server() as address:
            yield address


@asynccontextmanager
async def store(url: str, operation: Mapping[str, Any]) -> AsyncIterator[OpenSource]:
    declared = {"kind": "feast", "url": url, "operations": {"ask": {"entities": CUSTOMER, **operation}}}
    options = FeastOptions.model_validate(declared)
    assert not list(Feast().diagnose(options))
    async with Feast().open("store", options, SourceContext(Path())) as source:
        yield source


async def asked(url: str, operation: Mapping[str, Any], customer: Any) -> Answer:
    async with store(url, operation) as source:
        return await source.operations["ask"]({"customer_id": customer}, NO_CALL)


async def verified(url: str, operation: Mapping[str, Any]) -> list[str]:
    async with store(url, operation) as source:
        return list(await source.verify())


async def test_features_of_an_entity_are_a_record_by_short_names(url: str) -> None:
    answer = await asked(url, {"features": [*BUDGET_AND_PAYMENT, "home_search:seen"]}, 1)

    assert answer.value == {"budget": 120_000.0, "avg_payment": 950.0, "seen": ["OldTown"]}
    assert answer.rows == 1


async def test_an_entity_of_which_nothing_is_known_is_nothing(url: str) -> None:
    answer = await asked(url, {"features": BUDGET_AND_PAYMENT}, 4711)

    assert answer.value is None
    assert answer.rows == 0


async def test_a_feature_that_is_missing_alone_is_null(url: str) -> None:
    answer = await asked(url, {"features": BUDGET_AND_PAYMENT}, 10)

    assert answer.value == {"budget": None, "avg_payment": 1400.0}


async def test_many_entities_are_a_list_in_their_order(url: str) -> None:
    answer = await asked(url, {"features": ["home_search:budget"], "rows": "many"}, [2, 4711, 1])

    assert answer.value == [{"budget": 140_000.0}, None, {"budget": 120_000.0}]
    assert answer.rows == 2
    assert (await asked(url, {"features": ["home_search:budget"], "rows": "many"}, [])).value == []


async def test_a_feature_service_says_itself_which_features_it_has(url: str) -> None:
    answer = await asked(url, {"feature_service": "recommendation"}, 1)

    assert answer.value == {"budget": 120_000.0, "viewings": 1, "favourite": "CollgCr", "seen": ["OldTown"]}


async def test_full_names_hold_the_view(url: str) -> None:
    answer = await asked(url, {"features": BUDGET_AND_PAYMENT, "full_names": True}, 1)

    assert answer.value == {"home_search__budget": 120_000.0, "customer_stats__avg_payment": 950.0}


async def test_features_that_are_too_old_count_as_missing(url: str) -> None:
    operation = {"features": BUDGET_AND_PAYMENT, "max_age": "2d"}

    assert (await asked(url, operation, 9)).value == {"budget": None, "avg_payment": 1350.0}
    assert (await asked(url, {"features": ["home_search:budget"], "max_age": "2d"}, 9)).value is None
    assert (await asked(url, {"features": ["home_search:budget"], "max_age": "11d"}, 9)).value == {"budget": 280_000.0}


async def test_names_that_the_store_knows_are_no_mistake(url: str) -> None:
    assert await verified(url, {"features": BUDGET_AND_PAYMENT}) == []
    assert await verified(url, {"features": BUDGET_AND_PAYMENT, "full_names": True}) == []
    assert await verified(url, {"feature_service": "recommendation", "answer": {"budget": {"type": "number"}}}) == []


@pytest.mark.parametrize(
    ("operation", "diagnostics"),
    [
        (
            {"features": ["home_search:nothing", "home_search:budget", "nowhere:income"]},
            [
                "operation `ask`: `home_search:nothing`: its view has no such feature",
                "operation `ask`: `nowhere:income`: the store has no feature view of that name",
            ],
        ),
        (
            {"feature_service": "nothing"},
            ["operation `ask`: `nothing`: the store has no feature service of that name"],
        ),
        (
            {"features": ["home_search:budget"], "entities": {"person": {"type": "integer"}}},
            ["operation `ask`: `home_search:budget`: its view has other join keys than the declared `entities`"],
        ),
        (
            {"features": ["home_search:budget"], "entities": CUSTOMER | {"house": {"type": "integer"}}},
            ["operation `ask`: the entity `house` is not a join key of these features"],
        ),
        (
            {"features": ["home_search:budget"], "entities": {"customer_id": {"type": "string"}}},
            ["operation `ask`: `home_search:budget`: an entity declared as a string is an integer there"],
        ),
        (
            {"feature_service": "recommendation", "answer": {"income": {"type": "number"}}},
            ["operation `ask`: `income`: the feature service `recommendation` has none"],
        ),
    ],
)
async def test_names_that_the_store_lacks_are_found(
    url: str, operation: Mapping[str, Any], diagnostics: list[str]
) -> None:
    assert await verified(url, operation) == diagnostics


async def test_what_the_store_says_of_a_refusal_reaches_nobody(url: str) -> None:
    operation = {"features": ["home_search:budget"], "entities": {"customer_id": {"type": "string"}}}

    with pytest.raises(BadUpstreamAnswer) as error:
        await asked(url, operation, "hunter2")

    assert str(error.value) == "The upstream gave an answer that can't be used: it answered with status 500."


async def test_the_second_attempt_after_a_refusal_is_answered(url: str) -> None:
    operation = {"features": ["home_search:budget"], "entities": {"customer_id": {"type": "string"}}}
    async with store(url, operation) as source:
        ask = source.operations["ask"]
        with pytest.raises(BadUpstreamAnswer):
            await ask({"customer_id": "x"}, NO_CALL)
        with suppress(UpstreamUnavailable):  # Feast drops the connection after an error
            await ask({"customer_id": "1"}, NO_CALL)

        assert (await ask({"customer_id": "1"}, NO_CALL)).value == {"budget": 120_000.0}
