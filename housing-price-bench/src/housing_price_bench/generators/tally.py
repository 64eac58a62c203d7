"""Counts the responses of the bundled generator."""

from dataclasses import dataclass, field

from housing_price_bench.generators.load import Outcome
from housing_price_bench.generators.percentiles import compute_percentile


@dataclass
class Tally:
    """The responses on all connections so far; `broken` counts connections that broke."""

    latencies: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    broken: int = 0

    def count_response(self, status: int, seconds: float) -> None:
        """Count a response."""
        self.latencies.append(seconds)
        key = str(status)
        self.statuses[key] = self.statuses.get(key, 0) + 1

    def to_outcome(self, seconds: float, cpu_seconds: float) -> Outcome:
        """Sum up a load that took `seconds` and `cpu_seconds` of a core."""
        ordered = [latency * 1000 for latency in sorted(self.latencies)]
        bad = sum(count for status, count in self.statuses.items() if int(status) >= 400)
        return Outcome(
            seconds=seconds,
            good=len(ordered) - bad,
            failures=bad + self.broken,
            p50_ms=compute_percentile(ordered, 50),
            p95_ms=compute_percentile(ordered, 95),
            p99_ms=compute_percentile(ordered, 99),
            statuses=self.statuses,
            cpu_seconds=cpu_seconds,
        )
