"""Every test of this folder shows a behaviour under load, faults or bad input."""

from collections.abc import AsyncIterator

import pytest
from housing_price_bench.programmable_model import ProgrammableModel


@pytest.fixture
async def model() -> AsyncIterator[ProgrammableModel]:
    """A model server that misbehaves as it is told, in the event loop of the test."""
    async with ProgrammableModel() as server:
        yield server
