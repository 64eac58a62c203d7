"""Tells what is asked to find out whether the model servers are well from what is asked for a caller.

It gets past what callers are kept from, and past a server that is silent: that one of several hangs is no reason to
call the service unwell.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_is_probe: ContextVar[bool] = ContextVar("is_probe", default=False)


@contextmanager
def probing() -> Iterator[None]:
    """Let all that is asked in the body be known as a probe."""
    token = _is_probe.set(True)
    try:
        yield
    finally:
        _is_probe.reset(token)


def is_probe() -> bool:
    """Whether a probe asks, not a caller."""
    return _is_probe.get()
