"""What has happened to the requests of the bundled generator."""

from dataclasses import dataclass, field

from housing_price_bench.load import Outcome
from housing_price_bench.percentiles import percentile


@dataclass
class Tally:
    """What has happened so far on all connections."""

    latencies: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    broken: int = 0

    def answered(self, status: int, seconds: float) -> None:
        """Count an answer."""
        self.latencies.append(seconds)
        key = str(status)
        self.statuses[key] = self.statuses.get(key, 0) + 1

    def outcome(self, seconds: float, cpu_seconds: float) -> Outcome:
        """All of it, as the outcome of a load that took this long, and this much of a core."""
        ordered = [latency * 1000 for latency in sorted(self.latencies)]
        bad = sum(count for status, count in self.statuses.items() if int(status) >= 400)
        return Outcome(
            seconds=seconds,
            good=len(ordered) - bad,
            failures=bad + self.broken,
            p50_ms=percentile(ordered, 50),
            p95_ms=percentile(ordered, 95),
            p99_ms=percentile(ordered, 99),
            statuses=self.statuses,
            cpu_seconds=cpu_seconds,
        )
