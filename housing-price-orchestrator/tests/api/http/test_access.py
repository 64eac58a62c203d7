"""Who may ask what, and how often: the whole application in process, with keys and limits."""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from api_keys.file import KeyFile
from api_keys.keys import Scope, new_key
from api_keys.watcher import INTERVAL_SECONDS
from fake_model_server import FakeModelServer
from fastapi.testclient import TestClient
from house_record import minimal_document
from housing_price_orchestrator.access.keys import key_file
from housing_price_orchestrator.api.http.access import ALWAYS_OPEN, SCOPES, scope_of
from housing_price_orchestrator.bootstrap.app import create_app
from housing_price_orchestrator.settings import (
    CorsSettings,
    FlowSettings,
    KeySettings,
    LogSettings,
    MetricsSettings,
    RateLimitSettings,
    Settings,
)
from price_routes import PREDICT
from pydantic import SecretStr
from structlog.typing import EventDict

READ_ROUTES = ("/api/v1/price/model", "/docs", "/redoc", "/openapi.json", "/metrics", "/docs/assets/favicon.png")


@pytest.fixture
def keys(tmp_path: Path) -> KeySettings:
    return KeySettings(file=tmp_path / "api-keys.json")


@pytest.fixture
def file(keys: KeySettings) -> KeyFile:
    return key_file(keys)


@contextmanager
def running(keys: KeySettings, **settings: Any) -> Iterator[TestClient]:
    app = create_app(Settings.model_construct(keys=keys, **settings), httpx.MockTransport(FakeModelServer()))
    with TestClient(app, raise_server_exceptions=False, client=("203.0.113.7", 4711)) as client:
        yield client


def with_key(key: str) -> dict[str, str]:
    return {"X-API-Key": key}


def code_of(answer: httpx2.Response) -> str:
    code: str = answer.json()["code"]
    return code


def ask(api: TestClient, path: str, key: str | None = None) -> httpx2.Response:
    headers = with_key(key) if key else {}
    return (
        api.post(path, json=minimal_document(), headers=headers) if path == PREDICT else api.get(path, headers=headers)
    )


def test_without_keys_everything_is_open(keys: KeySettings) -> None:
    with running(keys) as api:
        assert {ask(api, path).status_code for path in (PREDICT, *READ_ROUTES)} == {200}


@pytest.mark.parametrize("path", [PREDICT, *READ_ROUTES, "/no/such/address", "/api/v1/admin/keys", "//health"])
def test_without_a_valid_key_nothing_is_told(keys: KeySettings, file: KeyFile, path: str) -> None:
    file.add("shop", [Scope.PREDICT, Scope.READ])
    revoked = file.add("revoked", [Scope.ADMIN])
    file.revoke("revoked")

    with running(keys) as api:
        for key in (None, revoked, new_key(), "wrong"):
            answer = ask(api, path, key)
            assert (answer.status_code, code_of(answer)) == (401, "UNAUTHENTICATED")
            assert answer.headers["www-authenticate"]
            assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", sorted(ALWAYS_OPEN))
def test_load_balancers_need_no_key(keys: KeySettings, file: KeyFile, path: str) -> None:
    file.add("shop", [Scope.PREDICT])

    with running(keys) as api:
        assert api.get(path).status_code == api.head(path).status_code == 200


def test_a_key_opens_what_its_scopes_say_and_nothing_else(keys: KeySettings, file: KeyFile) -> None:
    predict, read = file.add("shop", [Scope.PREDICT]), file.add("monitor", [Scope.READ])

    with running(keys) as api:
        assert ask(api, PREDICT, predict).status_code == 200
        for path in READ_ROUTES:
            assert ask(api, path, read).status_code == 200
            assert code_of(ask(api, path, predict)) == "FORBIDDEN"
        refused = ask(api, PREDICT, read)

    assert (refused.status_code, code_of(refused)) == (403, "FORBIDDEN")
    assert "`predict`" in refused.json()["detail"]


