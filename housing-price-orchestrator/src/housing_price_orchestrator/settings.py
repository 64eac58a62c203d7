"""The settings of the service: one frozen class, read from ``ORCHESTRATOR_…`` and a ``.env`` file.

Each section is passed to the object that needs it. ``environment.py`` reads them and explains mistakes.
"""

import re
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, PositiveFloat, PositiveInt, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "ORCHESTRATOR_"
NESTING = "__"

_SQLITE_FILE = re.compile(r"sqlite(\+aiosqlite)?:///(?!:memory:)[^?]+(\?.*)?")
_POSTGRES_BEGINNINGS = "postgresql://", "postgres://", "postgresql+psycopg://"
_POSTGRES = re.compile(r"[a-z+]+://([^:/@]*(:[^@]*)?@)?(\[[^/?\]]+\]|[^/:?@]*)(:[0-9]+)?(/[^?@]*)?(\?.*)?", re.DOTALL)


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)


class PricingModelSettings(_Section):
    """The model server that prices houses."""

    url: Annotated[str, Field(examples=["http://127.0.0.1:8080"])] = "http://127.0.0.1:8080"
    """Address of the model server, or of several that serve the same model, with commas between them."""
    mode: Literal["http", "embedded"] = "http"
    """Where the model runs: in a server at `URL`, or `embedded` in this process, which needs the extra of that name."""
    model_uri: str = "models:/housing-price@champion"
    """The model that is embedded: found in the registry that `MLFLOW_TRACKING_URI` names, or a model's folder."""
    name: str | None = None
    """Name of the model, for a server that does not say it itself."""
    version: str | None = None
    """Version of the model, for a server that does not say it itself."""
    timeout_seconds: PositiveFloat = 2.0
    """Time in which a request for one price must be answered."""
    batch_timeout_seconds: PositiveFloat = 10.0
    """Time in which a request for a batch of prices must be answered."""
    connect_timeout_seconds: PositiveFloat = 0.25
    """Time in which a connection to the model server must be made."""
    pool_timeout_seconds: PositiveFloat = 0.1
    """Time in which one of the connections to a model server must be free."""
    max_connections: PositiveInt = 2
    """Calls with single prices at the same time, for each worker and model server: the second when it is full or the
    first is slow. Raise it for a server with several workers."""
    max_merged_rows: PositiveInt = 64
    """Rows of single requests that go in one call: those that arrive while calls run are merged into the next."""
    slice_rows: PositiveInt = 256
    """Rows of a larger batch that go in one call."""
    max_slice_calls: PositiveInt = 2
    """Calls with slices of large batches at the same time, for each worker and model server, beside those with single
    prices."""
    max_waiting: PositiveInt = 500
    """Requests that may wait for a call, for each worker, before others are refused."""
    max_answer_bytes: PositiveInt = 16 * 1024 * 1024
    """Size of the largest answer that is accepted from the model server."""

    @field_validator("url")
    @classmethod
    def _are_http_addresses(cls, value: str) -> str:
        urls = [url.strip().rstrip("/") for url in value.split(",")]
        for url in urls:
            address = HttpUrl(url)
            if address.query or address.fragment:
                raise ValueError("an address has no query and no fragment")
            if address.username or address.password:
                raise ValueError("an address holds no user and no password: it is named in logs and metrics")
        if len(set(urls)) < len(urls):
            raise ValueError("an address is there twice")
        return ",".join(urls)

    @property
    def urls(self) -> tuple[str, ...]:
        """The address of each model server."""
        return tuple(self.url.split(","))

    @property
    def place(self) -> str:
        """Where the model is, for people."""
        return self.url if self.mode == "http" else self.model_uri

    @property
    def pool_size(self) -> int:
        """Connections to one model server: one a call, and one for the probe that asks who the model is."""
        return self.max_connections * self.replicas + self.max_slice_calls * self.replicas + 1

    @property
    def replicas(self) -> int:
        """How many model servers there are."""
        return len(self.urls) if self.mode == "http" else 1


class RetrySettings(_Section):
    """Calls to a model server that are made again: after a failed connection, a reset before an answer, 502 to 504."""

    attempts: PositiveInt = 2
    """How often a call is made at most."""
    base_seconds: PositiveFloat = 0.025
    """The longest pause before the first retry; twice as long before each next one, and any shorter time by chance."""
    cap_seconds: PositiveFloat = 0.25
    """The longest pause before any retry."""
    budget: Annotated[float, Field(ge=1)] = 10.0
    """Retries that there may be at once; each takes one."""
    budget_share: Annotated[float, Field(ge=0, le=1)] = 0.1
    """What each call adds to the budget, up to its size."""


