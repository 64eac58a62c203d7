"""The source `ml` from a declaration as a file would hold it, and servers for it in a few lines."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
from declared_flows.sources.ml.source import MlKind, MlOptions
from declared_flows.sources.port import NO_CALL, Answer, OpenSource, SourceContext
from example_records import KNOWN
from structlog.typing import EventDict
from upstream_resilience.errors import UpstreamUnavailable

INPUTS = {"price": {"type": "number"}, "yearBuilt": {"type": "integer"}}
ROW = {"price": 200_000.5, "yearBuilt": 1961}
COMES_UP_SECONDS = 120.0
"""How long a test waits for a model at most, on a machine with other work."""


def ml_options(load: Any, **declared: Any) -> MlOptions:
    """The options of a declaration with the inputs above."""
    return MlOptions.model_validate({"kind": "ml", "load": load, "inputs": INPUTS, **declared}, context=KNOWN)


def diagnostics_of(load: Any, **declared: Any) -> list[str]:
    """The sentences about a declaration."""
    return [text for _, text in MlKind().diagnose(ml_options(load, **declared))]


@asynccontextmanager
async def ml_source(
    load: Any, *, folder: Path = Path(), secrets: Mapping[str, str] | None = None, **declared: Any
) -> AsyncIterator[OpenSource]:
    """The source, open."""
    context = SourceContext(folder, secrets or {})
    async with MlKind().open("insurance", ml_options(load, **declared), context) as source:
        yield source


class Server:
    """A server for ``fake_model_server.serving``: answers what it is told to, and keeps what it was asked."""

    def __init__(self, answer: Callable[[Any], Any], status: int = 200) -> None:
        self.answer = answer
        self.status = status
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        body = json.loads(request.content) if request.content else None
        content = self.answer(body)
        if isinstance(content, bytes):
            return httpx.Response(self.status, content=content)
        return httpx.Response(self.status, json=content)

    @property
    def asked(self) -> list[Any]:
        """The documents that were sent."""
        return [json.loads(request.content) for request in self.requests if request.content]


async def answered(source: OpenSource, params: Mapping[str, Any]) -> Answer:
    """The answer of `predict`, as soon as there is one: what is loaded or started comes up in its time."""
    async with asyncio.timeout(COMES_UP_SECONDS):
        while True:
            with suppress(UpstreamUnavailable):
                return await source.operations["predict"](params, NO_CALL)
            await asyncio.sleep(0.05)


async def failure_of(logged: list[EventDict]) -> EventDict:
    """The first line of the log that says that a model is not up, as soon as there is one."""
    async with asyncio.timeout(COMES_UP_SECONDS):
        while True:
            for line in logged:
                if line["event"] == "model_not_up":
                    return line
            await asyncio.sleep(0.05)
