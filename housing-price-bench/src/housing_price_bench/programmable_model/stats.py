"""What the server counted, for a test to read afterwards."""

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

MOST_TIMES = 200_000
"""How many times of calls are kept: the latest ones."""


@dataclass
class Stats:
    """Counts since the start or the last `clear`. Times come from the monotonic clock, which processes share."""

    calls: Counter[str] = field(default_factory=Counter)
    """Requests by path, whatever the response was."""
    rows: int = 0
    """Rows to be priced."""
    in_flight: int = 0
    most_in_flight: int = 0
    connections_open: int = 0
    connections_made: int = 0
    times: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_TIMES))
    """When each call of ``/invocations`` arrived, in seconds."""

    def count_request(self, path: str, now: float) -> None:
        self.calls[path] += 1
        if path == "/invocations":
            self.times.append(now)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)

    def count_end(self) -> None:
        self.in_flight -= 1

    def count_connection(self) -> None:
        self.connections_made += 1
        self.connections_open += 1

    def count_disconnection(self) -> None:
        self.connections_open -= 1

    def clear(self) -> None:
        """Start again from zero; open connections and requests in flight stay."""
        self.calls.clear()
        self.times.clear()
        self.rows, self.connections_made, self.most_in_flight = 0, self.connections_open, self.in_flight

    def to_json(self) -> dict[str, Any]:
        """Return all counts as JSON."""
        return {**vars(self), "calls": dict(self.calls), "times": list(self.times)}
