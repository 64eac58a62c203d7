"""A trial, and the case that its rounds make: one row of the table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from supervised_processes.process import Process

from housing_price_bench.generators.load import Load, Outcome

type Subject = Literal["a", "b", "c", "d", "e", "plain"]
type Kind = Literal[
    "single", "batch", "mix", "batches meanwhile", "price meanwhile", "health meanwhile", "ping meanwhile"
]

SUBJECTS: Mapping[Subject, str] = {
    "a": "orchestrator",
    "b": "stock model server",
    "c": "bare echo",
    "d": "lean model server",
    "e": "orchestrator, model embedded",
    "plain": "stock server, plain scikit-learn",
}

_REFUSED = "422"


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A load on a subject, the processes to measure meanwhile, and the share of requests to be refused."""

    subject: Subject
    kind: Kind
    load: Load
    processes: Sequence[Process]
    rows: int = 1
    refused_share: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Case:
    """The result of a trial in one or more rounds: figures are medians of the rounds, counts are sums.

    `cores` is how many cores each process kept busy, and "machine" all processes together; `resident_mb` is the memory
    at the end.
    """

    subject: Subject
    kind: Kind
    connections: int
    rounds: tuple[Outcome, ...]
    cores: Mapping[str, float]
    resident_mb: Mapping[str, float]
    rows: int = 1
    refused_share: float = 0.0

    @property
    def requests(self) -> int:
        """Requests that came to an end."""
        return sum(outcome.requests for outcome in self.rounds)

    @property
    def failures(self) -> int:
        """Wrong responses, and connections that broke."""
        return sum(map(self._count_failures, self.rounds))

    @property
    def requests_per_second(self) -> float:
        """Right responses per second."""
        return median(self._count_right_responses(outcome) / outcome.seconds for outcome in self.rounds)

    @property
    def rows_per_second(self) -> float:
        """Houses priced per second."""
        return self.requests_per_second * self.rows

    @property
    def p50_ms(self) -> float | None:
        """The median latency."""
        return self._compute_median(lambda outcome: outcome.p50_ms)

    @property
    def p95_ms(self) -> float | None:
        """The latency that 5 % exceed."""
        return self._compute_median(lambda outcome: outcome.p95_ms)

    @property
    def p99_ms(self) -> float | None:
        """The latency that 1 % exceed."""
        return self._compute_median(lambda outcome: outcome.p99_ms)

    @property
    def busiest(self) -> str:
        """The process, load generators included, that used the most CPU time."""
        processes = {name: cores for name, cores in self.cores.items() if name != "machine"}
        return max(processes, key=lambda name: processes[name], default="")

    def _count_failures(self, outcome: Outcome) -> int:
        return outcome.failures - self._count_right_refusals(outcome) + self._count_wrong_prices(outcome)

    def _count_right_refusals(self, outcome: Outcome) -> int:
        # Requests still open at the end shift the share a little.
        most = round(outcome.requests * self.refused_share) + self.connections
        return min(outcome.statuses.get(_REFUSED, 0), most) if self.refused_share else 0

    def _count_wrong_prices(self, outcome: Outcome) -> int:
        # Those still open at the end may all be ones to refuse, and another failure may have been one too.
        least = int(outcome.requests * self.refused_share) - self.connections
        return max(least - outcome.failures, 0)

    def _count_right_responses(self, outcome: Outcome) -> int:
        return outcome.good - self._count_wrong_prices(outcome) + self._count_right_refusals(outcome)

    def _compute_median(self, of_round: Callable[[Outcome], float | None]) -> float | None:
        known = [value for outcome in self.rounds if (value := of_round(outcome)) is not None]
        return median(known) if known else None
