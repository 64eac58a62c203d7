"""A process to run, as data: all that the supervisor knows about it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Process:
    """One process to run beside others.

    `ready_url` returns 200 once the process is ready. `starts_after` names a process that must exit with 0 before. A
    process that `finishes` must exit with 0; any other must not exit by itself.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    ready_url: str | None = None
    starts_after: str | None = None
    finishes: bool = False
