"""Spreads calls over several servers of one model, and gives none to a server that fails.

Own code: outlier ejection as in Envoy lives in proxies, not in client libraries.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial

from house_record import Value
from upstream_resilience.errors import ResilienceError, cause_of
from upstream_resilience.events import OnEvent, ReplicaEjected, ReplicaReturned, ignore
from upstream_resilience.hedging import Ask, first_answer
from upstream_resilience.ports import Model
from upstream_resilience.probing import is_probe
from upstream_resilience.settings import EjectionSettings
from upstream_resilience.verdict import is_failure

from housing_price_orchestrator.domain import NO_PARAMS, ModelDetails, Params, Predictions

ALL_ASKED_SECONDS = 0.1
"""While none answers, a probe asks one server after another, and has asked all of them in this time."""


@dataclass(eq=False)
class Replica:
    """One server of a model, and how it did lately."""

    name: str
    model: Model
    in_flight: int = 0
    failures: int = 0
    """Failed calls in a row."""
    ejections: int = 0
    """How often it was ejected, less what it has made good since."""
    ejected_until: float | None = None
    well_since: float = 0.0


@dataclass
class _Journey:
    """What a request has seen of the replicas: those that failed it, and the one that is to answer all its parts."""

    failed: set[Replica] = field(default_factory=set)
    chosen: Replica | None = None
    is_one: bool = False


_journey: ContextVar[_Journey | None] = ContextVar("journey", default=None)


@contextmanager
def by_one_replica() -> Iterator[None]:
    """Let all calls that begin in the body go to one replica, as long as that one answers."""
    token = _journey.set(_Journey(is_one=True))
    try:
        yield
    finally:
        _journey.reset(token)


class BalancedModel:
    """A model with several servers: each call goes to the one with the fewest calls in flight.

    A replica that fails several times in a row gets no calls for a while, but for the last one, which always does.
    A call that is made again goes to another replica, where there is one. A probe gets past a replica that is silent;
    that one is judged when its time is up: where another answered, its silence is a failure.

    Args:
        replicas: the servers, at least one.
        settings: when one is ejected, and for how long: the n-th time n times as long. The terms are Envoy's.
        on_event: told of each ejection and return.
        slow_seconds: a call that is ended by its deadline before that speaks against no server.
        now: a clock (seconds).
    """

    def __init__(
        self,
        replicas: Sequence[Replica],
        settings: EjectionSettings | None = None,
        on_event: OnEvent = ignore,
        *,
        slow_seconds: float = 1.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        if not replicas:
            raise ValueError("a model needs at least one replica")
        self._replicas = list(replicas)
        self._settings = settings or EjectionSettings()
        self._on_event = on_event
        self._slow_seconds = slow_seconds
        self._now = now
        self._turn = 0
        self._probes: set[asyncio.Task[Predictions]] = set()

    async def predict(
        self, columns: Sequence[str], rows: Sequence[Sequence[Value]], params: Params = NO_PARAMS
    ) -> Predictions:
        """One output a row, in order.

        Raises:
            UpstreamError: if there is no usable answer.
        """
        if len(self._replicas) > 1 and is_probe():
            return await self._probed(columns, rows, params)
        journey = _journey.get()
        if journey is None:
            journey = _Journey()
            _journey.set(journey)
        replica = self._choice(journey)
        try:
            return await self._ask(replica, columns, rows, params)
        except ResilienceError:
            journey.failed.add(replica)
            journey.chosen = None
            raise

    async def details(self) -> ModelDetails:
        """What is known of the model that answers, from any server; it says nothing about how that one prices.

        Raises:
            UpstreamError: if no model server answers.
        """
        return await first_answer([replica.model.details for replica in self._in_order()], self._apart_seconds)

    async def _ask(
        self,
        replica: Replica,
        columns: Sequence[str],
        rows: Sequence[Sequence[Value]],
        params: Params,
        answered: asyncio.Event | None = None,
    ) -> Predictions:
        replica.in_flight += 1
        began = self._now()
        try:
            answer = await replica.model.predict(columns, rows, params)
        except ResilienceError as error:
            others_answered = answered is not None and answered.is_set()
            if is_failure(error, self._now() - began, self._slow_seconds, others_answered=others_answered):
                self._failed(replica, cause_of(error))
            raise
        else:
            self._answered(replica)
            return answer
        finally:
            replica.in_flight -= 1

    async def _probed(self, columns: Sequence[str], rows: Sequence[Sequence[Value]], params: Params) -> Predictions:
        answered = asyncio.Event()

        async def ask(replica: Replica) -> Predictions:
            answer = await self._ask(replica, columns, rows, params, answered)
            answered.set()
            return answer

        self._turn += 1
        asks = [partial(self._to_its_end, partial(ask, replica)) for replica in self._in_order()]
        return await first_answer(asks, self._apart_seconds)

    async def _to_its_end(self, ask: Ask[Predictions]) -> Predictions:
        """Ask, and go on asking when this is cancelled: only when its time is up a server has failed."""
        probe = asyncio.create_task(ask())
        self._probes.add(probe)
        probe.add_done_callback(self._probe_ended)
        await asyncio.wait([probe])
        return probe.result()

    def _probe_ended(self, probe: asyncio.Task[Predictions]) -> None:
        self._probes.discard(probe)
        if not probe.cancelled():
            probe.exception()  # it is judged by now; that nobody waits for it any more is no mistake

    @property
    def _apart_seconds(self) -> float:
        return ALL_ASKED_SECONDS / len(self._replicas)

    def _in_order(self) -> list[Replica]:
        return sorted(self._taking_part(), key=lambda replica: replica.in_flight)

    def _choice(self, journey: _Journey) -> Replica:
        if journey.is_one and journey.chosen and journey.chosen.ejected_until is None:
            return journey.chosen
        self._turn += 1
        takes_part = self._taking_part()
        journey.chosen = min(takes_part, key=lambda replica: (replica in journey.failed, replica.in_flight))
        return journey.chosen

    def _taking_part(self) -> list[Replica]:
        self._return_ejected()
        # Those that take part, from another one on each time, so that equals take turns.
        start = self._turn % len(self._replicas)
        in_turn = self._replicas[start:] + self._replicas[:start]
        takes_part = [replica for replica in in_turn if replica.ejected_until is None]
        if all(replica.failures >= self._settings.failures for replica in takes_part):
            return in_turn  # none is well: one that was ejected may be by now
        return takes_part

    def _answered(self, replica: Replica) -> None:
        replica.failures = 0
        if replica.ejected_until is not None:
            self._return(replica)
        elif replica.ejections and self._now() - replica.well_since > self._settings.seconds:
            replica.ejections -= 1
            replica.well_since = self._now()

    def _failed(self, replica: Replica, cause: str | None) -> None:
        replica.failures += 1
        others = [other for other in self._replicas if other is not replica and other.ejected_until is None]
        if replica.failures < self._settings.failures or replica.ejected_until is not None or not others:
            return
        replica.ejections += 1
        seconds = min(self._settings.seconds * replica.ejections, self._settings.longest_seconds)
        replica.ejected_until = self._now() + seconds
        self._on_event(ReplicaEjected(replica.name, seconds, cause))

    def _return_ejected(self) -> None:
        if len(self._replicas) == 1:
            return
        now = self._now()
        for replica in self._replicas:
            if replica.ejected_until is not None and replica.ejected_until <= now:
                replica.failures = self._settings.failures - 1  # on trial: the next failure ejects it again
                self._return(replica)

    def _return(self, replica: Replica) -> None:
        replica.ejected_until = None
        replica.well_since = self._now()
        self._on_event(ReplicaReturned(replica.name))
