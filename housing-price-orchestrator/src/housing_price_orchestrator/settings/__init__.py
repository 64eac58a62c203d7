"""The settings of the service: one frozen class, read from ``ORCHESTRATOR_…`` and a ``.env`` file.

Each section is passed to the object that needs it. ``environment.py`` reads them and reports what is wrong.
"""

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Literal

from http_connections.rules import KEEP_ALIVE_SECONDS
from pydantic import AfterValidator, BeforeValidator, Field, HttpUrl, PositiveInt, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from upstream_resilience.settings import EjectionSettings, RetrySettings, require_reasonable

from housing_price_orchestrator.settings.access import (
    CorsSettings,
    IdempotencySettings,
    KeySettings,
    RateLimitSettings,
    RedisSettings,
)
from housing_price_orchestrator.settings.flows import FlowSettings
from housing_price_orchestrator.settings.hosts import check_host
from housing_price_orchestrator.settings.limits import AdmissionSettings, LimitSettings, ShutdownSettings
from housing_price_orchestrator.settings.model import (
    BreakerSettings,
    PricingModelSettings,
    ReadinessSettings,
    RepeatSettings,
)
from housing_price_orchestrator.settings.observability import DocsSettings, LogSettings, MetricsSettings
from housing_price_orchestrator.settings.section import drop_slash_at_end, split_at_commas
from housing_price_orchestrator.settings.valuation import ValuationSettings

__all__ = [
    "NESTING",
    "PREFIX",
    "AdmissionSettings",
    "BreakerSettings",
    "CorsSettings",
    "DocsSettings",
    "FlowSettings",
    "IdempotencySettings",
    "KeySettings",
    "LimitSettings",
    "LogSettings",
    "MetricsSettings",
    "PricingModelSettings",
    "RateLimitSettings",
    "ReadinessSettings",
    "RedisSettings",
    "RepeatSettings",
    "Settings",
    "ShutdownSettings",
    "ValuationSettings",
]

PREFIX = "ORCHESTRATOR_"
NESTING = "__"


class Settings(BaseSettings):
    """All settings of the orchestrator."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=NESTING,
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        use_attribute_docstrings=True,
    )

    _numbers = field_validator("*")(require_reasonable)

    environment: Literal["local", "staging", "production"] = "local"
    """The environment's name, in each log line."""
    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    """The address to listen on."""
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    """The port to listen on. If a platform sets `PORT` and this is not set, `PORT` counts."""
    pricing_model: PricingModelSettings = PricingModelSettings()
    valuation: ValuationSettings = ValuationSettings()
    retry: RetrySettings = RetrySettings()
    breaker: BreakerSettings = BreakerSettings()
    ejection: EjectionSettings = EjectionSettings()
    admission: AdmissionSettings = AdmissionSettings()
    shutdown: ShutdownSettings = ShutdownSettings()
    repeats: RepeatSettings = RepeatSettings()
    limits: LimitSettings = LimitSettings()
    readiness: ReadinessSettings = ReadinessSettings()
    log: LogSettings = LogSettings()
    cors: CorsSettings = CorsSettings()
    keys: KeySettings = KeySettings()
    rate_limit: RateLimitSettings = RateLimitSettings()
    idempotency: IdempotencySettings = IdempotencySettings()
    redis: RedisSettings = RedisSettings()
    flows: FlowSettings = FlowSettings()
    metrics: MetricsSettings = MetricsSettings()
    docs: DocsSettings = DocsSettings()
    allowed_hosts: Annotated[
        tuple[Annotated[str, AfterValidator(check_host)], ...],
        NoDecode,
        BeforeValidator(split_at_commas),
        Field(examples=["prices.example.com,*.internal.example"]),
    ] = ()
    """Hosts that requests may be for, by their header `Host`, separated by commas; `*.example.com` is every name below
    it, `*` any. Defaults to `localhost`, `127.0.0.1` and `[::1]` if the service listens on loopback, else to any."""
    page_url: Annotated[HttpUrl | None, Field(examples=["https://prices.example.com"])] = None
    """The page that `/` leads to. Defaults to `/docs`."""
    root_path: Annotated[
        str,
        BeforeValidator(drop_slash_at_end),
        Field(pattern=r"^(/[A-Za-z0-9._~-]+)*$", examples=["/prices"]),
    ] = ""
    """The prefix that a proxy removes from the path of each request, for links and redirects. A trusted proxy may state
    it with `X-Forwarded-Prefix` instead. Defaults to none."""
    trusted_proxies: Annotated[
        tuple[IPv4Network | IPv6Network, ...],
        NoDecode,
        BeforeValidator(split_at_commas),
        Field(examples=["10.0.0.0/8,fd00::/8"]),
    ] = ()
    """Networks of the proxies that may state a client's address, separated by commas. Defaults to none."""
    forwarded_header: Literal["x-forwarded-for", "forwarded"] = "x-forwarded-for"
    """The header in which these proxies state it."""
    keep_alive_seconds: PositiveInt = KEEP_ALIVE_SECONDS
    """How long a connection may stay idle. Keep it above the proxy's own limit, usually 60 seconds: otherwise a request
    may meet a connection that is just being closed."""
    hsts_seconds: PositiveInt | None = None
    """How long browsers must use HTTPS (`Strict-Transport-Security`). Defaults to no such header; set it only behind
    HTTPS."""
