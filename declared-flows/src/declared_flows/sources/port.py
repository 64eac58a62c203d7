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
    """By name; None where it takes any."""
    answer: Schema | None = None
    """None where nothing is known of it."""
    writes: bool = False
    """Whether it changes something: such a call is made once."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call to a source gave."""

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
    BadUpstreamAnswer: if what it gave is no answer.
    UnusableParams: if it can't be asked so.
"""


class OpenSource(Protocol):
    """A source whose connections are there."""

    @property
    def operations(self) -> Mapping[str, Operation]:
        """Its operations by name."""
        ...

    async def verify(self) -> Sequence[str]:
        """What is declared but not there, each as a sentence that says how to mend it.

        Raises:
            UpstreamError: if that can't be found out now.
        """
        ...


@dataclass(frozen=True, slots=True)
class SourceContext:
    """What sources are given by the service."""

    folder: Path
    """Where relative paths begin: the folder of the flows."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The declared secrets by name."""
    max_answer_bytes: int = 16 * 1024 * 1024
    """Size of the largest answer."""

    def text(self, text: Text) -> str:
        """A text of a declaration, whose secrets are known to exist."""
        return self.secrets[text.secret] if isinstance(text, Secret) else text


class SourceKind[Options: SourceOptions](Protocol):
    """A kind of source: one class with a typed options model, registered as an entry point."""

    name: str
    """The value of `kind`."""
    options: type[Options]
    """What is declared."""

    def diagnose(self, options: Options) -> Iterable[tuple[Place, str]]:
        """What the options model alone can't see: where in the declaration, and a sentence that says what is right."""
        ...

    def signatures(self, options: Options) -> Mapping[str, Signature]:
        """Its operations by name. No I/O."""
        ...

    def open(self, name: str, options: Options, context: SourceContext) -> AbstractAsyncContextManager[OpenSource]:
        """The source while it is in use; making it costs little, connections are made when first used."""
        ...
