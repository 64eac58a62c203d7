"""What waits for a call to the model, and what goes next. Knows no calls: ``micro_batching.py`` makes them."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from itertools import islice, takewhile

from house_record import Value
from upstream_resilience.deadline import Deadline, current_deadline

from housing_price_orchestrator.domain import Params, Predictions


@dataclass(slots=True, eq=False)
class Item:
    """Rows that go in one call: all of a request, or a slice of a large one."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Value]]
    params: Params
    answered: asyncio.Future[Predictions]
    arrived: float
    is_slice: bool = False
    is_first: bool = True
    deadline: Deadline | None = field(default_factory=current_deadline)
    context: Context = field(default_factory=copy_context)
    call: asyncio.Task[None] | None = None

    @property
    def is_over(self) -> bool:
        """Whether nobody waits for it any more: it is answered, or its caller has gone."""
        return self.answered.done()

    def goes_with(self, other: "Item") -> bool:
        """Whether one call can hold both."""
        return self.columns == other.columns and self.params == other.params

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
        self._whole_rows = 0
        self._sliced: deque[deque[Item]] = deque()

    def __len__(self) -> int:
        """How many requests wait, a sliced one until its last slice goes."""
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

    def add(self, item: Item) -> None:
        """Let a whole request wait."""
        self._whole[item] = None
        self._whole_rows += len(item.rows)

    def add_slices(self, slices: deque[Item]) -> None:
        """Let a large request wait."""
        self._sliced.append(slices)

    def withdraw(self, item: Item) -> None:
        """Take out a whole request, if it still waits."""
        if item in self._whole:
            self._remove(item)

    def withdraw_slices(self, slices: deque[Item]) -> None:
        """Take out what still waits of a large request."""
        if slices in self._sliced:
            self._sliced.remove(slices)

    def take_whole(self) -> list[Item]:
        """What goes in the next call of whole requests, all of equal columns and parameters; empty if none waits."""
        merged: list[Item] = []
        rows = 0
        for item in self._whole:
            if not merged or item.goes_with(merged[0]):
                rows += len(item.rows)
                if merged and rows > self._max_rows:
                    break
                merged.append(item)
        for item in merged:
            self._remove(item)
        return merged

    def take_slice(self) -> Item | None:
        """The slice that goes next, of one large request after another; None if none waits."""
        if not self._sliced:
            return None
        slices = self._sliced.popleft()
        item = slices.popleft()
        if slices:
            self._sliced.append(slices)
        return item

    def oldest(self) -> Iterator[Item]:
        """The whole request that has waited longest, and the large one of which no slice has gone yet."""
        yield from islice(self._whole, 1)
        yield from islice((slices[0] for slices in self._sliced if slices[0].is_first), 1)

    def take_late(self, is_late: Callable[[Item], bool]) -> list[Item]:
        """Take out whole requests, and large ones of which no slice has gone, that wait too long; one item of each."""
        late = list(takewhile(is_late, self._whole))
        for item in late:
            self._remove(item)
        late_slices = [slices for slices in self._sliced if slices[0].is_first and is_late(slices[0])]
        for slices in late_slices:
            self._sliced.remove(slices)
        return [*late, *(slices[0] for slices in late_slices)]

    def drain(self) -> Iterator[Item]:
        """Take out everything."""
        while self._whole:
            item = next(iter(self._whole))
            self._remove(item)
            yield item
        while self._sliced:
            yield from self._sliced.popleft()

    def _remove(self, item: Item) -> None:
        del self._whole[item]
        self._whole_rows -= len(item.rows)
