"""The parts of the service, connected: what asks the model, what observes it, and what runs in the background."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import httpx
from house_record import Record
from upstream_resilience.admission import Admission
from upstream_resilience.supervision import Work

from housing_price_orchestrator.bootstrap.access import AccessControl
from housing_price_orchestrator.bootstrap.model import Listeners, Upstream
from housing_price_orchestrator.bootstrap.tasks import supervision
from housing_price_orchestrator.observability.log_queue import count_dropped_lines
from housing_price_orchestrator.observability.metrics.metrics import Metrics
from housing_price_orchestrator.observability.request_log import note_prices
from housing_price_orchestrator.provider.model.decorators.caching import CachingModel
from housing_price_orchestrator.service.ports import Model
from housing_price_orchestrator.service.pricing import PricingService, is_usable
from housing_price_orchestrator.service.readiness import ReadinessProbe
from housing_price_orchestrator.settings import RepeatSettings, Settings

if TYPE_CHECKING:
    from housing_price_orchestrator.bootstrap.flows import Flows


class Service:
    """Everything below the HTTP interface.

    Args:
        settings: how it runs.
        record: what a house is.
        transport: reaches the model server, instead of a connection pool of its own.

    Raises:
        EmbeddedModelUnavailable: if the model is to run in this process and can't.
    """

    def __init__(self, settings: Settings, record: Record, transport: httpx.AsyncBaseTransport | None) -> None:
        self.metrics = Metrics()
        listeners = Listeners.of(self.metrics)
        self._upstream = Upstream(settings, record, transport, listeners)
        model = self._upstream.batcher
        self.admission = Admission(settings.admission, model, listeners.on_event)
        cache = _prediction_cache(record, model, settings.repeats, self.metrics)
        self.pricing = PricingService(record, model, self._upstream.directory, cache)
        self.on_answered = (self.metrics.houses.count_prices, self.metrics.requests.observe_prices, note_prices)
        """Who hears of each request for prices that was answered."""
        self.probe = ReadinessProbe(self.pricing, settings.readiness, whereabouts=_name_model(settings))
        self.access = AccessControl(settings, self.metrics)
        self.tasks = supervision(self.metrics.process)
        self.flows = _flows(settings, self)
        self.metrics.model.waiting.set_function(lambda: model.waiting)
        self.metrics.process.dropped_log_lines.set_function(count_dropped_lines)
        self.metrics.process.ready.set_function(lambda: self.probe.readiness.takes_requests)

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Hold the connections open and the background tasks running while the block lasts."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._upstream.open())
            await stack.enter_async_context(self.access.open())
            if self.flows:
                await stack.enter_async_context(self.flows.open())
            await stack.enter_async_context(self.tasks.run(self._tasks()))
            yield

    def find_problems(self) -> Mapping[str, str]:
        """Return the checks that failed, by name, and that the service is ready with nevertheless."""
        found = dict(self.flows.find_problems()) if self.flows else {}
        if failing := self.tasks.failing:
            names = ", ".join(f"{name} ({error})" for name, error in failing.items())
            found["backgroundTasks"] = f"Failed and started again: {names}."
        return found

    def _tasks(self) -> dict[str, Work]:
        tasks: dict[str, Work] = {
            "readiness probe": self.probe.run,
            "event loop metrics": lambda: self.metrics.watch_event_loop(time.monotonic),
            "API keys": self.access.watch,
        }
        return tasks | {"flows": self.flows.watch} if self.flows else tasks


def _name_model(settings: Settings) -> dict[str, str]:
    """What the log says of a model that can't be reached: its address, and the setting to change."""
    setting = "URL" if settings.pricing_model.mode == "http" else "MODEL_URI"
    return {"address": settings.pricing_model.place, "setting": f"ORCHESTRATOR_PRICING_MODEL__{setting}"}


def _flows(settings: Settings, service: Service) -> "Flows | None":
    if settings.flows.folder is None:
        return None
    # What flows need takes as long to import, and as much memory, as half of everything else.
    from housing_price_orchestrator.bootstrap.flows import Flows

    return Flows(
        settings, settings.flows.folder, service.pricing, service.admission, service.metrics, service.on_answered
    )


def _prediction_cache(record: Record, model: Model, settings: RepeatSettings, metrics: Metrics) -> CachingModel | None:
    if not settings.enabled:
        return None
    return CachingModel(
        model,
        size=settings.max_rows,
        ttl_seconds=settings.ttl_seconds,
        is_usable=partial(is_usable, record),
        on_lookup=metrics.model.count_lookups,
    )
