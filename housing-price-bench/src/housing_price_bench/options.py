"""What the user asked `bench` for."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

# Not a `type` statement: Typer reads the names of a plain alias alone.
GeneratorChoice = Literal["auto", "wrk", "oha", "bundled"]

CONNECTIONS = (1, 16, 64)
BATCH_ROWS = 1_000
BATCH_CONNECTIONS = 4
ROUNDS = 3
"""Rounds that share the seconds of a case whose ratio counts: subjects take turns, since a machine drifts."""

FOREST = "random-forest"
_START_SECONDS = 75.0


@dataclass(frozen=True, kw_only=True)
class BenchOptions:
    """Each case is measured for `seconds`; `workers` is for the orchestrator and the model server.

    `plot_file` is for the curve of an overload.
    """

    data: str | None = None
    recipe: str | None = None
    seconds: float = 10.0
    json_file: Path | None = None
    workers: int = 1
    generator: GeneratorChoice = "auto"
    plot_file: Path | None = None

    @property
    def is_forest(self) -> bool:
        """Whether the tutorial's recipe is measured, which has a comparison of its own."""
        return self.recipe == FOREST

    @property
    def round_seconds(self) -> float:
        """Length of one round of a case that is measured in rounds."""
        return self.seconds / ROUNDS

    @property
    def batch_round_seconds(self) -> float:
        """Length of one round of batches, which are few: those that are open at the end weigh more."""
        return self.seconds / 2

    @property
    def warm_up_seconds(self) -> float:
        """Time before each measurement in which answers do not count."""
        return min(1.0, self.seconds / 4)

    @property
    def memory_seconds(self) -> float:
        """The longest that each half of the requests of the memory case may take."""
        return 3 * self.seconds

    @property
    def planned_seconds(self) -> float:
        """Roughly how long the whole takes at most, the starts of the servers included."""
        in_turns = 2 * len(CONNECTIONS) * ROUNDS
        of_batches = 2 * ROUNDS * (self.batch_round_seconds + self.warm_up_seconds)
        at_once = len(CONNECTIONS) + 1 + 4 + self.is_forest
        in_whole = math.ceil(self.round_seconds) + self.warm_up_seconds
        alone = self.seconds + self.warm_up_seconds
        return _START_SECONDS + in_turns * in_whole + of_batches + at_once * alone + 2 * self.memory_seconds
