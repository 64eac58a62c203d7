"""The orchestrator's application over real HTTP, in the event loop of the test, before a model that misbehaves."""

import asyncio
import gc
import json
import re
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import aiohttp
import httpx
from house_record import EXAMPLE
from housing_price_bench.programmable_model import ProgrammableModel
from housing_price_orchestrator.server.listener import address_of, open_listener
from housing_price_orchestrator.server.run import create_server
from housing_price_orchestrator.settings import PricingModelSettings, ReadinessSettings, Settings, ShutdownSettings
from price_routes import BATCH, PREDICT

SELDOM = ReadinessSettings(interval_seconds=3600, timeout_seconds=2)
"""One probe at the start and no other, so that the calls that a model sees are the test's own."""


def house(**fields: Any) -> dict[str, Any]:
    """The example house with these fields, in wire names."""
    return dict(EXAMPLE) | fields


@dataclass
class Api:
    """A caller of the application."""

    url: str
    session: aiohttp.ClientSession

    async def get(self, route: str) -> httpx.Response:
        """Ask for what is at a route."""
        return await self._answer(self.session.get(self.url + route))

    async def post(self, route: str, body: bytes, **headers: str) -> httpx.Response:
        """Send a body as JSON, or as what the headers say."""
        headers = {"content-type": "application/json"} | headers
        return await self._answer(self.session.post(self.url + route, data=BytesIO(body), headers=headers))

    async def price(self, headers: Mapping[str, str] | None = None, **fields: Any) -> httpx.Response:
        """Ask for the price of a house."""
        return await self.post(PREDICT, json.dumps(house(**fields)).encode(), **headers or {})

    async def prices(self, count: int, headers: Mapping[str, str] | None = None, **fields: Any) -> httpx.Response:
        """Ask for the prices of so many houses in a batch."""
        houses = [house(id=number, **fields) for number in range(count)]
        return await self.post(BATCH, json.dumps({"data": houses}).encode(), **headers or {})

    async def figure(self, name: str, **labels: str) -> float:
        """A figure of ``/metrics``, summed over what has these labels; 0 where it is not there."""
        text, total = (await self.get("/metrics")).text, 0.0
        for found in re.finditer(rf"^{name}(?:\{{(.*)\}})? (\S+)$", text, re.MULTILINE):
            if labels.items() <= dict(re.findall(r'(\w+)="([^"]*)"', found[1] or "")).items():
                total += float(found[2])
        return total

    async def _answer(self, asking: AbstractAsyncContextManager[aiohttp.ClientResponse]) -> httpx.Response:
        # aiohttp asks, since httpx needs milliseconds for a request when many are made at once.
        async with asking as answer:
            return httpx.Response(answer.status, headers=list(answer.headers.items()), content=await answer.read())


@asynccontextmanager
async def served(*models: ProgrammableModel, **sections: Any) -> AsyncIterator[Api]:
    """The application before these replicas of a model; sections of the settings as they are called there."""
    urls = ",".join(model.url for model in models)
    chosen = {"readiness": SELDOM, "shutdown": ShutdownSettings(notice_seconds=0)} | sections
    calls = PricingModelSettings(**{"url": urls, **chosen.pop("calls", {})})
    listening = open_listener("127.0.0.1", 0)
    with _own_signal_handlers():
        server = create_server(Settings.model_construct(pricing_model=calls, **chosen))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            api = Api(address_of(listening), session)
            await _first_probe(api)
            for model in models:
                model.stats.clear()
            yield api
    finally:
        server.should_exit = True
        await serving
        listening.close()


@contextmanager
def _own_signal_handlers() -> Iterator[None]:
    """What the process has stays in force: a server in a test is not who Ctrl-C is for."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        gc.unfreeze()


async def _first_probe(api: Api) -> None:
    async def is_probed() -> bool:
        return bool((await api.get("/ready")).json()["checks"]["modelServer"] != "not probed yet")

    await until(is_probed)


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 30) -> None:
    """Return once the condition holds, which each question of it gives the application a turn to bring about.

    Raises:
        TimeoutError: if it does not for so long.
    """
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110  it is asked over HTTP: there is no event to wait for
            await asyncio.sleep(0)


def code(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of an error's answer."""
    return answer.status_code, json.loads(answer.content).get("code", "")
