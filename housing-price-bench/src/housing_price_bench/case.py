"""One row of the table: what was measured of one subject, under one load."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from supervised_processes.process import Process

from housing_price_bench.load import Load, Outcome

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
    """What to measure: a load on a subject, and the processes whose use counts.

    `refused_share` is the share of requests that should be refused.
    """

    subject: Subject
    kind: Kind
    load: Load
    processes: Sequence[Process]
    rows: int = 1
    refused_share: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Case:
    """What was seen of a trial, in one round or more; figures are medians of the rounds, counts are sums.

    `cores` is how many cores each process kept busy, "machine" all together; `resident_mb` the memory at the end.
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
        """Everything that came to an end."""
        return sum(outcome.requests for outcome in self.rounds)

    @property
    def failures(self) -> int:
        """Answers that should have been others, and connections that broke."""
        return sum(
            outcome.failures - self._rightly_refused(outcome) + self._wrongly_priced(outcome) for outcome in self.rounds
        )

    @property
    def requests_per_second(self) -> float:
        """Answers as they should be, per second."""
        return median(self._as_they_should_be(outcome) / outcome.seconds for outcome in self.rounds)

    @property
    def rows_per_second(self) -> float:
        """Houses priced per second."""
        return self.requests_per_second * self.rows

    @property
    def p50_ms(self) -> float | None:
        """The median latency."""
        return self._median(lambda outcome: outcome.p50_ms)

    @property
    def p95_ms(self) -> float | None:
        """The latency that 5 % exceed."""
        return self._median(lambda outcome: outcome.p95_ms)

    @property
    def p99_ms(self) -> float | None:
        """The latency that 1 % exceed."""
        return self._median(lambda outcome: outcome.p99_ms)

    @property
    def busiest(self) -> str:
        """The process that kept the most of a core busy, the load generator included."""
        processes = {name: cores for name, cores in self.cores.items() if name != "machine"}
        return max(processes, key=lambda name: processes[name], default="")

    def _rightly_refused(self, outcome: Outcome) -> int:
        # Requests that are open at the end shift the share a little.
        most = round(outcome.requests * self.refused_share) + self.connections
        return min(outcome.statuses.get(_REFUSED, 0), most) if self.refused_share else 0

    def _wrongly_priced(self, outcome: Outcome) -> int:
        # Those that are open at the end may all be ones to refuse; a failure of another kind may have been one as well.
        least = int(outcome.requests * self.refused_share) - self.connections
        return max(least - outcome.failures, 0)

    def _as_they_should_be(self, outcome: Outcome) -> int:
        return outcome.good - self._wrongly_priced(outcome) + self._rightly_refused(outcome)

    def _median(self, of_round: Callable[[Outcome], float | None]) -> float | None:
        known = [value for outcome in self.rounds if (value := of_round(outcome)) is not None]
        return median(known) if known else None