class BreakerSettings(_Section):
    """The circuit breaker before the model: after many failures it is left alone for a while."""

    window_seconds: PositiveInt = 20
    """How far back calls count."""
    minimum_calls: PositiveInt = 20
    """Calls in that time before it may open."""
    failure_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Share of them that must have failed, or been slow, for it to open."""
    slow_seconds: PositiveFloat = 1.0
    """A call that takes longer is slow; one with many houses may take longer in proportion."""
    open_seconds: PositiveFloat = 5.0
    """How long it stays open the first time, twice as long each time that the probes fail."""
    longest_open_seconds: PositiveFloat = 60.0
    """How long it stays open at most."""
    probes: PositiveInt = 3
    """Calls that try whether the model is well again; all must succeed."""
    ping_seconds: PositiveFloat = 1.0
    """Time between two pings while it is open; two passes let the probes begin at once."""


class EjectionSettings(_Section):
    """Model servers that get no calls for a while because they fail, where there are several."""

    failures: PositiveInt = 5
    """Failed calls in a row after which a server is ejected, unless it is the last one."""
    seconds: PositiveFloat = 30.0
    """How long it is ejected the first time, and so much longer each next time."""
    longest_seconds: PositiveFloat = 300.0
    """How long it is ejected at most."""


class AdmissionSettings(_Section):
    """Which requests are refused because there is too much to do; batches before single prices. For each worker."""

    max_in_flight: PositiveInt = 1000
    """Requests for prices in the service; batches are refused from half of it on."""
    max_batches: PositiveInt = 32
    """Requests for batches in the service."""
    max_wait_seconds: PositiveFloat = 0.1
    """Time that a request waits for a call to the model, or twice the time of a call where that is longer; a batch is
    refused from half of it on."""
    max_batch_wait_seconds: PositiveFloat = 1.0
    """The same for the slices of a large batch, which wait for each other."""


class ShutdownSettings(_Section):
    """How the service ends when it is asked to."""

    notice_seconds: Annotated[float, Field(ge=0)] = 2.0
    """Time in which `/ready` says no and requests are still taken, so that a load balancer turns away first; none where
    nobody is connected."""
    drain_seconds: PositiveFloat = 12.0
    """Time for requests in flight after that: the longest deadline and 2 seconds."""


class RepeatSettings(_Section):
    """A cache of prices for exact repeats of a house; for each worker its own."""

    enabled: bool = False
    """Answer a house that was priced lately, every field equal and by the same version, without asking the model."""
    max_rows: PositiveInt = 10_000
    """Houses that are remembered at most; each costs about 650 bytes, its interval included."""
    ttl_seconds: PositiveFloat = 300.0
    """How long a price is remembered."""


class LimitSettings(_Section):
    """How much one request may ask for."""

    max_rows: PositiveInt = 1000
    """Houses in one batch."""
    max_body_bytes: PositiveInt = 5 * 1024 * 1024
    """Size of the largest request body."""
    body_timeout_seconds: PositiveFloat = 10.0
    """Time in which the head of a request must have arrived, and then its body."""
    max_header_bytes: PositiveInt = 32 * 1024
    """Size of the request line and all headers together."""


class ReadinessSettings(_Section):
    """The probe behind ``/ready``: a known house is priced again and again."""

    interval_seconds: PositiveFloat = 1.0
    """Time between two probes."""
    timeout_seconds: PositiveFloat = 0.25
    """Time in which a probe must be answered."""
    failures_until_down: PositiveInt = 3
    """Failed probes in a row after which the service is no longer ready."""
    passes_until_up: PositiveInt = 2
    """Passed probes in a row after which it is ready again; after the start, one is enough."""


class LogSettings(_Section):
    """What is logged, and how."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """Least important level that is logged."""
    format: Literal["auto", "json", "text"] = "auto"
    """`json`, `text` for people, or `auto`: text on a terminal, else JSON."""
    requests: Literal["errors", "all"] = "errors"
    """Log a line for failed and slow requests, or for all of them."""
    slow_request_seconds: PositiveFloat = 1.0
    """A request that takes longer is slow."""


class CorsSettings(_Section):
    """Which web pages may call the service from a browser."""

    origins: Annotated[tuple[str, ...], NoDecode, Field(examples=["https://a.example,https://b.example"])] = ()
    """Origins with commas between them; none by default."""

    @field_validator("origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value


class KeySettings(_Section):
    """The API keys that callers need."""

    file: Path = Path(".housing-price/api-keys.json")
    """File of the API keys, which `housing-price-orchestrator keys` writes. Until it exists, callers need no key."""
    required: bool = False
    """Refuse every request while there is no such file, instead of asking for no key."""
    pepper: SecretStr | None = None
    """Secret that the stored digests of keys depend on, 16 characters or more; by default the one in `PEPPER_FILE`."""
    pepper_file: Path | None = None
    """File with that secret, made with the first key; by default beside the file of the keys, with `.pepper` added."""

    @property
    def pepper_place(self) -> Path:
        """Where the pepper is, unless it is given."""
        return self.pepper_file or self.file.with_name(f"{self.file.name}.pepper")


class RateLimitSettings(_Section):
    """How often one caller may ask; no limit unless one is set. A bucket holds `BURST` requests and fills again with
    time; it is of each worker unless `ORCHESTRATOR_REDIS__URL` is set."""

    key_per_second: PositiveFloat | None = None
    """Requests a second by one API key; no limit by default."""
    key_burst: PositiveInt | None = None
    """Requests by one API key at once; by default those of one second, and at least 1."""
    address_per_second: PositiveFloat | None = None
    """Requests a second from one client address (IPv6: one /64), keys or not; no limit by default."""
    address_burst: PositiveInt | None = None
    """Requests from one address at once; by default those of one second, and at least 1."""
    max_addresses: PositiveInt = 10_000
    """Addresses that are remembered at most; one that is forgotten begins anew."""


class IdempotencySettings(_Section):
    """Answers that are kept for requests with an `Idempotency-Key`; for each worker unless Redis is set."""

    ttl_seconds: PositiveFloat = 600.0
    """How long an answer is kept."""
    max_answers: PositiveInt = 10_000
    """Answers that are kept at most."""
    max_bytes: PositiveInt = 16 * 1024 * 1024
    """Size of all of them together; a larger answer is not kept. Redis has limits of its own."""


class RedisSettings(_Section):
    """A Redis server through which workers and instances share rate limits and kept answers."""

    url: SecretStr | None = None
    """Its address, `redis://` or `rediss://`; needs the extra `redis`. By default each worker has its own limits."""
    timeout_seconds: PositiveFloat = 0.05
    """Time in which it must answer; after that, requests go on without it."""

    @field_validator("url")
    @classmethod
    def _is_an_address_of_redis(cls, value: SecretStr | None) -> SecretStr | None:
        # What is wrong is told without the address, which may hold a password.
        if value and not value.get_secret_value().startswith(("redis://", "rediss://")):
            raise ValueError("an address of Redis begins with redis:// or rediss://")
        if value and not find_spec("redis"):
            raise ValueError("needs the extra: pip install 'housing-price-orchestrator[redis]'")
        return value


class FlowSettings(_Section):
    """Endpoints by declaration."""

    folder: Path | None = None
    """Folder of the flows' YAML files; none are served by default."""
    watch: bool = True
    """Take changes of these files while they are served."""
    secrets: dict[str, SecretStr] = Field(default_factory=dict, examples=['{"market_token": "…"}'])
    """The secrets that sources may name: `ORCHESTRATOR_FLOWS__SECRETS__MARKET_TOKEN` is `{secret: market_token}`."""
    max_in_flight: PositiveInt = 500
    """Runs of flows at the same time, for each worker."""
    executions_url: SecretStr | None = None
    """Where runs are kept: `sqlite:///path` or `postgresql://…` (extra `postgres`); by default in `.housing-price`."""
    executions_per_second: PositiveInt = 20
    """Runs that went well that are kept each second, for each worker; those that did not are all kept."""
    executions_days: PositiveFloat = 7.0
    """How long a run is kept."""
    max_executions: PositiveInt = 100_000
    """Runs that are kept at most; the oldest go."""

    @field_validator("executions_url")
    @classmethod
    def _is_an_address_of_a_database(cls, value: SecretStr | None) -> SecretStr | None:
        # What is wrong is told without the address, which may hold a password.
        address = value.get_secret_value() if value else None
        if not address or _SQLITE_FILE.fullmatch(address):
            return value
        if not address.startswith(_POSTGRES_BEGINNINGS):
            raise ValueError("an address of executions is sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME")
        if not _POSTGRES.fullmatch(address):
            raise ValueError("it is no postgresql://USER:PASSWORD@HOST/NAME: an `@` in the password is written %40")
        if not find_spec("psycopg"):
            raise ValueError("needs the extra: pip install 'housing-price-orchestrator[postgres]'")
        return value

    @property
    def executions_place(self) -> str:
        """Where runs are kept."""
        return (
            self.executions_url.get_secret_value() if self.executions_url else "sqlite:///.housing-price/executions.db"
        )


