"""The service's real policies before a simulated model, in virtual time, and an ideal service before the same one.

What is real: settings, admission, batcher, circuit breaker, retries, load balancer, deadlines, and the client of the
model server, put together as the service does. What is simulated: the time, the callers and the model servers.
"""

import asyncio
import heapq
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

import httpx
from house_record import AMES
from housing_price_bench.overload.arrivals import draw_poisson_arrivals
from housing_price_bench.programmable_model.capacity import Capacity
from housing_price_orchestrator.bootstrap.model import Listeners, Upstream
from housing_price_orchestrator.domain import ModelRequest
from housing_price_orchestrator.settings import PricingModelSettings, Settings
from pydantic_core import from_json
from upstream_resilience.admission import Admission, Place
from upstream_resilience.deadline import Deadline, limit_call_seconds
from upstream_resilience.errors import DeadlineExceeded, ResilienceError
from upstream_resilience.events import BreakerChanged, Event
from virtual_time import in_virtual_time

COLUMNS = ("LotArea",)

type SecondsOfCall = Callable[[float, int], float]
"""How long the model computes a call, by the time when it begins and its number."""


def steady(seconds: float) -> SecondsOfCall:
    return lambda _now, _number: seconds


def noisy(seconds: float, share: float) -> SecondsOfCall:
    """Up to a share more or less, evenly."""
    return lambda _now, number: seconds * (1 + share * Random(number).uniform(-1, 1))


def changing(*parts: tuple[float, float]) -> SecondsOfCall:
    """Each ``(from, seconds)`` counts from that time on."""
    return lambda now, _number: [seconds for begins, seconds in parts if begins <= now][-1]


