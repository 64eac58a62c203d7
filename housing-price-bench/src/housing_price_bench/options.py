"""The options of `bench`, and what follows from them."""

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
"""Rounds that share the seconds of a case whose ratio counts: subjects take turns, because a machine drifts."""

SLOW_MODEL_SECONDS = 0.005
"""How long a call to the slow model takes. It computes one call at a time, so 200 a second."""

FOREST = "random-forest"
_START_SECONDS = 75.0


@dataclass(frozen=True, kw_only=True)
class BenchOptions:
    """Each case runs for `seconds`. The orchestrator and the model server run `workers` processes each."""

    data: str | None = None
    recipe: str | None = None
    seconds: float = 10.0
    json_file: Path | None = None
    workers: int = 1
    generator: GeneratorChoice = "auto"
    plot_file: Path | None = None
    model_seconds: float = SLOW_MODEL_SECONDS

    @property
    def is_forest(self) -> bool:
        """Whether the recipe is the tutorial's, which has a comparison of its own."""
        return self.recipe == FOREST

    @property
    def round_seconds(self) -> float:
        """How long one round of a case in rounds takes."""
        return self.seconds / ROUNDS

    @property
    def batch_round_seconds(self) -> float:
        """How long one round of batches takes. Batches are few, so those still open at the end weigh more."""
        return self.seconds / 2

    @property
    def warm_up_seconds(self) -> float:
        """How long each measurement warms up; responses do not count meanwhile."""
        return min(1.0, self.seconds / 4)

    @property
    def memory_seconds(self) -> float:
        """The most that each half of the requests of the memory case may take."""
        return 3 * self.seconds

    @property
    def planned_seconds(self) -> float:
        """Roughly the most that the whole run takes, including the start of the servers."""
        in_turns = 2 * len(CONNECTIONS) * ROUNDS
        of_batches = 2 * ROUNDS * (self.batch_round_seconds + self.warm_up_seconds)
        at_once = len(CONNECTIONS) + 1 + 4 + self.is_forest
        in_whole = math.ceil(self.round_seconds) + self.warm_up_seconds
        alone = self.seconds + self.warm_up_seconds
        return _START_SECONDS + in_turns * in_whole + of_batches + at_once * alone + 2 * self.memory_seconds
