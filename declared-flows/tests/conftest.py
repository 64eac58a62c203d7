"""What every test of this member shares."""

from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[EventDict]]:
    """Capture what is logged while the test runs."""
    with capture_logs() as lines:
        yield lines
