"""ASGI middleware that decides who may call what, and how often, before any body is read."""

import binascii
import math
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from api_keys.keys import Caller, KeyRing
from api_keys.keys import Scope as KeyScope
from starlette.types import ASGIApp, Receive, Scope, Send

from housing_price_orchestrator.access.client_address import ClientAddresses, site_of
from housing_price_orchestrator.access.rate_limits import Claim, Rate, RateLimiter, Verdict
from housing_price_orchestrator.api.http.problems import error_response, not_found
from housing_price_orchestrator.api.http.security_headers import ASSETS
from housing_price_orchestrator.domain import Headers, RequestContext
from housing_price_orchestrator.errors import AccessError, Forbidden, RateLimited, Unauthenticated
from housing_price_orchestrator.observability.request_context import request_context

ALWAYS_OPEN = frozenset({"/health", "/ready"})
"""The routes for load balancers, which need no key and have no rate limit."""

SCOPES: Mapping[str, KeyScope] = {
    "/api/v1/admin": KeyScope.ADMIN,
    "/api/v1/executions": KeyScope.READ,
    "/api/v1/price/predict": KeyScope.PREDICT,
    "/api/v1/price/model": KeyScope.READ,
    "/docs": KeyScope.READ,
    "/metrics": KeyScope.READ,
    "/openapi.json": KeyScope.READ,
    "/redoc": KeyScope.READ,
}
"""The scope that each path needs, and every path below it."""

DEFAULT_SCOPE = KeyScope.PREDICT
"""The scope that all other paths need: flows are served there, or nothing."""

_PAGES = frozenset({"/docs", "/redoc", "/openapi.json"})
_BELOW_ASSETS = f"{ASSETS}/"
_CHALLENGE = ((b"www-authenticate", b'ApiKey realm="housing-price", header="X-API-Key"'),)
_PAGE_CHALLENGE = ((b"www-authenticate", b'Basic realm="housing-price: the password is an API key", charset="UTF-8"'),)


class Keys(Protocol):
    """Knows the keys that are valid now."""

    @property
    def ring(self) -> KeyRing | None:
        """The valid keys; None while none is required."""
        ...


@dataclass(frozen=True)
class AccessRules:
    """What the middleware decides by.

    Args:
        keys: the valid keys.
        addresses: finds the address of a client; None to use that of the connection.
        limits: holds the buckets; None for no limits.
        key_rate: how often one key may call; None for no limit.
        address_rate: how often one address may call; None for no limit.
        open_paths: paths that need no key.
        on_key: called with the name of each valid key that is used.
        on_limited: called with `key` or `address` for each request that exceeds that limit.
    """

    keys: Keys
    addresses: ClientAddresses | None = None
    limits: RateLimiter | None = None
    key_rate: Rate | None = None
    address_rate: Rate | None = None
    open_paths: frozenset[str] = ALWAYS_OPEN
    on_key: Callable[[str], object] = lambda _name: None
    on_limited: Callable[[str], object] = lambda _kind: None


class Access:
    """Lets allowed requests through, and rejects the others.

    Args:
        app: the application.
        rules: what is allowed.
        routes: the routes by their path, so that a rejection counts for the right route.
    """

    def __init__(self, app: ASGIApp, rules: AccessRules, routes: Mapping[str, Any]) -> None:
        self._app = app
        self._rules = rules
        self._routes = routes
        self._claims_of = lru_cache(maxsize=4096)(self._make_claims)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if not scope["path"].isprintable():
                # A route's pattern also matches before a final newline, but no rule about its path would.
                await not_found()(scope, receive, send)
                return
            rules = self._rules
            if rules.addresses is not None and scope["client"]:
                scope["client"] = rules.addresses.client(scope["client"][0], scope["headers"]), 0
            ring = rules.keys.ring
            if (ring is not None or rules.limits is not None) and scope["path"] not in ALWAYS_OPEN:
                try:
                    await self._admit(scope, ring)
                except AccessError as error:
                    scope["route"] = self._routes.get(scope["path"])
                    await error_response(error)(scope, receive, send)
                    return
        await self._app(scope, receive, send)

    async def _admit(self, scope: Scope, ring: KeyRing | None) -> None:
        rules, context, path = self._rules, request_context(scope), scope["path"]
        caller = None
        if ring is not None and (key := read_key(context.given, path)):
            caller = ring.caller(key)
            if caller is not None:
                context.key = caller.name
                rules.on_key(caller.name)
        if rules.limits is not None:
            claims = self._claims_of(scope["client"][0] if scope["client"] else None, context.key)
            if claims and (verdict := await rules.limits.take(claims)) is not None:
                self._apply(verdict, context)
        if ring is not None and path not in rules.open_paths:
            _check_scope(caller, path, context)

    def _make_claims(self, address: str | None, key: str | None) -> tuple[Claim, ...]:
        rules, claims = self._rules, []
        if rules.address_rate and address:
            claims.append(Claim("address", site_of(address), rules.address_rate))
        if rules.key_rate and key:
            claims.append(Claim("key", key, rules.key_rate))
        return tuple(claims)

    def _apply(self, verdict: Verdict, context: RequestContext) -> None:
        claim, remaining, reset_seconds, retry_after_seconds = verdict
        context.headers += (
            *_limit_headers(claim.rate),
            (b"ratelimit-remaining", b"%d" % remaining),
            (b"ratelimit-reset", b"%d" % reset_seconds),
        )
        if retry_after_seconds:
            self._rules.on_limited(claim.kind)
            raise RateLimited(claim.kind, retry_after_seconds)


def _check_scope(caller: Caller | None, path: str, context: RequestContext) -> None:
    if caller is None:
        context.headers += _PAGE_CHALLENGE if _takes_basic(path) else _CHALLENGE
        raise Unauthenticated
    needed = scope_of(path)
    if needed not in caller.scopes:
        raise Forbidden(needed)


@lru_cache(maxsize=1024)
def scope_of(path: str) -> KeyScope:
    """The scope that a path needs."""
    for start, scope in SCOPES.items():
        if path == start or path.startswith(f"{start}/"):
            return scope
    return DEFAULT_SCOPE


def read_key(headers: Mapping[bytes, bytes], path: str) -> bytes | None:
    """The key of a request: in `X-API-Key` or, for pages in a browser, as the password of HTTP Basic."""
    key = headers.get(b"x-api-key")
    if key is not None:
        return key
    authorization = headers.get(b"authorization")
    if authorization is None or not _takes_basic(path):
        return None
    scheme, _, credentials = authorization.partition(b" ")
    try:
        return b64decode(credentials, validate=True).partition(b":")[2] if scheme.lower() == b"basic" else None
    except binascii.Error:
        return None


def _takes_basic(path: str) -> bool:
    """Whether a browser may send a key as a password there: the pages, and nothing else that begins like them."""
    return path in _PAGES or path.startswith(_BELOW_ASSETS)


@lru_cache(maxsize=16)
def _limit_headers(rate: Rate) -> Headers:
    """Headers of draft-ietf-httpapi-ratelimit-headers-06, the last one with a field for each figure."""
    seconds = math.ceil(rate.burst / rate.per_second)
    return (b"ratelimit-limit", b"%d" % rate.burst), (b"ratelimit-policy", b"%d;w=%d" % (rate.burst, seconds))
