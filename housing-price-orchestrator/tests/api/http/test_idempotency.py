"""The same `Idempotency-Key` gets the same answer: the whole application in process."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from api_keys.keys import Scope
from fake_model_server import FakeModelServer
from fastapi.testclient import TestClient
from house_record import example_document, minimal_document
from housing_price_orchestrator.access.keys import key_file
from housing_price_orchestrator.bootstrap.app import create_app
from housing_price_orchestrator.settings import KeySettings, Settings
from price_routes import BATCH, PREDICT
from scripted_model import settle

KEY = {"Idempotency-Key": "order-66"}


def comparable(answer: httpx.Response | httpx2.Response) -> tuple[int, str, bytes]:
    return answer.status_code, answer.headers["content-type"], answer.content


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (PREDICT, minimal_document(), 200),
        (PREDICT, {}, 422),
        (BATCH, {"data": [minimal_document(), minimal_document()]}, 200),
        (BATCH, {"data": []}, 422),
    ],
)
def test_a_final_answer_is_given_again_byte_for_byte(
    api: TestClient, model_server: FakeModelServer, path: str, body: Any, status: int
) -> None:
    first = api.post(path, json=body, headers=KEY)
    model_server.version = "4"

    second = api.post(path, json=body, headers=KEY)

    assert first.status_code == status
    assert comparable(first) == comparable(second)
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert second.headers["x-frame-options"] == "DENY"
    assert "http_answers_replayed_total 1.0" in api.get("/metrics").text


def test_another_body_with_the_same_key_is_rejected(api: TestClient) -> None:
    api.post(PREDICT, json=minimal_document(), headers=KEY)

    answer = api.post(PREDICT, json=example_document(), headers=KEY)

    assert answer.status_code == 422
    [mistake] = answer.json()["detail"]
    assert (mistake["type"], mistake["loc"]) == ("idempotency_key_reused", ["header", "Idempotency-Key"])


@pytest.mark.parametrize("key", ["", "x" * 256, "two words", "tab\t", "ä"])
def test_an_invalid_key_is_rejected(api: TestClient, key: str) -> None:
    headers = [(b"Idempotency-Key", key.encode("latin-1"))]

    answer = api.post(PREDICT, json=minimal_document(), headers=headers)

    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["header", "Idempotency-Key"]


def test_the_longest_key_is_one(api: TestClient) -> None:
    headers = {"Idempotency-Key": "~" * 255}

    assert api.post(PREDICT, json=minimal_document(), headers=headers).status_code == 200


@pytest.mark.parametrize(
    "other",
    [
        {"url": PREDICT, "headers": {"Idempotency-Key": "order-67"}},
        {"url": f"{PREDICT}?coverage=0.9", "headers": KEY},
        {"url": BATCH, "headers": KEY},
    ],
)
def test_another_key_query_or_route_is_another_request(api: TestClient, other: dict[str, Any]) -> None:
    api.post(PREDICT, json=minimal_document(), headers=KEY)

    assert "idempotency-replayed" not in api.post(json=minimal_document(), **other).headers


def test_what_may_be_otherwise_the_next_time_is_not_kept(api: TestClient, model_server: FakeModelServer) -> None:
    model_server.misbehave = lambda request: httpx.Response(500)
    assert api.post(PREDICT, json=minimal_document(), headers=KEY).status_code == 502

    model_server.misbehave = None
    answer = api.post(PREDICT, json=minimal_document(), headers=KEY)

    assert answer.status_code == 200
    assert "idempotency-replayed" not in answer.headers


def test_a_bug_of_ours_is_not_kept_and_strands_nobody(api: TestClient, model_server: FakeModelServer) -> None:
    def explode(request: httpx.Request) -> httpx.Response:
        raise ZeroDivisionError

    model_server.misbehave = explode
    assert api.post(PREDICT, json=minimal_document(), headers=KEY).status_code == 500

    model_server.misbehave = None
    assert api.post(PREDICT, json=minimal_document(), headers=KEY).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"), [({"content-type": "text/plain"}, 415), ({"content-length": "9" * 9}, 413)]
)
def test_the_limits_of_bodies_hold(api: TestClient, headers: dict[str, str], status: int) -> None:
    headers = {"content-type": "application/json"} | headers | KEY

    assert api.post(PREDICT, content=b"{}", headers=headers).status_code == status


def test_routes_that_only_read_take_no_notice(api: TestClient) -> None:
    answers = [api.get("/api/v1/price/model", headers=KEY) for _ in range(2)]

    assert not any("idempotency-replayed" in answer.headers for answer in answers)


def test_callers_do_not_get_each_others_answers(tmp_path: Path, model_server: FakeModelServer) -> None:
    keys = KeySettings(file=tmp_path / "api-keys.json")
    mine, others = (key_file(keys).add(name, [Scope.PREDICT]) for name in ("mine", "others"))
    app = create_app(Settings.model_construct(keys=keys), httpx.MockTransport(model_server))

    with TestClient(app) as api:
        api.post(PREDICT, json=minimal_document(), headers=KEY | {"X-API-Key": mine})
        second = api.post(PREDICT, json=minimal_document(), headers=KEY | {"X-API-Key": mine})
        other = api.post(PREDICT, json=minimal_document(), headers=KEY | {"X-API-Key": others})

    assert "idempotency-replayed" in second.headers
    assert "idempotency-replayed" not in other.headers


class HeldModelServer:
    """Answers requests that carry the id `held` only when it may; the probe's carry none."""

    def __init__(self) -> None:
        self.fake = FakeModelServer()
        self.is_asked, self.may_answer = asyncio.Event(), asyncio.Event()
        self.held = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("x-request-id") == "held":
            self.held += 1
            self.is_asked.set()
            await self.may_answer.wait()
        return self.fake(request)


@pytest.fixture
def held() -> HeldModelServer:
    return HeldModelServer()


@pytest.fixture
async def client(held: HeldModelServer) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Settings.model_construct(), httpx.MockTransport(held))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        yield client


def post(client: httpx.AsyncClient) -> asyncio.Task[httpx.Response]:
    headers = KEY | {"X-Request-ID": "held"}
    return asyncio.create_task(client.post(PREDICT, json=minimal_document(), headers=headers))


async def test_the_second_waits_for_the_first_and_gets_its_answer(
    client: httpx.AsyncClient, held: HeldModelServer
) -> None:
    first, second = post(client), post(client)
    await held.is_asked.wait()
    await settle()

    held.may_answer.set()

    answers = await asyncio.gather(first, second)
    assert held.held == 1
    assert comparable(answers[0]) == comparable(answers[1])
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 1


async def test_the_second_takes_over_when_the_first_leaves(client: httpx.AsyncClient, held: HeldModelServer) -> None:
    first = post(client)
    await held.is_asked.wait()
    second = post(client)
    await settle()

    first.cancel()
    await settle()
    held.may_answer.set()
    answer = await second

    assert answer.status_code == 200
    assert "idempotency-replayed" not in answer.headers
