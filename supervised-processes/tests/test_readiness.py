"""Polling until processes are ready."""

from collections.abc import Iterator

import httpx
import pytest
from supervised_processes.errors import NotReadyInTimeError
from supervised_processes.readiness import make_loopback_client, wait_until_ready


def client_that_answers(*statuses: int) -> httpx.AsyncClient:
    """Each question gets the next status; 0 stands for a refused connection, the last one stays."""
    coming: Iterator[int] = iter(statuses)
    last = statuses[-1]

    def answer(request: httpx.Request) -> httpx.Response:
        if (status := next(coming, last)) == 0:
            raise httpx.ConnectError("refused", request=request)
        return httpx.Response(status)

    return httpx.AsyncClient(transport=httpx.MockTransport(answer))


async def test_a_process_is_ready_at_the_first_200() -> None:
    ready: list[str] = []

    async with client_that_answers(0, 503, 200) as client:
        await wait_until_ready(client, {"api": "http://api/ready"}, seconds=10, on_ready=ready.append)

    assert ready == ["api"]


async def test_processes_that_are_not_ready_in_time_are_named() -> None:
    async with client_that_answers(503) as client:
        with pytest.raises(NotReadyInTimeError, match="still waiting for api"):
            await wait_until_ready(client, {"api": "http://api/ready"}, seconds=0.01, on_ready=print)


async def test_the_client_ignores_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")

    async with make_loopback_client() as client:
        assert client.trust_env is False
