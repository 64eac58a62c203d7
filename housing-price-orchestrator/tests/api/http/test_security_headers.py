"""What answers tell browsers, on every answer."""

import re
from base64 import b64encode
from hashlib import sha256
from typing import Any

import httpx
import httpx2
import pytest
from fake_model_server import FakeModelServer
from fastapi.testclient import TestClient
from house_record import minimal_document
from housing_price_orchestrator.bootstrap.app import create_app
from housing_price_orchestrator.settings import CorsSettings, DocsSettings, Settings
from price_routes import PREDICT

ORIGIN = {"Origin": "https://a.example"}


def api_with(model_server: FakeModelServer, **settings: Any) -> TestClient:
    app = create_app(Settings.model_construct(**settings), httpx.MockTransport(model_server))
    return TestClient(app, raise_server_exceptions=False)


def explode(request: httpx.Request) -> httpx.Response:
    raise ZeroDivisionError


@pytest.fixture
def answers(api: TestClient, model_server: FakeModelServer) -> list[httpx2.Response]:
    """One of each kind: 200, 404, 405, 415, 422 and 500."""
    good = [api.post(PREDICT, json=minimal_document()), api.get("/health"), api.get("/metrics")]
    bad = [api.get("/nothing"), api.get(PREDICT), api.post(PREDICT, content=b"x"), api.post(PREDICT, json={})]
    model_server.misbehave = explode
    return [*good, *bad, api.post(PREDICT, json=minimal_document())]


def test_every_answer_has_them_once(answers: list[httpx2.Response]) -> None:
    assert [answer.status_code for answer in answers] == [200, 200, 200, 404, 405, 415, 422, 500]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert "server" not in answer.headers
        assert "strict-transport-security" not in answer.headers
        assert len(answer.headers.multi_items()) == len(answer.headers)


def test_https_is_insisted_on_where_that_is_set(model_server: FakeModelServer) -> None:
    with api_with(model_server, hsts_seconds=31_536_000) as api:
        for path in ("/health", "/docs", "/docs/assets/favicon.png"):
            assert api.get(path).headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


def policy_of(answer: httpx2.Response) -> dict[str, list[str]]:
    directives = answer.headers["content-security-policy"].split("; ")
    return {name: values for name, *values in (directive.split() for directive in directives)}


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_a_page_may_load_what_it_names_and_nothing_else(api: TestClient, page: str) -> None:
    answer = api.get(page)
    policy = policy_of(answer)
    scripts = re.findall(r"<script(?P<attributes>[^>]*)>(?P<text>.*?)</script>", answer.text, re.DOTALL)

    assert policy["default-src"] == ["'none'"]
    assert scripts
    for attributes, text in scripts:
        if "src=" in attributes:
            assert re.search(r'src="/docs/assets/', attributes)
        else:
            digest = b64encode(sha256(text.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy["script-src"]
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:"} & set(policy["script-src"])
    for source in re.findall(r'(?:href|src)="([^"]+)"', answer.text):
        assert source.startswith(("/docs/assets/", "data:"))
    assert not re.search(r'\son\w+="', answer.text)
    assert policy["connect-src"] == ["'self'"]
    assert policy["frame-ancestors"] == ["'none'"]


def test_scripts_are_revalidated_and_errors_never_cached(api: TestClient) -> None:
    answer = api.get("/docs/assets/swagger-ui-bundle.js")

    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/docs/assets/favicon.png"])
def test_the_documentation_can_be_switched_off(model_server: FakeModelServer, path: str) -> None:
    with api_with(model_server, docs=DocsSettings(enabled=False)) as api:
        answer = api.get(path)

    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert "/docs" not in answer.text


def test_a_web_page_can_read_the_answer_to_a_bug(model_server: FakeModelServer) -> None:
    with api_with(model_server, cors=CorsSettings(origins=("https://a.example",))) as api:
        model_server.misbehave = explode
        answer = api.post(PREDICT, json=minimal_document(), headers=ORIGIN)

    assert answer.status_code == 500
    assert answer.headers["access-control-allow-origin"] == "https://a.example"
    assert answer.headers["x-frame-options"] == "DENY"
    assert "x-request-id" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize("header", ["x-api-key", "idempotency-key", "x-request-timeout-ms", "content-type"])
def test_web_pages_may_send_known_headers_only(model_server: FakeModelServer, header: str) -> None:
    asking = ORIGIN | {"Access-Control-Request-Method": "POST"}
    with api_with(model_server, cors=CorsSettings(origins=("https://a.example",))) as api:
        allowed = api.options(PREDICT, headers=asking | {"Access-Control-Request-Headers": header})
        refused = api.options(PREDICT, headers=asking | {"Access-Control-Request-Headers": f"{header}, x-other"})

    assert (allowed.status_code, refused.status_code) == (200, 204)
