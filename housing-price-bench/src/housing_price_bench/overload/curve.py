"""What was measured at each rate, and the capacity of the service."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from housing_price_bench.overload.outcome import RateOutcome


@dataclass(frozen=True, kw_only=True)
class Rate:
    """One rate: its outcome, and the memory and CPU time that it cost.

    ``factor`` is the offered load as a multiple of the capacity; ``growth_mb`` is in 10⁶ bytes,
    ``cores`` is how many the orchestrator kept busy.
    """

    factor: float
    outcome: RateOutcome
    growth_mb: float
    cores: float
    load_average: float


@dataclass(frozen=True, kw_only=True)
class Curve:
    """All rates, and the capacity in prices a second, measured before with callers that wait for their responses."""

    capacity: float
    idle_mb: float
    rates: Sequence[Rate] = field(default_factory=list)

    @property
    def peak(self) -> float:
        """The largest goodput (prices a second)."""
        return max((rate.outcome.goodput_per_second for rate in self.rates), default=0.0)

    @property
    def errors(self) -> int:
        """Requests that got neither a price nor a refusal."""
        return sum(sum(rate.outcome.errors.values()) for rate in self.rates)

    def find_rate(self, factor: float) -> Rate | None:
        """Return the rate with this factor, if it was measured."""
        return next((rate for rate in self.rates if rate.factor == factor), None)
