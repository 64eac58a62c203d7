"""Why a command that runs processes fails.

CommandError
├── ChildEndedError      a process ended that should not have
└── NotReadyInTimeError  something runs, and never got ready

Commands add their own below CommandError.
"""

import signal
from collections.abc import Sequence


class CommandError(Exception):
    """The command ends with this exit code, and prints the message.

    A message is one line; the last lines of a process may follow it.
    """

    exit_code = 1


class NotReadyInTimeError(CommandError):
    """Not every process was ready in time."""

    def __init__(self, *, waiting_for: Sequence[str], seconds: float) -> None:
        super().__init__(f"not ready within {seconds:.0f} s: still waiting for {', '.join(waiting_for)}")


class ChildEndedError(CommandError):
    """A process ended that should run on, or that should have exited 0."""

    def __init__(self, *, name: str, exit_code: int, last_lines: Sequence[str]) -> None:
        lines = [f"{name} ended with {_describe(exit_code)}, so everything was stopped", *last_lines]
        super().__init__("\n  ".join(lines))


def _describe(exit_code: int) -> str:
    """Describe the exit code, with the signal that shells encode in it."""
    number = -exit_code if exit_code < 0 else exit_code - 128
    try:
        return f"exit code {exit_code} ({signal.Signals(number).name})"
    except ValueError:
        return f"exit code {exit_code}"
