"""Settings of what people and programs see of the service: log, metrics, and its description."""

from typing import Literal

from pydantic import PositiveFloat

from housing_price_orchestrator.settings.section import Section


class LogSettings(Section):
    """What is logged, and how."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """Least important level that is logged."""
    format: Literal["auto", "json", "text"] = "auto"
    """`json`, `text` for people, or `auto`: text on a terminal, else JSON."""
    requests: Literal["errors", "all"] = "errors"
    """Log a line for failed and slow requests, or for all of them."""
    slow_request_seconds: PositiveFloat = 1.0
    """A request that takes longer is slow."""


class MetricsSettings(Section):
    """Who may read the metrics."""

    public: bool = False
    """Answer `/metrics` without an API key."""


class DocsSettings(Section):
    """The pages that describe the API."""

    enabled: bool = True
    """Serve `/docs`, `/redoc` and `/openapi.json`."""
