"""One time limit over everything that a request needs, whatever its parts do."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from house_record import Value
from housing_price_orchestrator.domain import NO_PARAMS, ModelDetails, Params, Predictions

from upstream_resilience.errors import DeadlineExceeded
from upstream_resilience.ports import Model

MARGIN = 0.1
"""Share of a deadline that is kept back from calls to a model, for the answer to be made."""

LONGEST_MARGIN_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a request must be answered.

    Args:
        ends_at: the event loop's time (seconds).
        seconds: how long there was from the beginning.
    """

    ends_at: float
    seconds: float

    @property
    def calls_end_at(self) -> float:
        """When calls that it needs must be answered (the event loop's time)."""
        return self.ends_at - min(MARGIN * self.seconds, LONGEST_MARGIN_SECONDS)


_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


def current_deadline() -> Deadline | None:
    """The deadline of what is being done; None where there is none."""
    return _current.get()


def latest(deadlines: Sequence[Deadline | None]) -> Deadline | None:
    """The deadline of work that is for several callers: the last of theirs; None if one of them has none."""
    known = [deadline for deadline in deadlines if deadline is not None]
    return max(known, key=lambda deadline: deadline.ends_at) if len(known) == len(deadlines) else None


def remaining_seconds(now: float) -> float:
    """How long a call may still take; infinite where there is no deadline."""
    deadline = _current.get()
    return deadline.calls_end_at - now if deadline else float("inf")


@contextmanager
def within(deadline: Deadline | None) -> Iterator[None]:
    """Let what is done in the body know its deadline; nothing is ended by this."""
    token = _current.set(deadline)
    try:
        yield
    finally:
        _current.reset(token)


class deadline:  # noqa: N801  used as ``async with deadline(2.0):``, like asyncio.timeout
    """End the body of the ``async with`` when its time is up.

    A timer of its own, since the time limits of an HTTP client hold per socket operation: an upstream that
    drips a byte a second would never meet one. A class, since every request passes here: a generator costs thrice.

    Args:
        seconds: how long it may take.
        begun: the deadline that it has already, whose rest it gets in place of these seconds.

    Raises:
        DeadlineExceeded: if the body took longer.
    """

    __slots__ = ("_begun", "_seconds", "_timer", "_token")

    def __init__(self, seconds: float, begun: Deadline | None = None) -> None:
        self._seconds = seconds
        self._begun = begun

    async def __aenter__(self) -> None:
        given = self._begun or Deadline(asyncio.get_running_loop().time() + self._seconds, self._seconds)
        self._token = _current.set(given)
        self._timer = _Timer(given.ends_at, given.seconds)
        await self._timer.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _current.reset(self._token)
        await self._timer.__aexit__(kind, error, trace)


class PunctualModel:
    """A model whose answer comes before the deadline of the request, less a margin, or not at all."""

    def __init__(self, model: Model) -> None:
        self._model = model

    async def predict(
        self, columns: Sequence[str], rows: Sequence[Sequence[Value]], params: Params = NO_PARAMS
    ) -> Predictions:
        """One output a row, in order.

        Raises:
            DeadlineExceeded: if it takes too long.
            UpstreamError: if there is no usable answer.
        """
        async with _Timer.for_calls():
            return await self._model.predict(columns, rows, params)

    async def details(self) -> ModelDetails:
        """What is known of the model that answers.

        Raises:
            DeadlineExceeded: if it takes too long.
            UpstreamError: if the model server does not answer.
        """
        async with _Timer.for_calls():
            return await self._model.details()


class _Timer:
    """Ends the body at a time of the event loop, with our own error."""

    __slots__ = ("_seconds", "_timeout")

    def __init__(self, ends_at: float | None, seconds: float) -> None:
        self._timeout = asyncio.timeout_at(ends_at)
        self._seconds = seconds

    @classmethod
    def for_calls(cls) -> Self:
        """For a call to a model: the current deadline less its margin; none where there is no deadline."""
        current = _current.get()
        return cls(current.calls_end_at, current.seconds) if current else cls(None, 0.0)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError as timeout:
            raise DeadlineExceeded(self._seconds) from timeout
