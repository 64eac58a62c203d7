"""Why `bench` cannot measure.

CommandError
├── UsageError       the options make no sense; nothing was started
├── GeneratorError   the load generator is missing, or printed nothing that can be relied on
├── BenchStopped     a signal asked for the end
└── FailedRequests   everything was measured, and the platform failed requests
"""

from supervised_processes.errors import CommandError


class UsageError(CommandError):
    """The options make no sense."""

    exit_code = 2


class GeneratorError(CommandError):
    """The load generator is missing, or printed nothing that can be relied on."""


class BenchStopped(CommandError):
    """A signal asked for the end; nothing is left behind."""

    exit_code = 130

    def __init__(self) -> None:
        super().__init__("stopped before the end; nothing is left behind")


class FailedRequests(CommandError):
    """The platform failed requests that it should have answered."""

    def __init__(self, count: int) -> None:
        super().__init__(f"the orchestrator failed {count:,} requests; the rows with errors say where")
