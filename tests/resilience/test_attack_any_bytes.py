"""Whatever bytes come as a body: a price, or a documented 4xx; never a 500."""

import json
from collections.abc import Iterator

import httpx
import pytest
from fake_model_server import FakeModelServer
from fastapi.testclient import TestClient
from house_record import FIELDS, example_document
from housing_price_orchestrator.bootstrap.app import create_app
from housing_price_orchestrator.settings import Settings
from hypothesis import given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.resilience

ROUTES = ("/api/v1/price/predict", "/api/v1/price/predict/batch")
NAMES = [field.wire_name for field in FIELDS] + [field.name for field in FIELDS] + ["data"]
HOUSE = json.dumps(example_document()).encode()

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
VALUES = st.recursive(
    SCALARS,
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.sampled_from(NAMES) | st.text(), parts, max_size=4),
    max_leaves=10,
)
HOUSES = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=5).map(lambda fields: example_document() | fields)
BATCHES = st.lists(HOUSES | VALUES, max_size=5).map(lambda rows: {"data": rows})
DOCUMENTS = (VALUES | HOUSES | BATCHES).map(lambda document: json.dumps(document).encode())


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A body with some of its bytes gone and others put there."""
    body = draw(DOCUMENTS | st.just(HOUSE) | st.just(b'{"data": [' + HOUSE + b"]}"))
    start = draw(st.integers(0, len(body)))
    end = draw(st.integers(start, min(len(body), start + 20)))
    tokens = [b'"', b"{", b"}", b"[", b"]", b":", b",", b"},{", b"\\u0000", b"\xff", b"1e999", b"NaN", b'"id":1,']
    return body[:start] + draw(st.binary(max_size=8) | st.sampled_from(tokens)) + body[end:]


@pytest.fixture(scope="module")
def api() -> Iterator[TestClient]:
    app = create_app(Settings.model_construct(), httpx.MockTransport(FakeModelServer()))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@settings(derandomize=True, max_examples=200)
@given(body=st.binary(max_size=300) | DOCUMENTS | damaged())
def test_any_bytes_are_a_price_or_a_documented_refusal(api: TestClient, body: bytes) -> None:
    for route in ROUTES:
        answer = api.post(route, content=body, headers={"content-type": "application/json"})

        assert answer.status_code in (200, 400, 422), answer.text
        if answer.status_code != 200:
            assert answer.json()["code"] in ("MALFORMED_REQUEST", "VALIDATION_ERROR")
            assert len(answer.content) < 64_000
