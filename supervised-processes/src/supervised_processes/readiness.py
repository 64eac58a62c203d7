"""Polls processes until all are ready, within a time limit."""

import asyncio
from collections.abc import Callable, Mapping

import httpx

from supervised_processes.errors import NotReadyInTimeError

_BETWEEN_POLLS_SECONDS = 0.1
_RESPONSE_SECONDS = 2.0


async def wait_until_ready(
    client: httpx.AsyncClient, urls: Mapping[str, str], *, seconds: float, on_ready: Callable[[str], None]
) -> None:
    """Wait until every URL, given by the name of its process, has returned 200; call `on_ready` with each name.

    Raises:
        NotReadyInTimeError: after `seconds`, with the names that are not ready.
    """
    missing = list(urls)

    async def poll(name: str) -> None:
        while not await _is_ready(client, urls[name]):  # noqa: ASYNC110 - a server sets no event of ours
            await asyncio.sleep(_BETWEEN_POLLS_SECONDS)
        missing.remove(name)
        on_ready(name)

    try:
        async with asyncio.timeout(seconds), asyncio.TaskGroup() as polls:
            for name in urls:
                polls.create_task(poll(name))
    except TimeoutError:
        raise NotReadyInTimeError(waiting_for=missing, seconds=seconds) from None


def make_loopback_client() -> httpx.AsyncClient:
    """Make a client for servers on this machine, which ignores proxies of the environment."""
    return httpx.AsyncClient(timeout=_RESPONSE_SECONDS, trust_env=False)


async def _is_ready(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
