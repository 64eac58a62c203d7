"""The one place where HTTP clients are made.

httpx's own connection pool slows down with the square of the callers and never gets back the slot of a caller
that was cancelled while it queued; aiohttp's connections under the same httpx API do neither.
"""

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from housing_price_orchestrator.settings import PricingModelSettings

KEEP_ALIVE_SECONDS = 4
"""Below the 5 seconds after which uvicorn closes an idle connection, so that none is closed under a request."""

_NAME_AND_CONNECTION = 2
"""How often the time for a connection goes into the time until there is one: looking up the name has its own share."""


def http_client(settings: PricingModelSettings) -> httpx.AsyncClient:
    """A pooled client for the model server; it connects when first used, and is to be closed.

    It has no time limit for answers: the deadline of a request is that.
    """
    return httpx.AsyncClient(
        base_url=settings.url,
        transport=AiohttpTransport(client=lambda: _session(settings)),
        timeout=httpx.Timeout(
            None, connect=settings.connect_timeout_seconds, pool=_NAME_AND_CONNECTION * settings.connect_timeout_seconds
        ),
        headers={"accept": "application/json", "accept-encoding": "identity"},
        trust_env=False,
    )


def _session(settings: PricingModelSettings) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(limit=settings.pool_size, keepalive_timeout=KEEP_ALIVE_SECONDS)
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
