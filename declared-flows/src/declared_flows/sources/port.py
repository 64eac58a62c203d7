"""What flows need from a source. Each kind of source satisfies it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from pydantic import PositiveInt
from upstream_resilience.deadline import Deadline

from declared_flows.notation.base import Declaration, Place, Secret, Text
from declared_flows.notation.durations import Seconds
from declared_flows.notation.schema import Schema

type Params = Mapping[str, Any]


class SourceOptions(Declaration):
    """What every source is declared with; each kind adds its own."""

    kind: str
    """Which kind of source it is."""
    description: str | None = None
    """What it is."""
    timeout: Seconds = 1.0
    """The time limit of a call. A step can set its own."""
    attempts: PositiveInt = 2
    """Maximum number of attempts at a call that changes nothing and got no response."""
    max_concurrency: PositiveInt = 20
    """Maximum number of concurrent calls, for each worker. Others wait."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What an operation of a source takes and gives, as far as it is declared."""

    parameters: Mapping[str, Schema] | None = None
    """By name; None if it takes any."""
    answer: Schema | None = None
    """None if nothing is known of it."""
    writes: bool = False
    """Whether it changes something: such a call is made once."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a source."""

    value: Any
    """Plain values: what JSON has, with dates as text and decimals as numbers; a record may be an object. None where
    there is no such thing (no row, status 404)."""
    rows: int | None = None
    """How many rows or items it has, where that means something."""
    served_by: str | None = None
    """The strategy that responded, or the version of a model."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a call to a source is part of."""

    deadline: Deadline | None = None
    """When the answer must be there; None if anything may take as long as it does."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers for each HTTP call, such as the id of the request that it serves."""
    context: Any = None
    """What the program that serves flows knows of the request. Only its own sources read it."""


NO_CALL = Call()
"""A call that serves no request."""

type Operation = Callable[[Params, Call], Awaitable[Answer]]
"""One named operation of an open source.

Raises:
    UpstreamUnavailable: if the source gave no answer.
    BadUpstreamAnswer: if the answer can't be used.
    UnusableParams: if it does not take these parameters.
"""


class OpenSource(Protocol):
    """An open source."""

    @property
    def operations(self) -> Mapping[str, Operation]:
        """Its operations by name."""
        ...

    async def verify(self) -> Sequence[str]:
        """Return what is declared but missing, each as a sentence that says how to fix it.

        Raises:
            UpstreamError: if it can't be found out now.
        """
        ...


@dataclass(frozen=True, slots=True)
class SourceContext:
    """What the program gives to all sources."""

    folder: Path
    """Where relative paths begin: the folder of the flows."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The declared secrets by name."""
    max_answer_bytes: int = 16 * 1024 * 1024
    """Size of the largest answer."""

    def text(self, text: Text) -> str:
        """Return a text of a declaration; its secret is known to exist."""
        return self.secrets[text.secret] if isinstance(text, Secret) else text


class SourceKind[Options: SourceOptions](Protocol):
    """A kind of source: one class with a typed options model, registered as an entry point."""

    name: str
    """The value of `kind`."""
    options: type[Options]
    """What is declared."""

    def diagnose(self, options: Options) -> Iterable[tuple[Place, str]]:
        """Yield what is wrong beyond the options model: its place in the declaration, and a sentence with the fix."""
        ...

    def signatures(self, options: Options) -> Mapping[str, Signature]:
        """Return its operations by name, without I/O."""
        ...

    def open(self, name: str, options: Options, context: SourceContext) -> AbstractAsyncContextManager[OpenSource]:
        """Open the source for as long as it is in use. That is cheap: connections are made when first used."""
        ...
