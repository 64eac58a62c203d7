"""The sources of the old files, gathered while endpoints are read, and written in our notation at the end."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from declared_flows.conversion.part import Part
from declared_flows.conversion.references import Path
from declared_flows.conversion.times import seconds_of
from declared_flows.notation.durations import format_duration

KINDS = ("database", "api", "feast", "ml")

ADVICE = "there is no such key in ours; docs/flows-reference.md says what a source takes"

_POOL = ("pool_size", "max_connections", "max_concurrency")
_AGAIN = ("retry_count", "retries", "max_retries")


@dataclass(eq=False)
class Use:
    """One data source of an endpoint.

    Args:
        part: where it stands.
        step: the name of the step that it becomes.
        operation: what is asked.
        params: what it is told, in our notation.
        reads: what is read of its answer, by the response and by other steps; it grows while the endpoint is read.
        types: the types of those parameters that the caller gives.
    """

    part: Part
    step: str
    operation: str
    params: dict[str, Any]
    reads: set[Path]
    types: Mapping[str, str] = field(default_factory=dict)

    @property
    def fields(self) -> list[str]:
        """The fields of its answer that are read."""
        return sorted({path[0] for path in self.reads if path and path[0] != "*" and not path[0].isdigit()})

    @property
    def is_list(self) -> bool:
        """Whether its answer is read as a list."""
        return any(path and (path[0] == "*" or path[0].isdigit()) for path in self.reads)


@dataclass(eq=False)
class OldSource(ABC):
    """A source of the old files.

    Args:
        identity: its id there.
        part: its connection.
        beside: operations that stand beside the connections.
    """

    identity: str
    part: Part
    beside: dict[str, Part] = field(default_factory=dict)
    uses: dict[str, list[Use]] = field(default_factory=dict)

    kind = ""
    whole = ""
    """The field that its whole answer is, where ours wraps it."""

    def add(self, use: Use) -> None:
        """Record a use of the source."""
        self.uses.setdefault(self.operation(use), []).append(use)

    def remove(self, use: Use) -> None:
        """Remove a recorded use."""
        name = self.operation(use)
        self.uses[name].remove(use)
        if not self.uses[name]:
            del self.uses[name]

    def changes(self, use: Use) -> bool:  # noqa: ARG002  most only read
        """Whether something is changed by it."""
        return False

    def operation(self, use: Use) -> str:
        """The name of the operation in ours."""
        return use.operation

    def params(self, use: Use) -> dict[str, Any]:
        """What it is told in ours; to be asked once all uses are known."""
        return use.params

    @abstractmethod
    def declaration(self) -> dict[str, Any] | None:
        """The source in our notation; None where nothing is left of it. What can't be said becomes a note."""

    def has_operation(self, name: str) -> bool:
        """Whether it says itself what the operation is."""
        return any(part.name == name for part in self._operations())

    def _operations(self) -> Iterator[Part]:
        return self.part.parts("operations", "queries", "endpoints")

    def _limits(self) -> Iterator[tuple[str, Any]]:
        """How long, how often and how many at once."""
        if (seconds := seconds_of(self.part, "timeout", "timeout_ms", "timeout_seconds")) is not None:
            yield "timeout", format_duration(seconds)
        for name in _AGAIN:
            if isinstance(again := self.part.value_of(name), int):
                yield "attempts", again + 1
        for name in _POOL:
            if isinstance(most := self.part.value_of(name), int) and most > 0:
                yield "max_concurrency", most
                return


def step_name(name: str) -> str:
    """A name that references can have."""
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_") or "step"
    plain = f"_{plain}" if plain[0].isdigit() else plain
    return "request_step" if plain == "request" else plain


def slug(*names: str) -> str:
    """A name for a flow or a file, of small letters, digits and `-`."""
    words = re.sub(r"[^a-z0-9]+", "-", "-".join(names).lower()).strip("-")
    return words[:64].rstrip("-") or "flow"
