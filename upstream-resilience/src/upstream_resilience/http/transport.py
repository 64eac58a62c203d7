"""Makes the connections to upstreams, and their time limits.

httpx's own connection pool slows down with the square of the callers and never gets back the slot of a caller
that was cancelled while it queued; aiohttp's connections under the same httpx API do neither. What httpx puts around
a transport (redirects, cookies, proxies, authentication) costs as much as the call and has no use here.
"""

import ssl

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

KEEP_ALIVE_SECONDS = 4
"""Below the 5 seconds after which uvicorn closes an idle connection, so that none is closed under a request."""

_NAME_AND_CONNECTION = 2
"""How often the time for a connection goes into the time until there is one: looking up the name has its own share."""


def pooled_transport(pool_size: int) -> httpx.AsyncBaseTransport:
    """Return a transport with at most that many connections to each server.

    Connections are made when they are first used. Whoever makes the transport closes it.
    """
    # The context is not used, since the session has its own; left to itself, httpx would load all certificates for it.
    return AiohttpTransport(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), client=lambda: _session(pool_size))


def connection_time_limits(connect_seconds: float) -> httpx.Timeout:
    """Return the limits of one call: those of its connection. The deadline of the request limits the rest."""
    return httpx.Timeout(None, connect=connect_seconds, pool=_NAME_AND_CONNECTION * connect_seconds)


def _session(pool_size: int) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(limit=0, limit_per_host=pool_size, keepalive_timeout=KEEP_ALIVE_SECONDS)
    session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
    # Only ``upstream_resilience.retry`` makes calls again. aiohttp does it too, and has no public switch.
    session._retry_connection = False  # noqa: SLF001  see above
    return session
