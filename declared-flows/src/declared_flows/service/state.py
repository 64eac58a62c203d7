"""What is served, and what keeps it from being what the files say."""

from collections.abc import Sequence
from dataclasses import dataclass

from declared_flows.notation.diagnostics import Diagnostic


@dataclass(frozen=True, slots=True)
class FlowState:
    """What is served, and what keeps it from being what the files say."""

    generation: int
    flows: Sequence[str]
    diagnostics: Sequence[Diagnostic] = ()
    problem: str | None = None

    @property
    def serves_nothing(self) -> bool:
        """Whether there are flows and none could be loaded yet: other instances should be asked."""
        return self.generation == 0 and not self.is_sound

    @property
    def is_sound(self) -> bool:
        """Whether what is served is what the files say."""
        return not self.diagnostics and self.problem is None
