"""The hosts that a service answers to when the settings list none: what it listens on decides.

Only the server knows its address, so the application by itself, in a test or in another server, takes any host.
"""

import structlog

from housing_price_orchestrator.access.hosts import hosts_of
from housing_price_orchestrator.settings import Settings

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def with_hosts(settings: Settings) -> Settings:
    """Return the settings with the hosts that requests may be for; none beyond loopback, unless they are listed."""
    return settings.model_copy(update={"allowed_hosts": hosts_of(settings.host, settings.allowed_hosts)})


def warn_of_any_host(settings: Settings) -> None:
    """Warn, once for all workers, if requests may be for any host."""
    if not hosts_of(settings.host, settings.allowed_hosts):
        log.warning(
            "requests for any host are answered",
            host=settings.host,
            advice="set ORCHESTRATOR_ALLOWED_HOSTS to the names that callers use",
        )
