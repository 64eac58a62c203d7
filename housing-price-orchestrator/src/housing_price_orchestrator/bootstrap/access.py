"""The part of the composition root that decides who may call: keys, rate limits, CORS and idempotency."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog
from api_keys.watcher import KeyWatcher
from command_line.invocation import as_typed
from fastapi import FastAPI
from fastapi.routing import APIRoute
from host_environment.loopback import is_loopback
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from housing_price_orchestrator.access.client_address import ClientAddresses
from housing_price_orchestrator.access.hosts import AllowedHosts
from housing_price_orchestrator.access.idempotency_store import IdempotencyStore, InMemoryIdempotencyStore
from housing_price_orchestrator.access.keys import key_file
from housing_price_orchestrator.access.rate_limits import InMemoryRateLimiter, Rate, RateLimiter
from housing_price_orchestrator.api.http.access import ALWAYS_OPEN, Access, AccessRules
from housing_price_orchestrator.api.http.body import BodyReader
from housing_price_orchestrator.api.http.browser_guard import BrowserGuard
from housing_price_orchestrator.api.http.cors import FLOW_METHODS, METHODS, Cors
from housing_price_orchestrator.api.http.documentation_pages import FRONT_DOOR
from housing_price_orchestrator.api.http.head_requests import HeadRequests
from housing_price_orchestrator.api.http.idempotency import Idempotency, IdempotentRoute
from housing_price_orchestrator.api.http.problems import internal_error
from housing_price_orchestrator.observability.metrics.metrics import Metrics
from housing_price_orchestrator.settings import RedisSettings, Settings

if TYPE_CHECKING:
    from housing_price_orchestrator.provider.redis.connection import RedisConnection  # an extra

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


_LEASE_MARGIN_SECONDS = 2.0


class AccessControl:
    """Everything that a request passes before the application sees it.

    Args:
        settings: how the service runs.
        metrics: where it is counted.
    """

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self._settings = settings
        self._metrics = metrics
        self._keys = KeyWatcher(
            key_file(settings.keys),
            are_required=settings.keys.required,
            on_change=lambda count: log.info("API keys read", keys=count),
            on_problem=lambda problem: log.error("API keys can't be read, those known stay valid", reason=problem),
        )
        metrics.access.keys_sound.set_function(lambda: self._keys.is_sound)
        self._redis = _connect_to_redis(settings.redis, metrics) if settings.redis.url else None

    def add_to(
        self,
        app: FastAPI,
        routes: Iterable[BaseRoute],
        direct: Mapping[tuple[str, str], APIRoute],
        body: BodyReader,
    ) -> None:
        """Put the middleware around the application: hosts and origins outermost, CORS, keys and limits, idempotency.

        Args:
            app: the application.
            routes: all its routes.
            direct: the routes that accept an ``Idempotency-Key``, by method and path.
            body: reads their bodies.
        """
        app.add_middleware(HeadRequests)
        app.add_middleware(
            Idempotency,
            routes={where: IdempotentRoute(route, *self._bounds(where)) for where, route in direct.items()},
            body=body,
            store=self._idempotency_store(),
            on_replay=self._metrics.access.replayed.inc,
        )
        by_path = {route.path: route for route in routes if isinstance(route, APIRoute)}
        rules = self._rules()
        app.add_middleware(Access, rules=rules, routes=by_path)
        if self._settings.cors.origins:
            methods = FLOW_METHODS if self._settings.flows.folder else METHODS
            app.add_middleware(Cors, origins=self._settings.cors.origins, methods=methods)
        app.add_middleware(
            BrowserGuard,
            hosts=AllowedHosts(hosts) if (hosts := self._settings.allowed_hosts) else None,
            origins=self._settings.cors.origins,
            open_paths=rules.open_paths - FRONT_DOOR,
            stateless=direct.keys(),
            routes=by_path,
        )

    @property
    def proxies(self) -> ClientAddresses | None:
        """The proxies that may state a client's address and a prefix; None for none."""
        trusted = self._settings.trusted_proxies
        return ClientAddresses(trusted, self._settings.forwarded_header) if trusted else None

    def answer_to_bug(self) -> ASGIApp:
        """The response to a bug of ours; web pages of the allowed origins can read it."""
        origins = self._settings.cors.origins
        return Cors(internal_error(), origins) if origins else internal_error()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Hold the connection to Redis open while the block lasts."""
        if self._keys.ring is None and not is_loopback(self._settings.host):
            log.warning(
                "ANYONE WHO REACHES THIS ADDRESS MAY CALL: there are no API keys",
                host=self._settings.host,
                advice=as_typed("housing-price-orchestrator keys add NAME --scope predict"),
            )
        for exposure in key_file(self._settings.keys).find_exposures():
            log.warning("API keys are not private", reason=exposure)
        if self._redis is None:
            yield
            return
        async with self._redis:
            yield

    async def watch(self) -> None:
        """Reload the keys when their file changes, until cancelled."""
        await self._keys.watch()

    def _rules(self) -> AccessRules:
        limits = self._settings.rate_limit
        key_rate = _rate(limits.key_per_second, limits.key_burst)
        address_rate = _rate(limits.address_per_second, limits.address_burst)
        return AccessRules(
            self._keys,
            self.proxies,
            self._rate_limiter() if key_rate or address_rate else None,
            key_rate,
            address_rate,
            ALWAYS_OPEN | FRONT_DOOR | ({"/metrics"} if self._settings.metrics.public else frozenset()),
            self._metrics.access.count_key,
            self._metrics.access.count_rate_limited,
        )

    def _bounds(self, where: tuple[str, str]) -> tuple[int, float]:
        """How many requests with an ``Idempotency-Key`` a route holds at once, and how long one waits for another."""
        calls, admission = self._settings.pricing_model, self._settings.admission
        if where[1].endswith("/batch"):
            return admission.max_batches, calls.batch_timeout_seconds
        return admission.max_in_flight, calls.timeout_seconds

    def _rate_limiter(self) -> RateLimiter:
        if self._redis is None:
            return InMemoryRateLimiter(self._settings.rate_limit.max_addresses)
        from housing_price_orchestrator.provider.redis.rate_limits import RedisRateLimiter

        return RedisRateLimiter(self._redis, InMemoryRateLimiter(self._settings.rate_limit.max_addresses))

    def _idempotency_store(self) -> IdempotencyStore:
        settings = self._settings.idempotency
        if self._redis is None:
            return InMemoryIdempotencyStore(settings.max_answers, settings.max_bytes, settings.ttl_seconds)
        from housing_price_orchestrator.provider.redis.idempotency_store import RedisIdempotencyStore

        lease_seconds = self._settings.pricing_model.batch_timeout_seconds + _LEASE_MARGIN_SECONDS
        return RedisIdempotencyStore(self._redis, settings.max_bytes, settings.ttl_seconds, lease_seconds)


def _connect_to_redis(settings: RedisSettings, metrics: Metrics) -> "RedisConnection":
    from housing_price_orchestrator.provider.redis.connection import RedisConnection

    address = urlsplit(settings.url.get_secret_value() if settings.url else "")

    def log_state(failure: str | None) -> None:
        if failure is None:
            log.info("Redis answers again")
            return
        log.error(
            "Redis does not answer: limits are those of this process, and no answers are kept",
            reason=failure,
            address=address.netloc.rpartition("@")[2] or address.path,
            setting="ORCHESTRATOR_REDIS__URL",
        )

    return RedisConnection(settings, on_unavailable=metrics.access.redis_unavailable.inc, on_state=log_state)


def _rate(per_second: float | None, burst: int | None) -> Rate | None:
    return Rate(per_second, burst or max(1, int(per_second))) if per_second else None