class MetricsSettings(_Section):
    """Who may read the metrics."""

    public: bool = False
    """Answer `/metrics` without an API key."""


class DocsSettings(_Section):
    """The pages that describe the API."""

    enabled: bool = True
    """Serve `/docs`, `/redoc` and `/openapi.json`."""


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

    environment: Literal["local", "staging", "production"] = "local"
    """Where the service runs; appears in each log line."""
    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    """Address to listen on."""
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    """Port to listen on; where a platform sets `PORT`, that one is taken."""
    pricing_model: PricingModelSettings = PricingModelSettings()
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
    trusted_proxies: Annotated[
        tuple[IPv4Network | IPv6Network, ...], NoDecode, Field(examples=["10.0.0.0/8,fd00::/8"])
    ] = ()
    """Networks of proxies whose word on the client's address counts, with commas between them; none by default."""
    forwarded_header: Literal["x-forwarded-for", "forwarded"] = "x-forwarded-for"
    """The header in which these proxies say it."""
    keep_alive_seconds: PositiveInt = 75
    """How long a connection may wait for its next request. Longer than a proxy keeps one idle, usually 60 seconds: it
    might send a request just as the connection is closed here."""
    hsts_seconds: PositiveInt | None = None
    """How long browsers must use HTTPS (`Strict-Transport-Security`); not said by default. Only behind HTTPS."""

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value
