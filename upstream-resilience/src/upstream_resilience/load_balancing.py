"""Spreads calls over several servers of one upstream, and gives none to a server that fails.

Own code: outlier ejection as in Envoy lives in proxies, not in client libraries.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from upstream_resilience.errors import ResilienceError, cause_of
from upstream_resilience.events import OnEvent, ReplicaEjected, ReplicaReturned, ignore
from upstream_resilience.failures import is_failure
from upstream_resilience.hedging import Call, hedge
from upstream_resilience.settings import EjectionSettings

ALL_ASKED_SECONDS = 0.1
"""While none answers, a probe calls one server after another, and has called all of them in this time."""

type Ask[Server, Answer] = Callable[[Server], Awaitable[Answer]]
"""Makes a call to a server."""


@dataclass(eq=False)
class Replica[Server]:
    """One server, and how it did lately."""

    name: str
    server: Server
    in_flight: int = 0
    failures: int = 0
    """Failed calls in a row."""
    ejections: int = 0
    """How often it was ejected, less what it has made good since."""
    ejected_until: float | None = None
    well_since: float = 0.0


@dataclass(slots=True, eq=False)
class Affinity:
    """What one request has seen of the replicas: those that failed it, and the one that should answer all its parts.

    Args:
        sticks: whether all calls go to one replica, as long as that one answers.
    """

    sticks: bool = False
    failed: set[str] = field(default_factory=set)
    chosen: str | None = None


class LoadBalancer[Server]:
    """Gives each call to the replica with the fewest calls in flight.

    A replica that fails several times in a row gets no calls for a while, except the last one, which always does. A
    call that is made again goes to another replica, if there is one.

    Args:
        replicas: the servers, at least one.
        settings: when one is ejected, and for how long: the n-th time n times as long. The terms are Envoy's.
        on_event: hears of each ejection and return.
        slow_seconds: a call that its deadline ends earlier than that counts against no server.
        now: a clock (seconds).
    """

    def __init__(
        self,
        replicas: Sequence[Replica[Server]],
        settings: EjectionSettings | None = None,
        on_event: OnEvent = ignore,
        *,
        slow_seconds: float = 1.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        if not replicas:
            raise ValueError("there must be at least one replica")
        self._replicas = list(replicas)
        self._settings = settings or EjectionSettings()
        self._on_event = on_event
        self._slow_seconds = slow_seconds
        self._now = now
        self._turn = 0
        self._probes: set[asyncio.Task[object]] = set()

    @property
    def has_several(self) -> bool:
        """Whether there is more than one server."""
        return len(self._replicas) > 1

    async def call[Answer](self, ask: Ask[Server, Answer], affinity: Affinity) -> Answer:
        """Call one server.

        Args:
            ask: makes the call.
            affinity: what the request has seen so far; it learns what it sees now.

        Raises:
            ResilienceError: if there is no usable answer.
        """
        replica = self._choose(affinity)
        try:
            return await self._ask(replica, ask)
        except ResilienceError:
            affinity.failed.add(replica.name)
            affinity.chosen = None
            raise

    async def probe[Answer](self, ask: Ask[Server, Answer]) -> Answer:
        """Call one server after another until one answers, and get past one that is silent.

        A silent server is judged when its time is up: if another one answered, its silence is a failure.

        Raises:
            ResilienceError: if none answers.
        """
        answered = asyncio.Event()

        async def ask_replica(replica: Replica[Server]) -> Answer:
            answer = await self._ask(replica, ask, answered)
            answered.set()
            return answer

        self._turn += 1
        calls = [partial(self._run_to_its_end, partial(ask_replica, replica)) for replica in self._in_order()]
        return await hedge(calls, self._apart_seconds)

    async def hedge[Answer](self, ask: Callable[[Server], Call[Answer]]) -> Answer:
        """Return the first answer of any server; a win does not count as a success for that server.

        Raises:
            ResilienceError: if none answers.
        """
        return await hedge([ask(replica.server) for replica in self._in_order()], self._apart_seconds)

    async def _ask[Answer](
        self, replica: Replica[Server], ask: Ask[Server, Answer], answered: asyncio.Event | None = None
    ) -> Answer:
        replica.in_flight += 1
        began = self._now()
        try:
            answer = await ask(replica.server)
        except ResilienceError as error:
            others_answered = answered is not None and answered.is_set()
            if is_failure(error, self._now() - began, self._slow_seconds, others_answered=others_answered):
                self._count_failure(replica, cause_of(error))
            raise
        else:
            self._count_success(replica)
            return answer
        finally:
            replica.in_flight -= 1

    async def _run_to_its_end[Answer](self, call: Call[Answer]) -> Answer:
        """Make a call that continues after cancellation, so that a slow server is judged only by its own time limit."""
        probe = asyncio.create_task(call())
        self._probes.add(probe)
        probe.add_done_callback(self._end_probe)
        await asyncio.wait([probe])
        return probe.result()

    def _end_probe(self, probe: asyncio.Task[object]) -> None:
        self._probes.discard(probe)
        if not probe.cancelled():
            probe.exception()  # it is judged by now; that nobody waits for it any more is no mistake

    @property
    def _apart_seconds(self) -> float:
        return ALL_ASKED_SECONDS / len(self._replicas)

    def _in_order(self) -> list[Replica[Server]]:
        return sorted(self._taking_part(), key=lambda replica: replica.in_flight)

    def _choose(self, affinity: Affinity) -> Replica[Server]:
        if affinity.sticks and affinity.chosen is not None:
            for replica in self._replicas:
                if replica.name == affinity.chosen and replica.ejected_until is None:
                    return replica
        self._turn += 1
        takes_part = self._taking_part()
        chosen = min(takes_part, key=lambda replica: (replica.name in affinity.failed, replica.in_flight))
        affinity.chosen = chosen.name
        return chosen

    def _taking_part(self) -> Sequence[Replica[Server]]:
        if len(self._replicas) == 1:
            return self._replicas
        self._return_ejected()
        # Those that take part, from another one on each time, so that equals take turns.
        start = self._turn % len(self._replicas)
        in_turn = self._replicas[start:] + self._replicas[:start]
        takes_part = [replica for replica in in_turn if replica.ejected_until is None]
        if all(replica.failures >= self._settings.failures for replica in takes_part):
            return in_turn  # none is well: one that was ejected may be by now
        return takes_part

    def _count_success(self, replica: Replica[Server]) -> None:
        replica.failures = 0
        if replica.ejected_until is not None:
            self._return(replica)
        elif replica.ejections and self._now() - replica.well_since > self._settings.seconds:
            replica.ejections -= 1
            replica.well_since = self._now()

    def _count_failure(self, replica: Replica[Server], cause: str | None) -> None:
        replica.failures += 1
        others = [other for other in self._replicas if other is not replica and other.ejected_until is None]
        if replica.failures < self._settings.failures or replica.ejected_until is not None or not others:
            return
        replica.ejections += 1
        seconds = min(self._settings.seconds * replica.ejections, self._settings.longest_seconds)
        replica.ejected_until = self._now() + seconds
        self._on_event(ReplicaEjected(replica.name, seconds, cause))

    def _return_ejected(self) -> None:
        now = self._now()
        for replica in self._replicas:
            if replica.ejected_until is not None and replica.ejected_until <= now:
                replica.failures = self._settings.failures - 1  # on trial: the next failure ejects it again
                self._return(replica)

    def _return(self, replica: Replica[Server]) -> None:
        replica.ejected_until = None
        replica.well_since = self._now()
        self._on_event(ReplicaReturned(replica.name))
