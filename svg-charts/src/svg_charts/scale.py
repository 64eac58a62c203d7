"""An axis: where a value stands, and which round values it names."""

import math
from collections.abc import Sequence

_SMALLEST = 1e-3
"""What a logarithmic axis shows of anything smaller."""


class Scale:
    """Values to pixels, and ``ticks``, the round values to name; a linear scale begins at 0."""

    def __init__(self, values: Sequence[float], start: float, end: float, *, is_log: bool) -> None:
        self._start, self._end, self._is_log = start, end, is_log
        if is_log:
            low, high = (math.log10(max(value, _SMALLEST)) for value in (min(values), max(values)))
            first, last = math.floor(low), max(math.ceil(high), math.floor(low) + 1)
            self._low, self._high = float(first), float(last)
            self.ticks = [10.0**power for power in range(first, last + 1)]
        else:
            step = _choose_step(max(values, default=0.0) or 1.0)
            self._low, self._high = 0.0, math.ceil((max(values) or 1.0) / step) * step
            self.ticks = [number * step for number in range(round(self._high / step) + 1)]

    def place(self, value: float) -> float:
        """Return the pixel of the value."""
        value = math.log10(max(value, _SMALLEST)) if self._is_log else value
        return self._start + (value - self._low) / (self._high - self._low) * (self._end - self._start)


def _choose_step(largest: float) -> float:
    """Choose a step of 1, 2 or 5 times a power of ten, so that at most six reach the largest value."""
    power = 10.0 ** math.floor(math.log10(largest / 6))
    return next(power * digit for digit in (1, 2, 5, 10) if power * digit * 6 >= largest)
