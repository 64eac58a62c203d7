"""Waiting and stopping, without processes and with a clock of the test's own."""

from collections.abc import Iterator

import httpx
import pytest
from supervised_processes.errors import NotReadyInTimeError
from supervised_processes.readiness import loopback_client, wait_until_ready
from supervised_processes.supervisor import Supervisor


def client_that_answers(*statuses: int) -> httpx.AsyncClient:
    """Each question gets the next status; 0 stands for a refused connection, the last one stays."""
    coming: Iterator[int] = iter(statuses)
    last = statuses[-1]

    def answer(request: httpx.Request) -> httpx.Response:
        if (status := next(coming, last)) == 0:
            raise httpx.ConnectError("refused", request=request)
        return httpx.Response(status)

    return httpx.AsyncClient(transport=httpx.MockTransport(answer))


async def test_ready_is_the_first_200_after_refusals_and_errors() -> None:
    ready: list[str] = []

    async with client_that_answers(0, 503, 200) as client:
        await wait_until_ready(client, {"api": "http://api/ready"}, seconds=10, got_ready=ready.append)

    assert ready == ["api"]


async def test_what_is_not_ready_in_time_is_named() -> None:
    async with client_that_answers(503) as client:
        with pytest.raises(NotReadyInTimeError, match="still waiting for api"):
            await wait_until_ready(client, {"api": "http://api/ready"}, seconds=0.01, got_ready=print)


async def test_the_client_passes_by_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")

    async with loopback_client() as client:
        assert client.trust_env is False


def stop_requests_at(*times: float) -> list[str]:
    """What is told when a stop is asked for at these times."""
    told: list[str] = []
    clock = iter(times)
    supervisor = Supervisor([], show=lambda _name, line: told.append(line), clock=lambda: next(clock))
    for _ in times:
        supervisor.request_stop()
    return told


def test_one_request_stops() -> None:
    assert stop_requests_at(5.0) == ["stopping everything; Ctrl-C again kills at once"]


def test_two_at_once_are_one_ctrl_c_that_was_also_passed_on() -> None:
    assert "killed at once" not in stop_requests_at(5.0, 5.01)


def test_a_later_one_kills() -> None:
    assert stop_requests_at(5.0, 6.5)[-1] == "killed at once"