@pytest.mark.parametrize("end", ["%0A", "%0D", "%00", "%0A%0A"])
@pytest.mark.parametrize("path", [PREDICT, *READ_ROUTES, "/health"])
def test_an_address_with_control_characters_is_none(keys: KeySettings, file: KeyFile, path: str, end: str) -> None:
    with_the_other_scope = file.add("shop", [Scope.READ if path == PREDICT else Scope.PREDICT])
    with running(keys) as api:
        for key in (with_the_other_scope, None):
            answer = ask(api, path + end, key)
            assert (answer.status_code, code_of(answer)) == (404, "NOT_FOUND")


def test_an_administrators_key_opens_everything(keys: KeySettings, file: KeyFile) -> None:
    admin = file.add("ops", [Scope.ADMIN])

    with running(keys) as api:
        assert {ask(api, path, admin).status_code for path in (PREDICT, *READ_ROUTES)} == {200}
        assert ask(api, "/api/v1/admin/anything", admin).status_code == 404


def test_who_has_a_key_may_hear_what_there_is_not(keys: KeySettings, file: KeyFile) -> None:
    key = file.add("shop", [Scope.PREDICT])

    with running(keys) as api:
        assert ask(api, "/no/such/address", key).status_code == 404
        assert ask(api, "/api/v1/admin/keys", key).status_code == 403


def test_a_refused_body_is_not_read(keys: KeySettings, file: KeyFile) -> None:
    file.add("shop", [Scope.PREDICT])

    with running(keys) as api:
        answer = api.post(PREDICT, content=b"", headers={"content-length": "9999999999", "content-type": "text/plain"})

    assert answer.status_code == 401


def test_every_route_needs_a_scope() -> None:
    app = create_app(Settings.model_construct(), httpx.MockTransport(FakeModelServer()))
    paths = {"/docs", "/redoc", "/docs/assets/favicon.png", "/openapi.json", *app.openapi()["paths"]}

    assert paths >= {PREDICT, "/metrics"}
    named = {path for path in paths if any(path == start or path.startswith(f"{start}/") for start in SCOPES)}
    assert paths - named == ALWAYS_OPEN
    assert scope_of("/api/v1/whatever/a/flow/serves") == Scope.PREDICT


def test_metrics_are_public_where_that_is_set(keys: KeySettings, file: KeyFile) -> None:
    file.add("shop", [Scope.PREDICT])

    with running(keys, metrics=MetricsSettings(public=True)) as api:
        assert ask(api, "/metrics").status_code == 200
        assert ask(api, "/docs").status_code == 401


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/docs/assets/swagger-ui-bundle.js"])
def test_a_browser_opens_the_pages_with_a_key_as_password(keys: KeySettings, file: KeyFile, path: str) -> None:
    key = file.add("shop", [Scope.READ, Scope.PREDICT])

    with running(keys) as api:
        asked = api.get(path)
        assert asked.headers["www-authenticate"].startswith("Basic ")
        assert api.get(path, auth=("anybody", key)).status_code == 200
        assert api.get(path, auth=("anybody", "wrong")).status_code == 401


@pytest.mark.parametrize("credentials", ["Basic", "Basic !", "Bearer abc", "Basic " + b64encode(b"no colon").decode()])
def test_broken_credentials_are_none(keys: KeySettings, file: KeyFile, credentials: str) -> None:
    file.add("shop", [Scope.READ])

    with running(keys) as api:
        assert api.get("/docs", headers={"Authorization": credentials}).status_code == 401


def test_basic_authentication_opens_documentation_pages_only(keys: KeySettings, file: KeyFile) -> None:
    key = file.add("shop", [Scope.ADMIN])

    with running(keys) as api:
        answer = api.post(PREDICT, json=minimal_document(), auth=("anybody", key))

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("ApiKey ")


