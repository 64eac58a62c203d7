"""What the tests of the decorators share: a clock that they move, and what was decided meanwhile."""

import pytest
from moved_clock import Clock
from upstream_resilience.events import Event


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def events() -> list[Event]:
    return []
