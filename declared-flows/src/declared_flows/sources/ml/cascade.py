"""Several backends of one model, tried in order.

The first backend that is ready answers. One that gives no answer hands over to the next at once, and comes last for a
while. One that gives a bad answer does not hand over: its model is broken, and answers of another would hide that.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from upstream_resilience.deadline import remaining_call_seconds
from upstream_resilience.errors import Cause, UpstreamError, UpstreamUnavailable

from declared_flows.sources.ml.backend import Backend
from declared_flows.sources.ml.table import Table
from declared_flows.sources.port import Call

REST_SECONDS = 5.0
"""How long a backend that gave no answer comes last."""


class Cascade:
    """Backends of a model.

    Args:
        backends: in the order in which they are tried.
        time_seconds: the time of a call that has no deadline. Each backend but the last has a share of what is left,
            so that the next one has some.
    """

    def __init__(
        self, backends: Sequence[Backend], time_seconds: float, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._backends = backends
        self._time_seconds = time_seconds
        self._now = now
        self._rests_until: dict[str, float] = {}

    async def predict(self, table: Table, call: Call) -> tuple[Sequence[Any], str]:
        """Return one output a row, and the name of the backend that gave them, with its version if known.

        Raises:
            UpstreamUnavailable: if no backend answers.
            BadUpstreamAnswer: if an answer can't be used.
            UnusableParams: if the model does not take these values.
        """
        failed: dict[str, UpstreamUnavailable] = {}
        backends = self._in_order()
        for position, backend in enumerate(backends):
            # Read before the call: meanwhile another version may replace the one that answers.
            served_by = backend.served_by
            try:
                return await self._ask(backend, table, call, shares=len(backends) - position), served_by
            except UpstreamUnavailable as error:
                failed[backend.name] = error
                self._rests_until[backend.name] = self._now() + REST_SECONDS
        raise self._failure(failed)

    async def verify(self) -> Sequence[str]:
        """Return what the reachable backends lack; if that is nothing, wait until one is ready.

        Raises:
            UpstreamError: if none can be reached, or none becomes ready.
        """
        found: list[str] = []
        errors: list[UpstreamError] = []
        for backend in self._backends:
            try:
                found += await backend.verify()
            except UpstreamError as error:
                errors.append(error)
        if len(errors) == len(self._backends):
            raise errors[0]
        if not found:
            await self._wait_until_ready()
        return found

    async def _wait_until_ready(self) -> None:
        waiting = {asyncio.ensure_future(backend.wait_until_settled()) for backend in self._backends}
        try:
            while waiting and not any(backend.ready for backend in self._backends):
                _, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waiting:
                wait.cancel()
        if not any(backend.ready for backend in self._backends):
            raise self._failure({})

    def _in_order(self) -> list[Backend]:
        now = self._now()
        ready = [backend for backend in self._backends if backend.ready]
        return sorted(ready, key=lambda backend: self._rests_until.get(backend.name, 0.0) > now)

    async def _ask(self, backend: Backend, table: Table, call: Call, *, shares: int) -> Sequence[Any]:
        """Call one; the last one has all that is left of the time."""
        try:
            async with asyncio.timeout(None if shares == 1 else self._seconds_left(call) / shares):
                return await backend.predict(table, call)
        except TimeoutError as error:
            raise UpstreamUnavailable("it did not answer in time", "read_timeout") from error

    def _seconds_left(self, call: Call) -> float:
        if call.deadline is None:
            return self._time_seconds
        return max(0.0, remaining_call_seconds(call.deadline, asyncio.get_running_loop().time()))

    def _failure(self, failed: Mapping[str, UpstreamUnavailable]) -> UpstreamUnavailable:
        if len(self._backends) == 1:
            [backend] = self._backends
            return failed.get(backend.name) or UpstreamUnavailable(backend.why_not, "not_ready")
        # Callers learn the kinds of the backends, not their addresses.
        reasons = [
            f"{each.name.partition(':')[0]}: {failed[each.name].reason if each.name in failed else each.why_not}"
            for each in self._backends
        ]
        cause: Cause = next((error.cause for error in failed.values()), "not_ready")
        return UpstreamUnavailable("; ".join(reasons), cause)
