"""Leaves out log lines that repeat many times a second: logging a rejection must not cost more than the response."""

from collections import Counter
from collections.abc import Callable

REPEATED = ("OVERLOADED", "RATE_LIMITED", "UPSTREAM_UNAVAILABLE")
"""Codes of rejections that come in crowds."""

MAX_PER_SECOND = 10
"""Lines per second with each of these codes."""


class RepeatedLines:
    """Counts lines by code, and decides which to leave out.

    Args:
        now: a clock in seconds.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._second = 0
        self._lines: Counter[str] = Counter()
        self._left_out: Counter[str] = Counter()

    def leaves_out(self, code: str | None) -> bool:
        """Whether to leave out the next line with this code."""
        if code not in REPEATED:
            return False
        if (second := int(self._now())) != self._second:
            self._second = second
            self._lines.clear()
        self._lines[code] += 1
        if self._lines[code] <= MAX_PER_SECOND:
            return False
        self._left_out[code] += 1
        return True

    def left_out(self, code: str | None) -> int:
        """How many lines were left out since the last call."""
        return self._left_out.pop(code, 0) if code else 0
