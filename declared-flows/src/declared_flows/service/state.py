"""Which flows are served, and what is wrong with the files if these declare others."""

from collections.abc import Sequence
from dataclasses import dataclass

from declared_flows.notation.diagnostics import Diagnostic


@dataclass(frozen=True, slots=True)
class FlowState:
    """Which flows are served, and what is wrong with the files if these declare others."""

    generation: int
    flows: Sequence[str]
    diagnostics: Sequence[Diagnostic] = ()
    problem: str | None = None

    @property
    def serves_nothing(self) -> bool:
        """Whether no flow could be loaded yet, so that other instances should take the requests."""
        return self.generation == 0 and not self.is_sound

    @property
    def is_sound(self) -> bool:
        """Whether the flows that are served are those of the files."""
        return not self.diagnostics and self.problem is None
