"""Which runs are kept where there are very many: those that did not go well for a reason of ours, and some others."""

import time
from collections.abc import Callable

from declared_flows.executions.record import Status


class Sampler:
    """Chooses runs.

    Args:
        per_second: how many of the runs that went well are kept each second; of the others all are.
        now: a clock (seconds).
    """

    def __init__(self, per_second: int, now: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._now = now
        self._second = 0
        self._kept = 0

    def keeps(self, status: Status) -> bool:
        """Whether a run that ended so is kept."""
        if status in ("degraded", "failed", "cancelled"):
            return True
        second = int(self._now())
        if second != self._second:
            self._second, self._kept = second, 0
        self._kept += 1
        return self._kept <= self._per_second
