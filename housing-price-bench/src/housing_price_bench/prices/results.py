"""Everything that a run measured."""

from dataclasses import dataclass, field

from housing_price_bench.prices.case import Case, Kind, Subject
from housing_price_bench.prices.memory import Memory
from housing_price_bench.prices.model_cost import ModelCost


@dataclass(kw_only=True)
class Results:
    """What was measured, what the model alone costs, and why some of it was skipped."""

    cases: list[Case] = field(default_factory=list)
    memory: Memory | None = None
    model: ModelCost | None = None
    skipped: list[str] = field(default_factory=list)

    @property
    def errors(self) -> int:
        """Requests that the orchestrator failed in all cases."""
        in_cases = sum(case.failures for case in self.cases if case.subject == "a")
        return in_cases + (self.memory.failures if self.memory else 0)

    def find_case(self, subject: Subject, kind: Kind, connections: int) -> Case | None:
        """Return the case, if it was measured."""
        wanted = (subject, kind, connections)
        return next((case for case in self.cases if (case.subject, case.kind, case.connections) == wanted), None)
