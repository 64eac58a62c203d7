"""Waiting for what another process does, with a limit that no busy machine reaches."""

import time
from collections.abc import Callable
from contextlib import suppress

import httpx

PATIENCE_SECONDS = 120.0
"""Only what never happens takes so long."""

_PAUSE_SECONDS = 0.02


def wait_until[Answer](ask: Callable[[], Answer], *, seconds: float = PATIENCE_SECONDS) -> Answer:
    """Return the first answer that is true; fail if there is none in this time."""
    end = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < end, f"it did not happen within {seconds:g} s"
        # Who waits leaves the processor to the one that is waited for.
        time.sleep(_PAUSE_SECONDS)
    return answer


def is_refused(port: int) -> bool:
    """Whether connections to this port are refused, or closed without a response."""
    try:
        with suppress(httpx.TimeoutException):
            httpx.get(f"http://127.0.0.1:{port}/health", timeout=1)
    except httpx.TransportError:
        return True
    return False
