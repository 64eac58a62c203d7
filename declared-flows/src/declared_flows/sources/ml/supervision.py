"""Supervises models that we load or start ourselves, from the opening of the source to its end."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

import structlog
from upstream_resilience.errors import UpstreamError, UpstreamUnavailable

from declared_flows.sources.ml.table import Table
from declared_flows.sources.port import Call

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

_STEADY_SECONDS = 60.0
"""A model that was up for so long did not fail because of how it starts."""


class RunningModel(Protocol):
    """A model that is up."""

    @property
    def version(self) -> str | None:
        """The version of the model, if known."""
        ...

    async def predict(self, table: Table, call: Call) -> Sequence[Any]:
        """As ``Backend.predict``."""
        ...

    async def wait_for_exit(self) -> "Exit":
        """Wait until it is no longer up."""
        ...


@dataclass(frozen=True, slots=True)
class Exit:
    """Why a model is no longer up."""

    reason: str
    """For people; responses may contain it."""
    last_lines: Sequence[str] = ()
    """Its last lines of output, for the log only."""


class NotStarted(UpstreamUnavailable):
    """A model did not come up.

    Args:
        ended: why.
    """

    def __init__(self, ended: Exit) -> None:
        super().__init__(ended.reason, "not_ready")
        self.last_lines = ended.last_lines


@dataclass(frozen=True, slots=True)
class Pauses:
    """How long to wait before a restart, by the failures in a row."""

    first_seconds: float = 0.5
    longest_seconds: float = 30.0

    def after(self, failures: int) -> float:
        """Return the pause after that many failures: doubling, up to the longest."""
        return min(self.longest_seconds, self.first_seconds * 2.0 ** min(max(failures - 1, 0), 16))


class SupervisedModel:
    """A backend whose model is started, watched, and restarted when it ends.

    Args:
        name: the strategy and its main option.
        start: the model, up while the block lasts; raises ``NotStarted`` if it does not come up.
        pauses: between an end and the next start.
        lacks: what is declared but not there.
    """

    def __init__(
        self,
        name: str,
        start: Callable[[], AbstractAsyncContextManager[RunningModel]],
        pauses: Pauses,
        lacks: Callable[[], Sequence[str]] = tuple,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.why_not = "it is being started"
        self._start = start
        self._pauses = pauses
        self._lacks = lacks
        self._sleep = sleep
        self._now = now
        self._up: RunningModel | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._settled = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._keeper = asyncio.create_task(self._keep())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper

    @property
    def served_by(self) -> str:
        """Its name, with the version of the model that is up."""
        version = self._up.version if self._up else None
        return self.name if version is None else f"{self.name}, version {version}"

    @property
    def ready(self) -> bool:
        """Whether the model is up."""
        return self._up is not None

    async def wait_until_settled(self) -> None:
        """Wait until the model is up, or the first start has failed."""
        await self._settled.wait()

    async def predict(self, table: Table, call: Call) -> Sequence[Any]:
        """One output a row.

        Raises:
            UpstreamUnavailable: if the model is not up, or gives no answer.
            BadUpstreamAnswer: if the answer can't be used.
            UnusableParams: if the model does not take these values.
        """
        if self._up is None:
            raise UpstreamUnavailable(self.why_not, "not_ready")
        return await self._up.predict(table, call)

    async def verify(self) -> Sequence[str]:
        """Return what is declared but missing."""
        return self._lacks()

    async def _keep(self) -> None:
        failures = 0
        while True:
            began = self._now()
            ended = await self._run_once()
            failures = 1 if self._now() - began > _STEADY_SECONDS else failures + 1
            self.why_not = ended.reason
            self._settled.set()
            pause = self._pauses.after(failures)
            log.warning(
                "model_not_up",
                model=self.name,
                reason=ended.reason,
                last_lines=list(ended.last_lines),
                next_start_seconds=pause,
            )
            await self._sleep(pause)

    async def _run_once(self) -> Exit:
        try:
            async with self._start() as up:
                self._up = up
                self._settled.set()
                log.info("model_up", model=self.name)
                try:
                    return await up.wait_for_exit()
                finally:
                    self._up = None
        except NotStarted as error:
            return Exit(error.reason, error.last_lines)
        except UpstreamError as error:
            return Exit(getattr(error, "reason", str(error)))
        # Libraries that load models raise anything, and what is not tried again would never be up.
        except Exception as error:  # noqa: BLE001  see above
            return Exit(f"it can't be started ({type(error).__name__})", [str(error)])
