"""A clock that the test moves."""

from dataclasses import dataclass


@dataclass
class Clock:
    """Says the seconds that it was set to."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds
