"""The part of the composition root that says how a model is asked: what is wrapped around what, as set.

From a request to a server: merged calls, circuit breaker, retries, one of several servers, and for each of these its
metrics, the deadline and the connections.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

import httpx
from upstream_resilience.bulkhead import Bulkhead
from upstream_resilience.circuit_breaker import BreakerModel, CircuitBreaker
from upstream_resilience.deadline import PunctualModel
from upstream_resilience.events import OnEvent
from upstream_resilience.hedging import first_answer, punctual
from upstream_resilience.http.transport import pooled_transport
from upstream_resilience.retry import RetriedModel

from housing_price_orchestrator.errors import MODEL_SERVER
from housing_price_orchestrator.observability.metrics import Metrics
from housing_price_orchestrator.observability.observed_model import ObservedModel
from housing_price_orchestrator.observability.request_record import outgoing_headers
from housing_price_orchestrator.provider.model.decorators.balancing import BalancedModel, Replica
from housing_price_orchestrator.provider.model.decorators.batching import MergedModel
from housing_price_orchestrator.provider.model.decorators.waiting_time import WaitLimits
from housing_price_orchestrator.provider.model.embedded import embedded_model
from housing_price_orchestrator.provider.model.mlflow import MlflowModel
from housing_price_orchestrator.service.ports import Model
from housing_price_orchestrator.settings import PricingModelSettings, Settings

PING_SECONDS = 1.0
"""Time in which a model server must answer a ping."""

HANGING = 5
"""A call that hangs until its deadline counts as so many for the breaker: there are few of them, since each keeps
others waiting. Not where there are several servers: the one that hangs is to be ejected before it opens for all."""


class Upstream:
    """The model as the service sees it.

    Args:
        settings: how the service runs.
        transport: how model servers are reached, where that is not by a pool of its own.
        metrics: where calls are counted.
        on_event: hears what the wrappers decide.

    Raises:
        EmbeddedModelUnavailable: if the model is to run in this process and can't.
    """

    def __init__(
        self, settings: Settings, transport: httpx.AsyncBaseTransport | None, metrics: Metrics, on_event: OnEvent
    ) -> None:
        self._connection: AbstractAsyncContextManager[object]
        self._breaker: BreakerModel | None = None
        if settings.pricing_model.mode == "embedded":
            embedded = embedded_model(settings.pricing_model)
            model: Model = ObservedModel(PunctualModel(embedded), metrics)
            self._connection = embedded
            breaker = None
        else:
            self._connection = transport = transport or pooled_transport(settings.pricing_model.pool_size)
            breaker = CircuitBreaker(settings.breaker, on_event, upstream=MODEL_SERVER)
            model = self._breaker = _servers(settings, transport, metrics, breaker, on_event)
        self.merged = _merged(model, settings, metrics, on_event, breaker)
        """The model; requests that arrive during a call share the next one."""

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Connections are there; in the end all calls are ended and they are closed."""
        async with self._connection:
            try:
                yield
            finally:
                await self.merged.aclose()
                if self._breaker:
                    await self._breaker.aclose()


def _servers(
    settings: Settings,
    transport: httpx.AsyncBaseTransport,
    metrics: Metrics,
    breaker: CircuitBreaker,
    on_event: OnEvent,
) -> BreakerModel:
    servers = {url: _server(url, settings.pricing_model, transport) for url in settings.pricing_model.urls}
    replicas = [Replica(url, ObservedModel(PunctualModel(server), metrics, url)) for url, server in servers.items()]
    pings = [partial(punctual, server.ping, PING_SECONDS) for server in servers.values()]
    balanced = BalancedModel(replicas, settings.ejection, on_event, slow_seconds=settings.breaker.slow_seconds)
    return BreakerModel(
        RetriedModel(balanced, settings.retry, on_event=on_event),
        breaker,
        ping=partial(first_answer, pings),
        ping_seconds=settings.breaker.ping_seconds,
        rows_of_a_call=settings.pricing_model.max_merged_rows,
        weight_of_hanging=HANGING if len(replicas) == 1 else 1,
    )


def _server(url: str, settings: PricingModelSettings, transport: httpx.AsyncBaseTransport) -> MlflowModel:
    bulkhead = Bulkhead(settings.pool_size, settings.max_waiting, settings.pool_timeout_seconds, upstream=MODEL_SERVER)
    return MlflowModel(url, transport, bulkhead, settings, outgoing_headers)


def _merged(
    model: Model, settings: Settings, metrics: Metrics, on_event: OnEvent, breaker: CircuitBreaker | None
) -> MergedModel:
    calls = settings.pricing_model
    return MergedModel(
        model,
        calls_at_once=calls.max_connections * calls.replicas,
        slice_calls=calls.max_slice_calls * calls.replicas,
        max_rows=calls.max_merged_rows,
        slice_rows=calls.slice_rows,
        side_by_side=calls.replicas,
        max_waiting=calls.max_waiting,
        wait_limits=WaitLimits(settings.admission.max_wait_seconds, settings.admission.max_batch_wait_seconds),
        on_event=on_event,
        check=breaker.check if breaker else None,
        on_call=metrics.call_merged,
    )
