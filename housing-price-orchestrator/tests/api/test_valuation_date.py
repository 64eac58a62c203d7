"""The date of valuation over HTTP: a house's own, a request's, the service's."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
import pytest
from fake_model_server import LAST_SALE_YEAR, MONTH_SOLD, YEAR_SOLD, FakeModelServer
from fastapi.testclient import TestClient
from house_record import example_document
from house_record.price import ValuationDate
from housing_price_orchestrator.bootstrap.app import create_app
from housing_price_orchestrator.settings import RepeatSettings, Settings, ValuationSettings
from price_routes import BATCH, PREDICT

UNDATED = example_document(yr_sold=None, mo_sold=None)


@pytest.fixture
def model_server() -> FakeModelServer:
    return FakeModelServer(gives_records=True)


@pytest.fixture
def settings() -> Settings:
    return Settings.model_construct(valuation=ValuationSettings(as_of="2009-11"))


@pytest.fixture
def caching_api(model_server: FakeModelServer, settings: Settings) -> Iterator[TestClient]:
    settings = settings.model_copy(update={"repeats": RepeatSettings(enabled=True)})
    with TestClient(create_app(settings, httpx.MockTransport(model_server))) as api:
        yield api


def dates_asked(model_server: FakeModelServer) -> list[tuple[Any, Any]]:
    rows = [row for table in model_server.invocations for row in table["data"]]
    return [(row[YEAR_SOLD], row[MONTH_SOLD]) for row in rows]


def test_a_house_without_a_date_is_priced_as_of_the_request_and_else_of_the_setting(
    api: TestClient, model_server: FakeModelServer
) -> None:
    asked = api.post(PREDICT, params={"asOf": "2008-03"}, json=UNDATED).json()
    unasked = api.post(PREDICT, json=UNDATED).json()

    assert (asked["pricedAsOf"], unasked["pricedAsOf"]) == ("2008-03", "2009-11")
    assert dates_asked(model_server)[-2:] == [(2008, 3), (2009, 11)]


def test_the_houses_of_a_batch_keep_their_own_dates(api: TestClient, model_server: FakeModelServer) -> None:
    houses = [UNDATED, example_document(yr_sold=2007, mo_sold=2), example_document(yr_sold=2007, mo_sold=None)]

    answer = api.post(BATCH, params={"asOf": "2026-12"}, json={"data": houses}).json()

    assert [price["pricedAsOf"] for price in answer["predictions"]] == ["2026-12", "2007-02", "2007"]
    assert dates_asked(model_server)[-3:] == [(2026, 12), (2007, 2), (2007, None)]


def test_a_date_after_the_sales_is_a_warning_and_no_mark(api: TestClient) -> None:
    before, after = (api.post(PREDICT, params={"asOf": month}, json=UNDATED).json() for month in ("2010-12", "2026-12"))

    assert before["warnings"] == []
    assert "outOfDistribution" not in after
    (warning,) = after["warnings"]
    assert (warning["code"], warning["fields"]) == ("BEYOND_SALES_PERIOD", [])
    assert str(LAST_SALE_YEAR) in warning["message"]
    assert 'houses_implausible_total{code="BEYOND_SALES_PERIOD"} 1.0' in api.get("/metrics").text


@pytest.mark.parametrize("path", [PREDICT, BATCH])
@pytest.mark.parametrize("text", ["2026", "2026-13", "december", "today", "", "1799-01", "2026-12-01"])
def test_a_malformed_date_is_refused(api: TestClient, path: str, text: str) -> None:
    answer = api.post(path, params={"asOf": text}, json={"data": [UNDATED]} if path == BATCH else UNDATED)

    assert answer.status_code == 422
    assert answer.json()["detail"] == [
        {
            "type": "month_parsing",
            "loc": ["query", "asOf"],
            "msg": "Input should be a month from 1800 on, such as 2026-12",
        }
    ]


def test_the_name_of_the_option_is_the_one_on_the_wire(api: TestClient) -> None:
    answer = api.post(PREDICT, params={"as_of": "2026-12"}, json=UNDATED)

    assert answer.status_code == 422
    assert "did you mean 'asOf'?" in answer.json()["detail"][0]["msg"]


def test_two_dates_never_share_a_cached_price(caching_api: TestClient, model_server: FakeModelServer) -> None:
    house = example_document(yr_sold=None, mo_sold=None, lot_area=12_345)
    dates = ["2008-03", "2008-04", "2009-03", "2008-03"]

    answers = [caching_api.post(PREDICT, params={"asOf": date}, json=house).json() for date in dates]

    assert [answer["pricedAsOf"] for answer in answers] == dates
    asked = dates_asked(model_server)
    assert [asked.count(date) for date in ((2008, 3), (2008, 4), (2009, 3))] == [1, 1, 1]


def test_a_key_that_is_sent_again_with_another_date_is_another_request(api: TestClient) -> None:
    key, dates = {"Idempotency-Key": "one"}, ["2008-03", "2008-04", "2008-03"]

    answers = [api.post(PREDICT, params={"asOf": date}, json=UNDATED, headers=key) for date in dates]

    assert [answer.json()["pricedAsOf"] for answer in answers] == dates
    assert [answer.headers.get("Idempotency-Replayed") for answer in answers] == [None, None, "true"]


def test_today_is_the_clocks_month_in_utc() -> None:
    evening = datetime(2026, 12, 31, 19, tzinfo=timezone(timedelta(hours=-6)))

    assert ValuationSettings().date(lambda: evening) == ValuationDate(2027, 1)
