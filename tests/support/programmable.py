"""The programmable model server for tests: in the test's own event loop, in a thread, or as a process to be killed.

Nothing here knows who will call it, so that it serves any project that relies on MLflow's scoring protocol. The
fixtures are in force in a test module that imports them.
"""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import Any

import httpx
import pytest
from housing_price_bench.programmable_model import Behaviour, Kind, ProgrammableModel


@pytest.fixture
async def programmable_model() -> AsyncIterator[ProgrammableModel]:
    """One in the event loop of the test."""
    async with ProgrammableModel() as model:
        yield model


@contextmanager
def model_in_a_thread(**options: Any) -> Iterator[ProgrammableModel]:
    """One with an event loop of its own, for callers that block; takes what ``ProgrammableModel`` takes.

    ``account`` may be read from any thread, and ``behaviour`` be set from any.
    """
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    model = ProgrammableModel(**options)
    try:
        asyncio.run_coroutine_threadsafe(model.__aenter__(), loop).result()
        try:
            yield model
        finally:
            asyncio.run_coroutine_threadsafe(model.__aexit__(None, None, None), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@dataclass
class ModelProcess:
    """One as a process."""

    url: str
    process: subprocess.Popen[str]

    def behave(self, kind: Kind, **how: Any) -> None:
        """Tell it how to behave from now on; takes what ``Behaviour`` takes."""
        behaviour = Behaviour(kind=kind, **how)
        httpx.put(f"{self.url}/behaviour", content=behaviour.model_dump_json()).raise_for_status()

    def saw(self) -> dict[str, Any]:
        """Return its counts."""
        document: dict[str, Any] = httpx.get(f"{self.url}/behaviour").json()["saw"]
        return document


@contextmanager
def model_process(*options: str) -> Iterator[ModelProcess]:
    """One as a process, which is killed in the end if that has not happened before; takes its command's options."""
    process = subprocess.Popen(
        [sys.executable, "-m", "housing_price_bench.programmable_model", *options], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield ModelProcess(process.stdout.readline().strip(), process)
    finally:
        process.kill()
        process.communicate()
