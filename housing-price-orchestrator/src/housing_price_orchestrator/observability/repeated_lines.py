"""Leaves out log lines that say the same many times a second: a refusal must not cost more than its answer."""

from collections import Counter
from collections.abc import Callable

REPEATED = ("OVERLOADED", "RATE_LIMITED", "UPSTREAM_UNAVAILABLE")
"""Codes of answers that come in crowds."""

MOST_A_SECOND = 10
"""Lines of each such code in a second."""


class RepeatedLines:
    """Counts lines by their code, and says which are left out.

    Args:
        now: a clock (seconds).
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._second = 0
        self._lines: Counter[str] = Counter()
        self._left_out: Counter[str] = Counter()

    def leaves_out(self, code: str | None) -> bool:
        """Whether the line of an answer with this code is one too many."""
        if code not in REPEATED:
            return False
        if (second := int(self._now())) != self._second:
            self._second = second
            self._lines.clear()
        self._lines[code] += 1
        if self._lines[code] <= MOST_A_SECOND:
            return False
        self._left_out[code] += 1
        return True

    def left_out(self, code: str | None) -> int:
        """How many lines were left out since this was asked last."""
        return self._left_out.pop(code, 0) if code else 0
