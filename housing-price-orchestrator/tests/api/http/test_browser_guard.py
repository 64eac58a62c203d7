"""What web pages of other sites can't do with a browser that reaches the service."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from fake_model_server import FakeModelServer
from fastapi.testclient import TestClient
from house_record import minimal_document
from housing_price_orchestrator.bootstrap.app import create_app
from housing_price_orchestrator.server.hosts import warn_of_any_host, with_hosts
from housing_price_orchestrator.settings import CorsSettings, FlowSettings, MetricsSettings, Settings
from price_routes import BATCH, PREDICT
from pydantic import SecretStr
from structlog.typing import EventDict

RELOAD = "/api/v1/admin/flows/reload"
FLOW = """
name: things
route: {method: POST, path: /api/v1/things}
steps: {a: {value: done}}
response: {a: $a}
"""


@contextmanager
def served(**settings: Any) -> Iterator[TestClient]:
    """The application as a server on loopback runs it."""
    app = create_app(with_hosts(Settings.model_construct(**settings)), httpx.MockTransport(FakeModelServer()))
    with TestClient(app, "http://localhost:8000", raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def flows(tmp_path: Path) -> FlowSettings:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "things.yaml").write_text(FLOW)
    executions = SecretStr(f"sqlite:///{tmp_path}/executions.db")
    return FlowSettings(folder=tmp_path / "flows", watch=False, executions_url=executions)


def code(answer: httpx2.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize(
    "path", ["/docs", "/openapi.json", "/metrics", "/api/v1/executions", "/api/v1/price/model", "/x"]
)
def test_a_name_that_leads_to_this_machine_reads_nothing(path: str) -> None:
    with served() as api:
        answer = api.get(path, headers={"Host": "attacker.example:8000"})

    assert code(answer) == (421, "HOST_NOT_ALLOWED")
    assert "`attacker.example:8000`" in answer.json()["detail"]
    assert "ORCHESTRATOR_ALLOWED_HOSTS" in answer.json()["detail"]


def test_prices_and_preflights_are_kept_from_other_names_too() -> None:
    with served(cors=CorsSettings(origins=("https://a.example",))) as api:
        asked = {"Host": "attacker.example", "Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
        assert code(api.post(PREDICT, json=minimal_document(), headers=asked)) == (421, "HOST_NOT_ALLOWED")
        assert code(api.options(PREDICT, headers=asked)) == (421, "HOST_NOT_ALLOWED")


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_a_load_balancer_may_use_any_name(path: str) -> None:
    with served() as api:
        for host in ("10.1.2.3:8000", "pod.cluster.local", "attacker.example"):
            assert api.get(path, headers={"Host": host}).status_code == 200


def test_prometheus_may_use_an_address() -> None:
    with served(allowed_hosts=("prices.example.com",)) as api:
        assert api.get("/metrics", headers={"Host": "10.1.2.3:8000"}).status_code == 200
        assert code(api.get("/metrics", headers={"Host": "orchestrator:8000"})) == (421, "HOST_NOT_ALLOWED")
    with served(allowed_hosts=("prices.example.com",), metrics=MetricsSettings(public=True)) as api:
        assert api.get("/metrics", headers={"Host": "orchestrator:8000"}).status_code == 200


def test_a_refused_host_is_counted_under_its_route_and_shown_in_short() -> None:
    with served() as api:
        api.get("/api/v1/price/model", headers={"Host": "attacker.example"})
        metrics = api.get("/metrics").text
        answer = api.get("/docs", headers={"Host": "a" * 5_000})

    assert 'http_requests_total{method="GET",route="/api/v1/price/model",status="421"} 1.0' in metrics
    assert len(answer.content) < 500


@pytest.mark.parametrize("origin", ["https://attacker.example", "null", "http://localhost:3000"])
def test_a_page_of_another_origin_changes_nothing(flows: FlowSettings, origin: str) -> None:
    simple = {"Origin": origin, "Content-Type": "text/plain"}
    with served(flows=flows) as api:
        for method, path in (("POST", RELOAD), ("POST", "/api/v1/things"), ("DELETE", "/api/v1/executions")):
            answer = api.request(method, path, headers=simple)
            assert code(answer) == (403, "ORIGIN_NOT_ALLOWED"), path
            assert f"`{origin}`" in answer.json()["detail"]
            assert "ORCHESTRATOR_CORS__ORIGINS" in answer.json()["detail"]


@pytest.mark.parametrize("origin", ["http://localhost:8000", "https://a.example", None])
def test_own_pages_and_listed_origins_and_programs_may(flows: FlowSettings, origin: str | None) -> None:
    headers = {"Origin": origin} if origin else {}
    with served(flows=flows, cors=CorsSettings(origins=("https://a.example",))) as api:
        assert api.post(RELOAD, headers=headers).status_code == 200
        assert api.post("/api/v1/things", headers=headers).json() == {"a": "done"}


@pytest.mark.parametrize("path", [PREDICT, BATCH])
def test_prices_change_nothing_so_any_page_may_ask(path: str) -> None:
    body = minimal_document() if path == PREDICT else {"data": [minimal_document()]}
    with served() as api:
        assert api.post(path, json=body, headers={"Origin": "https://attacker.example"}).status_code == 200
        assert api.get("/api/v1/price/model", headers={"Origin": "https://attacker.example"}).status_code == 200


@pytest.mark.parametrize(
    ("settings", "warns"),
    [
        ({"host": "0.0.0.0"}, True),
        ({"host": "::"}, True),
        ({"host": "127.0.0.1"}, False),
        ({"host": "0.0.0.0", "allowed_hosts": ("prices.example.com",)}, False),
    ],
)
def test_a_service_that_answers_to_any_host_warns_once(
    logged: list[EventDict], settings: dict[str, Any], *, warns: bool
) -> None:
    warn_of_any_host(Settings.model_construct(**settings))

    assert ["ORCHESTRATOR_ALLOWED_HOSTS" in line["advice"] for line in logged] == [True] * warns


def test_the_openapi_document_names_both_refusals() -> None:
    with served() as api:
        paths = api.get("/openapi.json").json()["paths"]

    assert "421" in paths[PREDICT]["post"]["responses"]
    assert "421" not in paths["/health"]["get"]["responses"]
    assert "ORIGIN_NOT_ALLOWED" in paths[RELOAD]["post"]["responses"]["403"]["description"]
    assert "ORIGIN_NOT_ALLOWED" not in paths[PREDICT]["post"]["responses"]["403"]["description"]
