"""Decides before a request's body is read whether it can be served in time: a refusal must be cheap and early.

Batches are refused before single requests. What decides is the time that a request would wait for a call to the
upstream, as the calls of the last moments let expect, beside bounds on how much is in the service at all.
"""

from collections.abc import Callable
from typing import Literal, Protocol

from upstream_resilience.errors import Overloaded
from upstream_resilience.events import OnEvent, RequestShed, ignore
from upstream_resilience.settings import AdmissionSettings

type Traffic = Literal["single", "batch"]

EARLINESS = 0.8
"""Share of the longest wait from which on requests are refused: one that is let in should not be refused later."""

BATCH_SHARE = 0.5
"""Share of what single requests may take that batches may."""


class Queue(Protocol):
    """The requests that wait for a call to the upstream, as far as the decision needs them."""

    def expected_wait_seconds(self, *, is_large: bool) -> float:
        """Return how long a request that comes now would wait; infinite if it could not be answered in time."""
        ...

    def longest_wait_seconds(self, *, is_large: bool) -> float:
        """Return how long one may wait."""
        ...


class Admission:
    """Lets requests in, each as ``with admission.of("single"):``, or refuses them.

    A request whose body is still to come takes no place: callers who never send it would take them all. ``look()``
    checks before that whether there is room, and the ``with`` checks again if others were let in meanwhile.

    Args:
        settings: the bounds.
        queue: the requests that wait.
        on_event: hears of each refusal.
    """

    def __init__(self, settings: AdmissionSettings, queue: Queue, on_event: OnEvent = ignore) -> None:
        self._settings = settings
        self._queue = queue
        self._on_event = on_event
        self.in_flight: dict[Traffic, int] = {"single": 0, "batch": 0}
        self.let_in = 0
        """How many requests were let in so far."""

    def of(self, traffic: Traffic) -> "Place":
        """Return the place of a request of this class, which it has for as long as the ``with`` lasts.

        Raises:
            Overloaded: by the ``with``, if it can't be served in time.
        """
        check = self._check_single if traffic == "single" else self._check_batch
        return Place(self, traffic, check)

    def _check_single(self) -> None:
        if sum(self.in_flight.values()) >= self._settings.max_in_flight:
            self._refuse("single", "in_flight")
        if self._is_too_long(EARLINESS, is_large=False):
            self._refuse("single", "expected_wait")

    def _check_batch(self) -> None:
        in_flight = sum(self.in_flight.values())
        if in_flight >= BATCH_SHARE * self._settings.max_in_flight or (
            self.in_flight["batch"] >= self._settings.max_batches
        ):
            self._refuse("batch", "in_flight")
        if self._is_too_long(EARLINESS * BATCH_SHARE, is_large=False) or self._is_too_long(EARLINESS, is_large=True):
            self._refuse("batch", "expected_wait")

    def _is_too_long(self, share: float, *, is_large: bool) -> bool:
        expected = self._queue.expected_wait_seconds(is_large=is_large)
        return expected > share * self._queue.longest_wait_seconds(is_large=is_large)

    def _refuse(self, traffic: Traffic, reason: Literal["in_flight", "expected_wait"]) -> None:
        self._on_event(RequestShed(traffic, reason))
        raise Overloaded(f"{sum(self.in_flight.values())} are being served")


class Place:
    """The place of one request; ``with`` takes it."""

    __slots__ = ("_admission", "_check", "_seen", "_traffic")

    def __init__(self, admission: Admission, traffic: Traffic, check: Callable[[], None]) -> None:
        self._admission = admission
        self._traffic: Traffic = traffic
        self._check = check
        self._seen = -1

    def look(self) -> None:
        """Check whether there is room, without taking it.

        Raises:
            Overloaded: if there is none.
        """
        self._check()
        self._seen = self._admission.let_in

    def __enter__(self) -> None:
        admission = self._admission
        if self._seen != admission.let_in:  # else nobody took it: most bodies are there at once
            self._check()
        admission.let_in += 1
        admission.in_flight[self._traffic] += 1

    def __exit__(self, *_: object) -> None:
        self._admission.in_flight[self._traffic] -= 1