def regular_arrivals(per_second: float, seconds: float) -> list[float]:
    return [number / per_second for number in range(1, int(per_second * seconds))]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One model and its callers.

    Args:
        seconds_of_call: how long the model computes a call.
        at_once: how many calls each server computes at the same time.
        connections: how many calls the service may make to each server.
        max_rows: how many requests share a call.
        replicas: how many servers there are.
        is_shared: whether a server computes all its calls side by side, each more slowly, instead of in turn.
    """

    seconds_of_call: SecondsOfCall
    at_once: int = 1
    connections: int = 2
    max_rows: int = 64
    replicas: int = 1
    is_shared: bool = False
    deadline_seconds: float = 2.0

    @property
    def places(self) -> int:
        """How many calls the service can have computed at the same time."""
        return self.replicas * min(self.at_once, self.connections)

    def arrivals(self, load: float, calls: int, seconds_a_call: float, seed: int = 1) -> list[float]:
        """Poisson arrivals at a multiple of the capacity, for the time in which a model makes that many calls."""
        capacity = self.places * self.max_rows / seconds_a_call
        return list(draw_poisson_arrivals(load * capacity, calls * seconds_a_call, seed))


@dataclass
class Outcome:
    """What became of the requests."""

    ends: Counter[str] = field(default_factory=Counter)
    answered_at: list[float] = field(default_factory=list)
    late_at: list[float] = field(default_factory=list)
    breaker_opened: int = 0

    def goodput(self, until: float) -> int:
        """How many were answered in time, up to then."""
        return sum(at <= until for at in self.answered_at)

    def ended_late_after(self, seconds: float) -> int:
        """How many were let in after that, and not answered in time."""
        return sum(at >= seconds for at in self.late_at)


def simulate(case: Case, arrivals: Iterable[float]) -> Outcome:
    """Send requests at these times to the real service."""
    return in_virtual_time(_Simulation(case).run(arrivals))


def ideal_goodput(case: Case, arrivals: Sequence[float]) -> int:
    """How many requests an ideal service answers in time, before the same model and with as many calls at once.

    It knows how long each call takes before it begins, never begins one for a request that can't be answered in time,
    and learns, refuses and fails nothing. A call begins as soon as a place of the model is free and a request waits,
    with all that wait or as many as it holds. It serves in the order of arrival: since all requests may take equally
    long, and all calls take equally long, no other order answers more. The deadline leaves the same margin for the
    response as in the service, and responses after the last arrival do not count.

    With knowledge of future arrivals it could answer more where a call takes more than half of the deadline: it would
    let a place stand idle until more requests share the call. A service that does so delays every lone request to the
    brink of its deadline, so that is no ideal.
    """
    limit = limit_call_seconds(case.deadline_seconds)
    free_at = [0.0] * case.places
    answered = first = number = 0
    while first < len(arrivals):
        begins = max(free_at[0], arrivals[first])
        seconds = case.seconds_of_call(begins, number)
        if arrivals[first] + limit < begins + seconds - 1e-9:
            first += 1
            continue
        rows = bisect_right(arrivals, begins, first, min(first + case.max_rows, len(arrivals))) - first
        first, number = first + rows, number + 1
        answered += rows * (begins + seconds <= arrivals[-1])
        heapq.heapreplace(free_at, begins + seconds)
    return answered


class _SharedServer:
    """Computes all calls at the same time, each the more slowly the more there are beyond ``at_once``."""

    def __init__(self, seconds_of_call: SecondsOfCall, at_once: int, now: Callable[[], float]) -> None:
        self._seconds_of_call = seconds_of_call
        self._at_once = at_once
        self._now = now
        self._left: dict[asyncio.Future[None], float] = {}
        self._number = 0
        self._at = 0.0
        self._alarm: asyncio.TimerHandle | None = None

    async def work(self) -> None:
        self._pass_time()
        ended = asyncio.get_running_loop().create_future()
        self._left[ended] = self._seconds_of_call(self._now(), self._number)
        self._number += 1
        self._set_alarm()
        await asyncio.shield(ended)

    @property
    def _speed(self) -> float:
        return min(1.0, self._at_once / max(1, len(self._left)))

    def _pass_time(self) -> None:
        passed, self._at = self._now() - self._at, self._now()
        speed = self._speed
        for call in self._left:
            self._left[call] -= passed * speed

    def _set_alarm(self) -> None:
        if self._alarm:
            self._alarm.cancel()
        if self._left:
            seconds = max(0.0, min(self._left.values())) / self._speed
            self._alarm = asyncio.get_running_loop().call_later(seconds, self._end_calls)

    def _end_calls(self) -> None:
        self._pass_time()
        for call in [call for call, left in self._left.items() if left < 1e-6]:
            del self._left[call]
            call.set_result(None)
        self._set_alarm()


class _Servers(httpx.AsyncBaseTransport):
    """Model servers that answer after their time. A call that is given up is computed to its end nevertheless."""

    def __init__(self, case: Case, now: Callable[[], float]) -> None:
        kind = _SharedServer if case.is_shared else Capacity
        self._servers = {
            f"replica-{number}": kind(case.seconds_of_call, case.at_once, now) for number in range(case.replicas)
        }

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/invocations":
            await self._servers[request.url.host].work()
            rows = from_json(request.content)["dataframe_split"]["data"]
            return httpx.Response(200, json={"predictions": [row[0] for row in rows]})
        return httpx.Response(200, content=b"\n")


class _Simulation:
    def __init__(self, case: Case) -> None:
        self._case = case
        self._outcome = Outcome()

    async def run(self, arrivals: Iterable[float]) -> Outcome:
        now = asyncio.get_running_loop().time
        settings = self._settings()
        upstream = Upstream(settings, AMES, _Servers(self._case, now), self._listeners(), now)
        admission = Admission(settings.admission, upstream.batcher)
        async with upstream.open(), asyncio.TaskGroup() as requests:
            for at in arrivals:
                await asyncio.sleep(at - now())
                try:
                    place = admission.of("single")
                    place.look()
                except ResilienceError as error:
                    self._outcome.ends[type(error).__name__] += 1
                    continue
                requests.create_task(self._request(upstream, place))
        return self._outcome

    async def _request(self, upstream: Upstream, place: Place) -> None:
        try:
            with place:
                deadline = Deadline.after(self._case.deadline_seconds)
                async with deadline.limit():
                    await upstream.batcher.predict(ModelRequest(COLUMNS, [[1.0]], deadline=deadline))
        except ResilienceError as error:
            self._outcome.ends[type(error).__name__] += 1
            if isinstance(error, DeadlineExceeded):
                self._outcome.late_at.append(asyncio.get_running_loop().time())
            return
        self._outcome.answered_at.append(asyncio.get_running_loop().time())

    def _settings(self) -> Settings:
        urls = ",".join(f"http://replica-{number}" for number in range(self._case.replicas))
        model = PricingModelSettings(
            url=urls,
            timeout_seconds=self._case.deadline_seconds,
            max_connections=self._case.connections,
            max_merged_rows=self._case.max_rows,
        )
        return Settings.model_construct(pricing_model=model)

    def _listeners(self) -> Listeners:
        return Listeners(self._hear, lambda _call: None, lambda _requests, _rows: None)

    def _hear(self, event: Event) -> None:
        self._outcome.breaker_opened += isinstance(event, BreakerChanged) and event.state == "open"