def test_a_preflight_passes_and_the_call_needs_a_key(keys: KeySettings, file: KeyFile) -> None:
    key = file.add("shop", [Scope.PREDICT])
    origin = {"Origin": "https://a.example"}
    asking = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-api-key"}

    with running(keys, cors=CorsSettings(origins=("https://a.example",))) as api:
        preflight = api.options(PREDICT, headers=origin | asking)
        refused = api.post(PREDICT, json=minimal_document(), headers=origin)
        answer = api.post(PREDICT, json=minimal_document(), headers=origin | with_key(key))

    assert preflight.status_code == 200
    assert preflight.headers["access-control-max-age"] == "3600"
    assert "access-control-allow-credentials" not in preflight.headers
    assert "PUT" not in preflight.headers["access-control-allow-methods"]
    assert (refused.status_code, answer.status_code) == (401, 200)
    assert refused.headers["access-control-allow-origin"] == "https://a.example"


def test_with_flows_pages_may_use_their_methods(tmp_path: Path, keys: KeySettings) -> None:
    asking = {"Origin": "https://a.example", "Access-Control-Request-Method": "DELETE"}
    flows = FlowSettings(folder=tmp_path, watch=False, executions_url=SecretStr(f"sqlite:///{tmp_path}/runs.db"))

    with running(keys, cors=CorsSettings(origins=("https://a.example",)), flows=flows) as api:
        preflight = api.options("/api/v1/parcels/7", headers=asking)

    assert preflight.status_code == 200
    assert "DELETE" in preflight.headers["access-control-allow-methods"]


def test_without_origins_a_preflight_needs_a_key_too(keys: KeySettings, file: KeyFile) -> None:
    file.add("shop", [Scope.PREDICT])

    with running(keys) as api:
        asking = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
        assert api.options(PREDICT, headers=asking).status_code == 401


def test_log_and_metrics_show_the_keys_name_never_the_key(
    keys: KeySettings, file: KeyFile, logged: list[EventDict]
) -> None:
    key, wrong = file.add("shop", [Scope.PREDICT, Scope.READ]), new_key()

    with running(keys, log=LogSettings(requests="all")) as api:
        ask(api, PREDICT, key)
        ask(api, PREDICT, wrong)
        metrics = ask(api, "/metrics", key).text

    priced, refused, _ = [line for line in logged if line["event"] == "request completed"]
    assert (priced["key"], refused["key"], refused["code"]) == ("shop", None, "UNAUTHENTICATED")
    assert 'http_requests_by_key_total{key="shop"} 2.0' in metrics
    assert f'route="{PREDICT}",status="401"' in metrics
    for secret in (key, wrong):
        assert secret not in metrics
        assert secret not in str(logged)


def test_a_damaged_file_shows_in_log_and_metrics(keys: KeySettings, file: KeyFile, logged: list[EventDict]) -> None:
    key = file.add("shop", [Scope.READ])

    with running(keys) as api:
        assert "api_keys_sound 1.0" in ask(api, "/metrics", key).text
        file.path.write_text("damaged")
        while "api_keys_sound 1.0" in ask(api, "/metrics", key).text:
            pass

    assert [line["log_level"] for line in logged if "API keys can't be read" in line["event"]] == ["error"]
    assert INTERVAL_SECONDS <= 1


@pytest.mark.parametrize(
    ("host", "is_told"),
    [("0.0.0.0", True), ("::", True), ("10.0.0.1", True), ("127.0.0.1", False), ("localhost", False)],
)
def test_a_service_that_anyone_may_call_says_so(
    keys: KeySettings, logged: list[EventDict], host: str, is_told: bool
) -> None:
    with running(keys, host=host):
        pass

    assert any(line["log_level"] == "warning" and "ANYONE" in line["event"] for line in logged) == is_told


def test_a_service_with_keys_does_not_say_so(keys: KeySettings, file: KeyFile, logged: list[EventDict]) -> None:
    file.add("shop", [Scope.READ])

    with running(keys, host="0.0.0.0"):
        pass

    assert not any("ANYONE" in line["event"] for line in logged)


