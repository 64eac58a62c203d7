"""Waits until processes answer, by asking them: no fixed sleeps, and a bound on the whole."""

import asyncio
from collections.abc import Callable, Mapping

import httpx

from supervised_processes.errors import NotReadyInTimeError

_BETWEEN_QUESTIONS_SECONDS = 0.1
_ANSWER_SECONDS = 2.0


async def wait_until_ready(
    client: httpx.AsyncClient, urls: Mapping[str, str], *, seconds: float, got_ready: Callable[[str], None]
) -> None:
    """Return when every URL, given by its process's name, has answered 200; `got_ready` is told each name.

    Raises:
        NotReadyInTimeError: with the names that have not answered.
    """
    missing = list(urls)

    async def one(name: str) -> None:
        while not await _answers(client, urls[name]):  # noqa: ASYNC110 - a server sets no event of ours
            await asyncio.sleep(_BETWEEN_QUESTIONS_SECONDS)
        missing.remove(name)
        got_ready(name)

    try:
        async with asyncio.timeout(seconds), asyncio.TaskGroup() as questions:
            for name in urls:
                questions.create_task(one(name))
    except TimeoutError:
        raise NotReadyInTimeError(waiting_for=missing, seconds=seconds) from None


def loopback_client() -> httpx.AsyncClient:
    """A client for servers on this machine, past any proxy of the environment."""
    return httpx.AsyncClient(timeout=_ANSWER_SECONDS, trust_env=False)


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
