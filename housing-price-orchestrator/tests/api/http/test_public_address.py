"""How browsers, probes and proxies address the service: `/`, slashes at the end, HEAD, and prefixes."""

import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from api_keys.keys import Scope
from fake_model_server import FakeModelServer
from fastapi.testclient import TestClient
from house_record import minimal_document
from housing_price_orchestrator.access.keys import key_file
from housing_price_orchestrator.bootstrap.app import create_app
from housing_price_orchestrator.settings import DocsSettings, FlowSettings, KeySettings, Settings
from price_routes import PREDICT
from pydantic import HttpUrl, SecretStr
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

DOCUMENTS: tuple[str, ...] = (
    "/docs",
    "/redoc",
    "/openapi.json",
    "/health",
    "/ready",
    "/metrics",
    "/docs/assets/swagger-ui.css",
)
DOCUMENTS += ("/api/v1/price/model", "/api/v1/executions", "/api/v1/things/7", "/favicon.ico")
FLOW = """
name: things
route: {path: "/api/v1/things/{id}"}
request: {path: {id: {type: string}}}
steps: {a: {value: $request.path.id}}
response: {a: $a}
"""
PROXY = "10.0.0.1"


@pytest.fixture
def flows(tmp_path: Path) -> FlowSettings:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "things.yaml").write_text(FLOW)
    executions = SecretStr(f"sqlite:///{tmp_path}/executions.db")
    return FlowSettings(folder=tmp_path / "flows", watch=False, executions_url=executions)


@contextmanager
def served(*, around: Any = lambda app: app, **settings: Any) -> Iterator[TestClient]:
    app = create_app(Settings.model_construct(**settings), httpx.MockTransport(FakeModelServer()))
    with TestClient(around(app), raise_server_exceptions=False, follow_redirects=False, client=(PROXY, 4711)) as client:
        yield client


@pytest.fixture
def api(flows: FlowSettings) -> Iterator[TestClient]:
    with served(flows=flows) as client:
        yield client


def test_a_browser_is_led_to_the_documentation(api: TestClient) -> None:
    answer = api.get("/")

    assert (answer.status_code, answer.headers["location"]) == (307, "/docs")


def test_a_browser_is_led_to_the_page_that_is_set() -> None:
    with served(page_url=HttpUrl("https://prices.example.com"), docs=DocsSettings(enabled=False)) as api:
        assert api.get("/").headers["location"] == "https://prices.example.com/"


def test_there_is_nothing_at_the_front_door_without_documentation() -> None:
    with served(docs=DocsSettings(enabled=False)) as api:
        assert (api.get("/").status_code, api.get("/favicon.ico").status_code) == (404, 404)


def test_the_front_door_needs_no_key_and_the_documentation_does(tmp_path: Path) -> None:
    keys = KeySettings(file=tmp_path / "keys.json")
    key_file(keys).add("shop", [Scope.PREDICT])
    with served(keys=keys) as api:
        assert (api.get("/").status_code, api.get("/favicon.ico").status_code) == (307, 200)
        assert (api.get("/docs").status_code, api.get("/health/").status_code) == (401, 200)


@pytest.mark.parametrize(
    "path", ["/docs-internal", "/docsx", "/docs/x", "/redoc2", "/openapi.json.bak", "/docs/assetsx"]
)
def test_a_path_that_begins_like_a_page_takes_no_password(tmp_path: Path, path: str) -> None:
    keys = KeySettings(file=tmp_path / "keys.json")
    key = key_file(keys).add("all", [Scope.ADMIN])
    basic = {"Authorization": "Basic " + b64encode(f"me:{key}".encode()).decode()}
    with served(keys=keys) as api:
        refused = api.get(path, headers=basic)
        assert (refused.status_code, refused.headers["www-authenticate"].split()[0]) == (401, "ApiKey")
        for page in ("/docs", "/docs/", "/redoc", "/openapi.json", "/docs/assets/favicon.png"):
            assert api.get(page, headers=basic).status_code == 200


@pytest.mark.parametrize("path", [path for path in DOCUMENTS if "assets" not in path and "things" not in path])
def test_a_slash_at_the_end_changes_nothing(api: TestClient, path: str) -> None:
    plain, slash = api.get(path), api.get(f"{path}/")

    assert slash.status_code == plain.status_code == 200
    assert slash.headers["content-type"] == plain.headers["content-type"]
    assert slash.headers["content-security-policy"] == plain.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/health//", "/docs%2F", "/api/v1/things/7/", "/x/"])
def test_no_other_path_has_a_second_spelling(api: TestClient, path: str) -> None:
    assert api.get(path).status_code == 404
    assert api.post(f"{PREDICT}/", json=minimal_document()).status_code == 404


@pytest.mark.parametrize("path", ["/", *DOCUMENTS])
def test_head_returns_what_get_does_without_the_body(api: TestClient, path: str) -> None:
    got, head = api.get(path), api.head(path)

    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.headers["content-type"] == got.headers["content-type"] if path != "/" else head.headers["location"]