def test_a_key_may_ask_so_often(keys: KeySettings, file: KeyFile) -> None:
    mine, others = file.add("shop", [Scope.PREDICT]), file.add("other", [Scope.PREDICT])

    with running(keys, rate_limit=RateLimitSettings(key_per_second=0.001, key_burst=2)) as api:
        first, second, refused = (ask(api, PREDICT, mine) for _ in range(3))
        assert ask(api, PREDICT, others).status_code == 200

    assert (first.status_code, second.status_code) == (200, 200)
    assert (refused.status_code, code_of(refused)) == (429, "RATE_LIMITED")
    assert int(refused.headers["retry-after"]) == pytest.approx(1000, abs=2)
    assert [answer.headers["ratelimit-remaining"] for answer in (first, second, refused)] == ["1", "0", "0"]
    assert first.headers["ratelimit-limit"] == "2"
    assert first.headers["ratelimit-policy"] == "2;w=2000"
    assert 0 < int(first.headers["ratelimit-reset"]) <= 1000


def test_an_address_may_ask_so_often_with_or_without_keys(keys: KeySettings, file: KeyFile) -> None:
    limits = RateLimitSettings(address_per_second=0.001, address_burst=2)
    with running(keys, rate_limit=limits) as api:
        assert [ask(api, "/openapi.json").status_code for _ in range(3)] == [200, 200, 429]

    key = file.add("shop", [Scope.PREDICT])
    with running(keys, rate_limit=limits) as api:
        assert [ask(api, PREDICT, "wrong").status_code for _ in range(3)] == [401, 401, 429]
        assert ask(api, PREDICT, key).status_code == 429


def test_load_balancers_are_not_limited(keys: KeySettings) -> None:
    with running(keys, rate_limit=RateLimitSettings(address_per_second=0.001)) as api:
        for path in ("/health", "/ready"):
            assert {api.get(path).status_code for _ in range(5)} == {200}
            assert "ratelimit-limit" not in api.get(path).headers


def test_without_limits_nothing_is_said_of_them(keys: KeySettings) -> None:
    with running(keys) as api:
        assert not [name for name in ask(api, PREDICT).headers if name.startswith("ratelimit")]


def test_refusals_are_counted_by_what_is_limited(keys: KeySettings) -> None:
    limits = RateLimitSettings(address_per_second=0.001, address_burst=2)
    proxies = (ip_network("203.0.113.0/24"),)
    with running(keys, rate_limit=limits, trusted_proxies=proxies) as api:
        for _ in range(3):
            ask(api, PREDICT)
        metrics = api.get("/metrics", headers={"X-Forwarded-For": "198.51.100.1"}).text

    assert 'http_requests_rate_limited_total{by="address"} 1.0' in metrics


def test_each_client_behind_a_trusted_proxy_has_its_own_limit(keys: KeySettings, logged: list[EventDict]) -> None:
    settings = {
        "rate_limit": RateLimitSettings(address_per_second=0.001, address_burst=1),
        "trusted_proxies": (ip_network("203.0.113.0/24"),),
        "log": LogSettings(requests="all"),
    }
    with running(keys, **settings) as api:
        answers = [
            api.get("/openapi.json", headers={"X-Forwarded-For": client}).status_code
            for client in ("198.51.100.1", "198.51.100.2", "198.51.100.1", "2001:db8::1", "2001:db8::2")
        ]

    assert answers == [200, 200, 429, 200, 429]
    clients = [line["client"] for line in logged if line["event"] == "request completed"]
    assert clients[:2] == ["198.51.100.1", "198.51.100.2"]


def test_the_word_of_a_stranger_on_its_address_means_nothing(keys: KeySettings) -> None:
    with running(keys, rate_limit=RateLimitSettings(address_per_second=0.001)) as api:
        answers = [
            api.get("/openapi.json", headers={"X-Forwarded-For": f"198.51.100.{number}"}).status_code
            for number in range(2)
        ]

    assert answers == [200, 429]
