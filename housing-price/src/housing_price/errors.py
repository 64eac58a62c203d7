"""Why `up` cannot start.

CommandError
├── UsageError       the options make no sense; nothing was started
└── PlaceTakenError  a port or the state folder is in use, or cannot be used
"""

from supervised_processes.errors import CommandError


class UsageError(CommandError):
    """The options make no sense."""

    exit_code = 2


class PlaceTakenError(CommandError):
    """A port or the state folder is in use, or cannot be used."""
