"""What a process of the platform is, as data: the supervisor knows nothing else about it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Process:
    """One process to run beside the others.

    `ready_url` answers 200 when it is ready. `starts_after` names a process that must have exited 0 before.
    A process that `finishes` is expected to exit 0; any other must never exit by itself.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    ready_url: str | None = None
    starts_after: str | None = None
    finishes: bool = False
