"""Why `bench` cannot measure, beside what `up` knows.

UpError
├── GeneratorError   the load generator is missing, or said nothing that can be relied on
├── BenchStopped     a signal asked for the end
└── FailedRequests   everything was measured, and the platform failed requests
"""

from housing_price.errors import UpError


class GeneratorError(UpError):
    """The load generator is missing, or said nothing that can be relied on."""


class BenchStopped(UpError):
    """A signal asked for the end; nothing is left behind."""

    exit_code = 130

    def __init__(self) -> None:
        super().__init__("stopped before the end; nothing is left behind")


class FailedRequests(UpError):
    """The platform failed requests that it should have answered."""

    def __init__(self, count: int) -> None:
        super().__init__(f"the orchestrator failed {count:,} requests; the rows with errors say where")
