"""How long one call to the model takes, learned from the calls that ended."""

_WEIGHT_OF_LAST = 0.2
"""How much the last call counts in the expected time of the next; those before it share the rest."""

_WEIGHT_OF_A_JUMP = 0.5
"""The same for a call that took twice or half as long as expected: the pace has changed."""


class Pace:
    """Moving averages of how long calls of one kind take, the time not counted in which others had to end first.

    The time of calls that are given up without an answer is a lower bound, which counts until the next answer.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        """What an answer takes; 0 before the first."""
        self.alone_seconds = 0.0
        """What it takes beside no more calls than are known to disturb none; 0 before the first."""
        self._unanswered_seconds = 0.0

    @property
    def expected_seconds(self) -> float:
        """What the next call takes, if nothing changes."""
        return max(self.seconds, self._unanswered_seconds)

    def add(self, seconds: float) -> None:
        """Count a call that was answered."""
        self.seconds = _move(self.seconds, seconds)
        self._unanswered_seconds = 0.0

    def add_alone(self, seconds: float) -> None:
        """Count one that ran alone."""
        self.alone_seconds = _move(self.alone_seconds, seconds)

    def add_unanswered(self, seconds: float) -> None:
        """Count a call that was given up after ``seconds``: it would have taken longer."""
        self._unanswered_seconds = max(self._unanswered_seconds, seconds)


def _move(average: float, seconds: float) -> float:
    if not average:
        return seconds
    is_jump = not average / 2 < seconds < average * 2
    return average + (seconds - average) * (_WEIGHT_OF_A_JUMP if is_jump else _WEIGHT_OF_LAST)
