"""The requests that wait for a call to the model, and which go next. Knows no calls: ``calls.py`` makes them."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, takewhile

from housing_price_orchestrator.domain import ModelRequest, Predictions


@dataclass(slots=True, eq=False)
class QueuedRequest:
    """Rows that go in one call: all of a request, or a slice of a large one."""

    request: ModelRequest
    answered: asyncio.Future[Predictions]
    arrived: float
    is_slice: bool = False
    is_first: bool = True
    call: asyncio.Task[None] | None = None

    @property
    def is_over(self) -> bool:
        """Whether nobody waits for it any more: it is answered, or its caller has gone."""
        return self.answered.done()

    def goes_with(self, other: "QueuedRequest") -> bool:
        """Return whether one call can hold both."""
        ours, theirs = self.request, other.request
        has_same_columns = ours.columns is theirs.columns or ours.columns == theirs.columns
        return has_same_columns and ours.params == theirs.params

    def fail(self, error: Exception) -> None:
        """Answer it with an error, if it is not over."""
        if not self.is_over:
            self.answered.set_exception(error)


class RequestQueue:
    """Requests in order of arrival; slices of large requests apart, one of each request in turn.

    Args:
        max_rows: how many rows are merged at most. A request of more rows goes alone.
    """

    def __init__(self, max_rows: int) -> None:
        self._max_rows = max_rows
        self._whole: dict[QueuedRequest, None] = {}
        self._whole_rows = 0
        self._sliced: deque[deque[QueuedRequest]] = deque()

    def __len__(self) -> int:
        """Count the requests that wait, a sliced one until its last slice goes."""
        return len(self._whole) + len(self._sliced)

    @property
    def whole(self) -> int:
        """How many whole requests wait."""
        return len(self._whole)

    @property
    def whole_rows(self) -> int:
        """How many rows the whole requests have that wait."""
        return self._whole_rows

    @property
    def large(self) -> int:
        """How many large requests have slices that wait."""
        return len(self._sliced)

    @property
    def fills_a_call(self) -> bool:
        """Whether the whole requests that wait have the rows of a call."""
        return self._whole_rows >= self._max_rows

    def add(self, queued: QueuedRequest) -> None:
        """Add a whole request."""
        self._whole[queued] = None
        self._whole_rows += len(queued.request.rows)

    def add_slices(self, slices: deque[QueuedRequest]) -> None:
        """Add a large request."""
        self._sliced.append(slices)

    def withdraw(self, queued: QueuedRequest) -> None:
        """Take out a whole request, if it still waits."""
        if queued in self._whole:
            self._remove(queued)

    def withdraw_slices(self, slices: deque[QueuedRequest]) -> None:
        """Take out what still waits of a large request."""
        if slices in self._sliced:
            self._sliced.remove(slices)

    def take_whole(self) -> list[QueuedRequest]:
        """Take what goes in the next call of whole requests, all of equal columns and parameters."""
        merged: list[QueuedRequest] = []
        rows = 0
        for queued in self._whole:
            if not merged or queued.goes_with(merged[0]):
                rows += len(queued.request.rows)
                if merged and rows > self._max_rows:
                    break
                merged.append(queued)
        for queued in merged:
            self._remove(queued)
        return merged

    def take_slice(self) -> QueuedRequest | None:
        """Take the slice that goes next, of one large request after another; None if none waits."""
        if not self._sliced:
            return None
        slices = self._sliced.popleft()
        queued = slices.popleft()
        if slices:
            self._sliced.append(slices)
        return queued

    def oldest(self) -> Iterator[QueuedRequest]:
        """Yield the whole request that has waited longest, and the large one of which no slice has gone yet."""
        yield from islice(self._whole, 1)
        yield from islice((slices[0] for slices in self._sliced if slices[0].is_first), 1)

    def take_late(self, is_late: Callable[[QueuedRequest], bool]) -> list[QueuedRequest]:
        """Take out whole requests, and large ones of which no slice has gone, that wait too long; one of each."""
        late = list(takewhile(is_late, self._whole))
        for queued in late:
            self._remove(queued)
        late_slices = [slices for slices in self._sliced if slices[0].is_first and is_late(slices[0])]
        for slices in late_slices:
            self._sliced.remove(slices)
        return [*late, *(slices[0] for slices in late_slices)]

    def drain(self) -> Iterator[QueuedRequest]:
        """Take out everything."""
        while self._whole:
            queued = next(iter(self._whole))
            self._remove(queued)
            yield queued
        while self._sliced:
            yield from self._sliced.popleft()

    def _remove(self, queued: QueuedRequest) -> None:
        del self._whole[queued]
        self._whole_rows -= len(queued.request.rows)
