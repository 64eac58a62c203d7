"""Asked to end, the service gives notice, answers what it has, closes what it holds, and ends with exit code 0."""

import json
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import httpx
import pytest
import uvicorn
from fake_model_server import FakeModelServer, serving
from free_ports import free_port
from house_record import minimal_document
from housing_price_bench.programmable_model import ProgrammableModel
from housing_price_orchestrator.server.shutdown import SAME_SIGNAL_SECONDS, GracefulServer
from new_callers import new_callers
from running_orchestrator import command, environment, orchestrator
from served_orchestrator import served
from waiting import is_refused, wait_until

pytestmark = pytest.mark.resilience

HELD = "held"
ONE_OR_TWO_WORKERS = pytest.mark.parametrize("options", [(), ("--workers", "2")], ids=["alone", "two workers"])


class HoldingModelServer(FakeModelServer):
    """Holds one request back until it may answer."""

    def __init__(self) -> None:
        super().__init__()
        self.arrived, self.may_answer = Event(), Event()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("x-request-id") == HELD:
            self.arrived.set()
            assert self.may_answer.wait(120)
        return super().__call__(request)


def price(client: httpx.Client, **headers: str) -> httpx.Response:
    return client.post("/api/v1/price/predict", json=minimal_document(), headers=headers)


def client_of(port: int) -> httpx.Client:
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120)


def test_r26_asked_to_end_it_is_not_ready_at_once_and_still_answers(tmp_path: Path) -> None:
    with (
        serving(FakeModelServer()) as url,
        orchestrator(tmp_path, PRICING_MODEL__URL=url) as (port, process),
        client_of(port) as client,
    ):
        wait_until(lambda: client.get("/ready").status_code == 200)

        process.terminate()
        wait_until(lambda: client.get("/ready").status_code == 503)
        told, priced = client.get("/ready"), price(client)
        _, log = process.communicate(timeout=120)

    assert told.json()["checks"]["shutdown"] == "The service is ending."
    assert (priced.status_code, priced.headers["connection"]) == (200, "close")
    assert process.returncode == 0
    events = [json.loads(line)["event"] for line in log.splitlines()]
    assert events[-2:] == ["ending", "stopped"]


@ONE_OR_TWO_WORKERS
def test_r26_a_second_signal_ends_the_notice_and_what_is_in_flight_is_answered(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    model = HoldingModelServer()
    settings = {"PRICING_MODEL__TIMEOUT_SECONDS": "20", "SHUTDOWN__NOTICE_SECONDS": "600"}
    with (
        serving(model) as url,
        orchestrator(tmp_path, *options, PRICING_MODEL__URL=url, **settings) as (port, process),
        client_of(port) as client,
        ThreadPoolExecutor() as pool,
    ):
        slow = pool.submit(price, client, **{"x-request-id": HELD})
        assert model.arrived.wait(120)

        def is_refused_after_another_signal() -> bool:
            process.terminate()
            return is_refused(port)

        wait_until(is_refused_after_another_signal)
        model.may_answer.set()

        assert slow.result().status_code == 200
        assert process.wait(120) == 0


@ONE_OR_TWO_WORKERS
def test_r26_where_nobody_asked_anything_it_ends_at_once(tmp_path: Path, options: tuple[str, ...]) -> None:
    process = subprocess.Popen(
        command("serve", "--port", str(free_port()), *options),
        env=environment(SHUTDOWN__NOTICE_SECONDS="600"),
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    assert json.loads(process.stderr.readline())["event"] == "listening"

    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=120)

    assert process.returncode == 0


@ONE_OR_TWO_WORKERS
def test_r26_callers_that_connect_anew_are_answered_or_refused_but_never_reset(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    request = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with orchestrator(tmp_path, *options, SHUTDOWN__NOTICE_SECONDS="0") as (port, process):
        with new_callers(port, request) as callers:
            wait_until(lambda: callers.seen["answered"] > 100)
            process.terminate()
        _, log = process.communicate(timeout=120)

    assert (callers.seen["lost"], callers.seen["refused"]) == (0, 8), log
    assert process.returncode == 0


async def test_r26_the_connections_to_the_model_are_closed(model: ProgrammableModel) -> None:
    async with served(model) as api:
        await api.price()
        assert model.stats.connections_open
    await model.__aexit__(None, None, None)

    assert not model.stats.connections_open


@dataclass
class Clock:
    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


async def is_ending_after(server: GracefulServer, clock: Clock, seconds: float) -> bool:
    clock.seconds += seconds
    return await server.on_tick(1)


def graceful_server(clock: Clock) -> GracefulServer:
    return GracefulServer(uvicorn.Config("nothing:app"), notice_seconds=2, on_notice=lambda: None, now=clock)


async def test_r26_a_moment_without_connections_does_not_cut_the_notice_short() -> None:
    clock = Clock()
    server = graceful_server(clock)
    server.server_state.total_requests = 1  # by a connection that came and went between two ticks
    assert not await is_ending_after(server, clock, 0)

    server.request_shutdown()

    assert [await is_ending_after(server, clock, 1.9), await is_ending_after(server, clock, 1.9)] == [False, False]
    assert await is_ending_after(server, clock, 0.2)


async def test_r26_a_signal_that_comes_twice_at_once_is_one() -> None:
    clock = Clock()
    server = graceful_server(clock)
    server.server_state.total_requests = 1

    server.request_shutdown()
    server.request_shutdown()
    assert not await is_ending_after(server, clock, 2 * SAME_SIGNAL_SECONDS)

    server.request_shutdown()
    assert await is_ending_after(server, clock, 0)
