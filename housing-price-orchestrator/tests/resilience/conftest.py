"""What the tests of the wrappers share: a clock that they move, and what was decided meanwhile."""

import pytest
from housing_price_orchestrator.resilience.events import Event
from moved_clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def events() -> list[Event]:
    return []
