"""Waiting for what another process does."""

import time
from collections.abc import Callable
from contextlib import suppress

import httpx


def wait_until(holds: Callable[[], object], seconds: float = 30) -> None:
    """Return once the condition holds; fail if it does not in this time."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end


def is_refused(port: int) -> bool:
    """Whether connections to this port are refused, or closed without a response."""
    try:
        with suppress(httpx.TimeoutException):
            httpx.get(f"http://127.0.0.1:{port}/health", timeout=1)
    except httpx.TransportError:
        return True
    return False
