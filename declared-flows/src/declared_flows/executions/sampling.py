"""Chooses which runs are recorded: all that failed on the service's side, and a sample of the others."""

import time
from collections.abc import Callable

from declared_flows.executions.record import Status


class Sampler:
    """Chooses runs.

    Args:
        per_second: runs that went well and are kept each second; the others are all kept.
        now: a clock (seconds).
    """

    def __init__(self, per_second: int, now: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._now = now
        self._second = 0
        self._kept = 0

    def keeps(self, status: Status) -> bool:
        """Whether a run with this status is kept."""
        if status in ("degraded", "failed", "cancelled"):
            return True
        second = int(self._now())
        if second != self._second:
            self._second, self._kept = second, 0
        self._kept += 1
        return self._kept <= self._per_second
