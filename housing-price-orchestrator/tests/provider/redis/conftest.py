"""Fixtures for the tests against a real Redis server."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest
from observed_redis import Connect, ObservedConnection
from running_redis import redis_server


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_server(tmp_path_factory.mktemp("redis")) as (address, _):
        yield address


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Opens connections that are closed at the end."""
    async with AsyncExitStack() as stack:

        def open_connection(url: str) -> ObservedConnection:
            observed = ObservedConnection(url)
            stack.push_async_exit(observed.connection.__aexit__)
            return observed

        yield open_connection
