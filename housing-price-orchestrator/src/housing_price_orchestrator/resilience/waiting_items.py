"""What waits for a call to the model, and what goes next. Knows no calls: ``micro_batching.py`` makes them."""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass, field

from house_record import Value

from housing_price_orchestrator.domain import Predictions

MERGED_BEFORE_A_SLICE = 4
"""While slices wait, one goes after so many merged calls: single prices slow a large request, but never starve it."""


@dataclass(slots=True, eq=False)
class Item:
    """Rows that go in one call: all of a request, or a slice of a large one."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Value]]
    answered: asyncio.Future[Predictions]
    arrived: float
    is_slice: bool = False
    context: Context = field(default_factory=copy_context)
    call: asyncio.Task[None] | None = None

    @property
    def is_over(self) -> bool:
        """Whether nobody waits for it any more: it is answered, or its caller has gone."""
        return self.answered.done()

    def fail(self, error: Exception) -> None:
        """Answer it with an error, if it is not over."""
        if not self.is_over:
            self.answered.set_exception(error)


class WaitingItems:
    """Items in order of arrival; slices of large requests apart, one of each request in turn.

    Args:
        max_rows: how many rows are merged at most. An item of more rows goes alone.
    """

    def __init__(self, max_rows: int) -> None:
        self._max_rows = max_rows
        self._whole: dict[Item, None] = {}
        self._sliced: deque[deque[Item]] = deque()
        self._merged_since_slice = 0

    def __len__(self) -> int:
        """How many requests wait, a sliced one until its last slice goes."""
        return len(self._whole) + len(self._sliced)

    def add(self, item: Item) -> None:
        """Let a whole request wait."""
        self._whole[item] = None

    def add_slices(self, slices: deque[Item]) -> None:
        """Let a large request wait."""
        self._sliced.append(slices)

    def withdraw(self, item: Item) -> None:
        """Take out a whole request, if it still waits."""
        self._whole.pop(item, None)

    def withdraw_slices(self, slices: deque[Item]) -> None:
        """Take out what still waits of a large request."""
        if slices in self._sliced:
            self._sliced.remove(slices)

    def take(self, *, slice_fits: bool) -> list[Item]:
        """What goes in the next call: whole requests of equal columns, or one slice; empty if nothing can go.

        Args:
            slice_fits: whether it may be a slice.
        """
        if not (slice_fits and self._sliced):
            return self._merged()
        if self._whole and self._merged_since_slice < MERGED_BEFORE_A_SLICE:
            self._merged_since_slice += 1
            return self._merged()
        self._merged_since_slice = 0
        return [self._next_slice()]

    def drain(self) -> Iterator[Item]:
        """Take out everything."""
        while self._whole:
            yield self._whole.popitem()[0]
        while self._sliced:
            yield from self._sliced.popleft()

    def _next_slice(self) -> Item:
        slices = self._sliced.popleft()
        item = slices.popleft()
        if slices:
            self._sliced.append(slices)
        return item

    def _merged(self) -> list[Item]:
        merged: list[Item] = []
        rows = 0
        for item in self._whole:
            if not merged or item.columns == merged[0].columns:
                rows += len(item.rows)
                if merged and rows > self._max_rows:
                    break
                merged.append(item)
        for item in merged:
            del self._whole[item]
        return merged
