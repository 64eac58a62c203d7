"""A caller who leaves is not priced for: seen over real HTTP, where leaving is the end of a connection."""

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fake_model_server import FakeModelServer, serving
from house_record import example_document
from price_routes import PREDICT
from running_orchestrator import orchestrator
from waiting import wait_until

pytestmark = pytest.mark.integration


@pytest.fixture
def released() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def counted(url: str, what: str) -> float:
    text = httpx.get(f"{url}/metrics").text
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(what))


def test_work_for_a_disconnected_caller_is_cancelled(tmp_path: Path, released: threading.Event) -> None:
    server = FakeModelServer()
    held = example_document(lot_area=11_111)

    def hold(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/invocations":
            released.wait(120)
        server.misbehave = None
        answer = server(request)
        server.misbehave = hold
        return answer

    with serving(server) as model_url, orchestrator(tmp_path, PRICING_MODEL__URL=model_url) as (port, _):
        url = f"http://127.0.0.1:{port}"
        server.misbehave = hold
        for _ in range(10):
            with pytest.raises(httpx.ReadTimeout):
                httpx.post(url + PREDICT, json=held, timeout=httpx.Timeout(120, read=0.05))

        left = f'http_requests_total{{method="POST",route="{PREDICT}",status="499"}}'
        wait_until(lambda: counted(url, left) >= 10)
        assert counted(url, left) == 10
        assert counted(url, "model_calls_waiting") <= 1
        released.set()
