"""Settings of what the service shows of itself: logs, metrics and documentation."""

from typing import Literal

from pydantic import PositiveFloat

from housing_price_orchestrator.settings.section import Section


class LogSettings(Section):
    """What is logged, and how."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The lowest level to log."""
    format: Literal["auto", "json", "text"] = "auto"
    """`json`, `text` for people, or `auto`: text on a terminal, else JSON."""
    requests: Literal["errors", "all"] = "errors"
    """Log failed and slow requests (`errors`), or `all`."""
    slow_request_seconds: PositiveFloat = 1.0
    """A request that takes longer counts as slow."""


class MetricsSettings(Section):
    """Who may read the metrics."""

    public: bool = False
    """Serve `/metrics` without an API key."""


class DocsSettings(Section):
    """The pages that describe the API."""

    enabled: bool = True
    """Serve `/docs`, `/redoc` and `/openapi.json`."""
