"""The lines of steps that run at the same time, in the order of the steps."""

from collections.abc import Sequence
from threading import Lock

from housing_price_model.progress import Progress


class StepStopped(BaseException):
    """Ends a step that is no longer wanted, where it would print its next line. No handler of errors may catch it."""


class Turns:
    """Passes on the lines of the first unfinished step at once, and those of later steps when their turn comes."""

    def __init__(self, progress: Progress, names: Sequence[str]) -> None:
        self._progress, self._lock = progress, Lock()
        self._held: dict[str, list[str]] = {name: [] for name in names}
        self._finished, self._stopped = set[str](), set[str]()

    def take(self, name: str) -> "Turn":
        """Return the progress of a step."""
        return Turn(self, name)

    def print(self, name: str, line: str) -> None:
        """Print a line of a step, or hold it.

        Raises:
            StepStopped: if the step has been stopped.
        """
        with self._lock:
            if name in self._stopped:
                raise StepStopped
            if name == next(iter(self._held)):
                self._progress.step(line)
            else:
                self._held[name].append(line)

    def finish(self, name: str) -> None:
        """Pass the turn on, past all steps that have finished, with the lines that they hold."""
        with self._lock:
            self._finished.add(name)
            while self._held and next(iter(self._held)) in self._finished:
                del self._held[next(iter(self._held))]
                for line in next(iter(self._held.values()), []):
                    self._progress.step(line)

    def stop(self, names: Sequence[str]) -> None:
        """Stop these steps at their next line."""
        with self._lock:
            self._stopped.update(names)


class Turn:
    """The progress of one of several steps."""

    def __init__(self, turns: Turns, name: str) -> None:
        self._turns, self._name = turns, name

    def step(self, doing: str) -> None:
        """Print a line when it is the step's turn."""
        self._turns.print(self._name, doing)
