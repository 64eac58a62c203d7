"""Why `up` cannot start, or ended without being asked to.

UpError
├── UsageError           the options make no sense; nothing was started
├── PlaceTakenError      a port or the state folder is in use, or cannot be used
├── NotReadyInTimeError  something runs, and never got ready
└── ChildEndedError      a process ended that should not have
"""

import signal
from collections.abc import Sequence


class UpError(Exception):
    """The message is for people: one line, except that a child's last lines follow it."""

    exit_code = 1


class UsageError(UpError):
    """The options make no sense."""

    exit_code = 2


class PlaceTakenError(UpError):
    """A port or the state folder is in use, or cannot be used."""


class NotReadyInTimeError(UpError):
    """The platform was not ready within the time that was announced."""

    def __init__(self, *, waiting_for: Sequence[str], seconds: float) -> None:
        super().__init__(f"not ready within {seconds:.0f} s: still waiting for {', '.join(waiting_for)}")


class ChildEndedError(UpError):
    """A process ended that should run on, or that should have exited 0."""

    def __init__(self, *, name: str, exit_code: int, last_lines: Sequence[str]) -> None:
        lines = [f"{name} ended with {_spelled(exit_code)}, so everything was stopped", *last_lines]
        super().__init__("\n  ".join(lines))


def _spelled(exit_code: int) -> str:
    """The code, and the signal that shells count into it."""
    number = -exit_code if exit_code < 0 else exit_code - 128
    try:
        return f"exit code {exit_code} ({signal.Signals(number).name})"
    except ValueError:
        return f"exit code {exit_code}"
