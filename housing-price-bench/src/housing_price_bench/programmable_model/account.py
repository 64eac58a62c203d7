"""What the server saw, for the test that asks afterwards."""

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

MOST_TIMES = 200_000
"""Calls whose time is remembered: the latest ones."""


@dataclass
class Account:
    """Counts since the start, or since it was cleared. Times are of the monotonic clock, which processes share."""

    calls: Counter[str] = field(default_factory=Counter)
    """Calls by path, whatever was done with them."""
    rows: int = 0
    """Rows that were to be priced."""
    in_flight: int = 0
    most_in_flight: int = 0
    connections_open: int = 0
    connections_made: int = 0
    times: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_TIMES))
    """When each call of ``/invocations`` arrived, in seconds."""

    def begun(self, path: str, now: float) -> None:
        self.calls[path] += 1
        if path == "/invocations":
            self.times.append(now)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)

    def ended(self) -> None:
        self.in_flight -= 1

    def connected(self) -> None:
        self.connections_made += 1
        self.connections_open += 1

    def disconnected(self) -> None:
        self.connections_open -= 1

    def clear(self) -> None:
        """Forget what is past; what is open and in flight stays."""
        self.calls.clear()
        self.times.clear()
        self.rows, self.connections_made, self.most_in_flight = 0, self.connections_open, self.in_flight

    def document(self) -> dict[str, Any]:
        """The same as JSON."""
        return {**vars(self), "calls": dict(self.calls), "times": list(self.times)}
