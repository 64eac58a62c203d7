"""The part of the composition root that says how a model is called: which decorator is around which, as set.

From a request to a server: batching, circuit breaker, retries, load balancing, and for each server its metrics, the
deadline and the connections.
"""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Self

import httpx
from house_record import Record
from upstream_resilience.bulkhead import Bulkhead
from upstream_resilience.circuit_breaker import CircuitBreaker
from upstream_resilience.deadline import limit_call_seconds
from upstream_resilience.events import Event, OnEvent
from upstream_resilience.hedging import hedge, limit_seconds
from upstream_resilience.http.transport import pooled_transport
from upstream_resilience.load_balancing import LoadBalancer, Replica
from upstream_resilience.pings import Pings
from upstream_resilience.retry import Retry

from housing_price_orchestrator.errors import MODEL_SERVER
from housing_price_orchestrator.observability.metrics.metrics import Metrics
from housing_price_orchestrator.observability.resilience_events import log_decision
from housing_price_orchestrator.provider.model.decorators.balancing import LoadBalancedModel
from housing_price_orchestrator.provider.model.decorators.batching.batcher import Batcher
from housing_price_orchestrator.provider.model.decorators.batching.wait import WaitLimits
from housing_price_orchestrator.provider.model.decorators.breaking import CircuitBreakingModel
from housing_price_orchestrator.provider.model.decorators.deadline import DeadlineModel
from housing_price_orchestrator.provider.model.decorators.instrumented import InstrumentedModel
from housing_price_orchestrator.provider.model.decorators.retrying import RetryingModel
from housing_price_orchestrator.provider.model.embedded import load_embedded_model
from housing_price_orchestrator.provider.model.mlflow import MlflowModel
from housing_price_orchestrator.service.events import ModelCalled
from housing_price_orchestrator.service.ports import Model, ModelDirectory, ServedModel
from housing_price_orchestrator.settings import PricingModelSettings, Settings

PING_SECONDS = 1.0
"""Time in which a model server must answer a ping."""

HANGING = 5
"""Calls for which a call that hangs until its deadline counts with the breaker: there are few of them, since each keeps
others waiting. Not where there are several servers: the one that hangs is to be ejected before it opens for all."""


@dataclass(frozen=True)
class Listeners:
    """Who hears of calls to the model.

    Args:
        on_event: hears what the policies decide.
        on_call: hears of each call to a server.
        on_batch: hears of each call how many requests and how many rows it holds.
    """

    on_event: OnEvent
    on_call: Callable[[ModelCalled], object]
    on_batch: Callable[[int, int], object]

    @classmethod
    def of(cls, metrics: Metrics) -> Self:
        """Count everything, and log what does not concern a single request."""

        def on_event(event: Event) -> None:
            metrics.resilience.count_decision(event)
            log_decision(event)

        return cls(on_event, metrics.model.observe_call, metrics.model.observe_batch)


class Upstream:
    """The model as the service sees it.

    Args:
        settings: how the service runs.
        record: what a house is.
        transport: how model servers are reached, instead of a connection pool of its own.
        listeners: hear of calls.
        now: a clock (seconds).

    Raises:
        EmbeddedModelUnavailable: if the model is to run in this process and can't.
    """

    def __init__(
        self,
        settings: Settings,
        record: Record,
        transport: httpx.AsyncBaseTransport | None,
        listeners: Listeners,
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._connection: AbstractAsyncContextManager[object]
        self._breaking: CircuitBreakingModel | None = None
        breaker = None
        if settings.pricing_model.mode == "embedded":
            embedded = load_embedded_model(settings.pricing_model, record)
            model: ServedModel = InstrumentedModel(DeadlineModel(embedded), listeners.on_call, now=now)
            self._connection = embedded
        else:
            self._connection = transport = transport or pooled_transport(settings.pricing_model.pool_size)
            breaker = CircuitBreaker(settings.breaker, listeners.on_event, now, upstream=MODEL_SERVER)
            model = self._breaking = _servers(settings, transport, listeners, breaker, now)
        self.directory: ModelDirectory = model
        """Says which model answers."""
        self.batcher = _batcher(model, settings, listeners, breaker, now)
        """The model; requests that arrive during a call share the next one."""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Hold connections open while the block lasts; in the end all calls are ended and they are closed."""
        async with self._connection:
            try:
                yield
            finally:
                await self.batcher.aclose()
                if self._breaking:
                    await self._breaking.aclose()


def _servers(
    settings: Settings,
    transport: httpx.AsyncBaseTransport,
    listeners: Listeners,
    breaker: CircuitBreaker,
    now: Callable[[], float],
) -> CircuitBreakingModel:
    servers = {url: _server(url, settings.pricing_model, transport, now) for url in settings.pricing_model.urls}
    replicas = [
        Replica[ServedModel](url, InstrumentedModel(DeadlineModel(server), listeners.on_call, url, now))
        for url, server in servers.items()
    ]
    slow_seconds = settings.breaker.slow_seconds
    balancer = LoadBalancer(replicas, settings.ejection, listeners.on_event, slow_seconds=slow_seconds, now=now)
    balanced = LoadBalancedModel(balancer)
    pings = [partial(limit_seconds, server.ping, PING_SECONDS) for server in servers.values()]
    return CircuitBreakingModel(
        RetryingModel(balanced, Retry(settings.retry, on_event=listeners.on_event)),
        balanced,
        breaker,
        pings=Pings(breaker, partial(hedge, pings), settings.breaker.ping_seconds),
        rows_of_a_call=settings.pricing_model.max_merged_rows,
        weight_of_hanging=HANGING if len(replicas) == 1 else 1,
    )


def _server(
    url: str, settings: PricingModelSettings, transport: httpx.AsyncBaseTransport, now: Callable[[], float]
) -> MlflowModel:
    bulkhead = Bulkhead(settings.pool_size, settings.max_waiting, settings.pool_timeout_seconds, upstream=MODEL_SERVER)
    return MlflowModel(url, transport, bulkhead, settings, now)


def _batcher(
    model: Model,
    settings: Settings,
    listeners: Listeners,
    breaker: CircuitBreaker | None,
    now: Callable[[], float],
) -> Batcher:
    calls = settings.pricing_model
    return Batcher(
        model,
        calls_at_once=calls.max_connections * calls.replicas,
        slice_calls=calls.max_slice_calls * calls.replicas,
        max_rows=calls.max_merged_rows,
        slice_rows=calls.slice_rows,
        side_by_side=calls.replicas,
        max_waiting=calls.max_waiting,
        wait_limits=WaitLimits(
            settings.admission.max_wait_seconds,
            settings.admission.max_batch_wait_seconds,
            limit_call_seconds(calls.timeout_seconds),
        ),
        on_event=listeners.on_event,
        check=breaker.check if breaker else None,
        on_call=listeners.on_batch,
        now=now,
    )
