"""The one place where connections to the model server are made, and their time limits.

httpx's own connection pool slows down with the square of the callers and never gets back the slot of a caller
that was cancelled while it queued; aiohttp's connections under the same httpx API do neither. What httpx puts around
a transport (redirects, cookies, proxies, authentication) costs as much as the call and has no use here.
"""

import ssl

import aiohttp
import httpx
from housing_price_orchestrator.settings import PricingModelSettings
from httpx_aiohttp import AiohttpTransport

KEEP_ALIVE_SECONDS = 4
"""Below the 5 seconds after which uvicorn closes an idle connection, so that none is closed under a request."""

_NAME_AND_CONNECTION = 2
"""How often the time for a connection goes into the time until there is one: looking up the name has its own share."""


def http_transport(settings: PricingModelSettings) -> httpx.AsyncBaseTransport:
    """Pooled connections to the model server; made when first used, and to be closed."""
    return pooled_transport(settings.pool_size)


def pooled_transport(pool_size: int) -> httpx.AsyncBaseTransport:
    """So many connections to each server at most; made when first used, and to be closed."""
    # The context is not used, since the session has its own; left to itself, httpx would load all certificates for it.
    return AiohttpTransport(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), client=lambda: _session(pool_size))


def time_limits(settings: PricingModelSettings) -> httpx.Timeout:
    """The limits of one call. There is none for its answer: the deadline of a request is that."""
    connect = settings.connect_timeout_seconds
    return httpx.Timeout(None, connect=connect, pool=_NAME_AND_CONNECTION * connect)


def _session(pool_size: int) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(limit=0, limit_per_host=pool_size, keepalive_timeout=KEEP_ALIVE_SECONDS)
    session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
    # Calls are made again in one place, by ``resilience/retry.py``. aiohttp does it too, and has no public switch.
    session._retry_connection = False  # noqa: SLF001  see above
    return session