def test_head_is_counted_under_its_route(api: TestClient) -> None:
    for path in ("/health", "/docs", "/metrics/", "/api/v1/price/model", "/api/v1/things/7"):
        api.head(path)
    metrics = api.get("/metrics").text

    for route in ("/health", "/docs", "/metrics", "/api/v1/price/model", "/api/v1/things/{id}"):
        assert f'http_requests_total{{method="HEAD",route="{route}",status="200"}} 1.0' in metrics
    assert 'method="HEAD",route="unmatched"' not in metrics


def test_head_is_not_allowed_where_get_is_not(api: TestClient) -> None:
    answer = api.head(PREDICT)

    assert (answer.status_code, answer.headers["allow"], answer.content) == (405, "POST", b"")


@pytest.mark.parametrize(
    ("path", "allowed"), [("/api/v1/price/model", "GET"), (PREDICT, "POST"), ("/api/v1/things/7", "GET")]
)
def test_a_preflight_without_cors_names_the_setting(api: TestClient, path: str, allowed: str) -> None:
    answer = api.options(path, headers={"Origin": "https://a.example", "Access-Control-Request-Method": "POST"})

    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert "ORCHESTRATOR_CORS__ORIGINS" in answer.json()["detail"]
    assert "ORCHESTRATOR_CORS__ORIGINS" not in api.delete(path).json()["detail"]


def check_links(api: TestClient, prefix: str, **headers: str) -> None:
    """Check that each link leads below the prefix, and that the policy of a page allows its own script."""
    assert api.get("/", headers=headers).headers["location"] == f"{prefix}/docs"
    assert [server["url"] for server in api.get("/openapi.json", headers=headers).json()["servers"]] == [prefix]
    for page in ("/docs", "/redoc", "/docs/"):
        answer = api.get(page, headers=headers)
        check_page(answer, prefix)
        assert api.head(page, headers=headers).headers["content-security-policy"] in answer.headers.values()
    assert f"`{prefix}/docs`" in api.get("/x", headers=headers).json()["detail"]
    assert api.post(PREDICT, json=minimal_document(), headers=headers).status_code == 200
    assert {api.get(path, headers=headers).status_code for path in DOCUMENTS} == {200}


def check_page(answer: httpx2.Response, prefix: str) -> None:
    links = [link for link in re.findall(r'(?:href|src)="([^"]+)"', answer.text) if not link.startswith("data:")]
    assert links
    assert all(link.startswith(f"{prefix}/docs/assets/") for link in links)
    assert f"{prefix}/openapi.json" in answer.text
    [policy] = answer.headers.get_list("content-security-policy")
    for script in re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL):
        assert b64encode(sha256(script.encode()).digest()).decode() in policy


@pytest.mark.parametrize("prefix", ["/prices", "/api", "/api/v1", "/a/b.c"])
def test_a_service_behind_a_prefix_links_below_it(flows: FlowSettings, prefix: str) -> None:
    with served(flows=flows, root_path=prefix) as api:
        check_links(api, prefix)


@pytest.mark.parametrize(
    ("sent", "prefix"), [("/prices", "/prices"), ("/api/", "/api"), ("/outer, /inner", "/outer/inner")]
)
def test_a_trusted_proxy_states_the_prefix(flows: FlowSettings, sent: str, prefix: str) -> None:
    with served(flows=flows, trusted_proxies=(ip_network("10.0.0.0/8"),), root_path="/other") as api:
        check_links(api, prefix, **{"X-Forwarded-Prefix": sent})


@pytest.mark.parametrize(
    "sent", ["//evil.example", "https://evil.example", "/a b", "/\\evil.example", "/a/../b?", "x", ""]
)
def test_a_prefix_that_is_no_path_is_ignored(sent: str) -> None:
    with served(trusted_proxies=(ip_network("10.0.0.0/8"),), root_path="/prices") as api:
        assert api.get("/", headers={"X-Forwarded-Prefix": sent}).headers["location"] == "/prices/docs"


@pytest.mark.parametrize("trusted", [(), (ip_network("192.168.0.0/16"),)])
def test_nobody_else_states_a_prefix(trusted: tuple[Any, ...]) -> None:
    with served(trusted_proxies=trusted) as api:
        assert api.get("/", headers={"X-Forwarded-Prefix": "/evil"}).headers["location"] == "/docs"


def behind_a_server_with_root_path(app: ASGIApp) -> ASGIApp:
    """What uvicorn's `--root-path /api` does: the prefix is stated, and stands before the path."""

    async def server(scope: AsgiScope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            raw = b"/api" + scope["raw_path"]
            scope.update(root_path="/api", path="/api" + scope["path"], raw_path=raw)
        await app(scope, receive, send)

    return server


def test_the_root_path_of_another_server_counts(flows: FlowSettings) -> None:
    with served(flows=flows, around=behind_a_server_with_root_path) as api:
        check_links(api, "/api")
        assert 'route="/api/v1/things/{id}"' in api.get("/metrics").text
